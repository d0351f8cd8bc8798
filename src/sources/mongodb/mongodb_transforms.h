// The transforms that belong to the MongoDB connector, by class name.
// Threads: any.
#pragma once

#include <span>

#include "core/transform.h"

namespace millrace::mongodb {

std::span<const TransformClass> mongodb_transforms();

}  // namespace millrace::mongodb
