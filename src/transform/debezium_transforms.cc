#include "transform/class_lists.h"

namespace millrace {

std::span<const TransformClass> debezium_transforms() { return {}; }

}  // namespace millrace
