#include "transform/class_lists.h"

namespace millrace {

std::span<const TransformClass> connect_transforms() { return {}; }

}  // namespace millrace
