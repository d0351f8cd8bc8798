// The transforms and predicates that belong to no database: Kafka Connect's own and Debezium's. A source may bring more
// (SourceRegistration::transforms).
// Threads: any.
#pragma once

#include <span>

#include "core/transform.h"

namespace millrace {

std::span<const TransformClass> transform_registry();   // by class name

}  // namespace millrace
