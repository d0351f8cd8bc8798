#include "transform/class_lists.h"

namespace millrace {

std::span<const TransformClass> connect_predicates() { return {}; }

}  // namespace millrace
