// The three lists of which transform/registry.h is made.
#pragma once

#include <span>

#include "core/transform.h"

namespace millrace {

std::span<const TransformClass> connect_transforms();    // org.apache.kafka.connect.transforms.*
std::span<const TransformClass> connect_predicates();    // org.apache.kafka.connect.transforms.predicates.*
std::span<const TransformClass> debezium_transforms();   // io.debezium.transforms.*

}  // namespace millrace
