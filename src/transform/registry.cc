#include "transform/registry.h"

#include <algorithm>
#include <vector>

#include "transform/class_lists.h"

namespace millrace {

std::span<const TransformClass> transform_registry() {
  static const std::vector<TransformClass> all = [] {
    std::vector<TransformClass> list;
    for (const auto& classes : {connect_transforms(), connect_predicates(), debezium_transforms()})
      list.insert(list.end(), classes.begin(), classes.end());
    std::ranges::sort(list, {}, &TransformClass::class_name);
    return list;
  }();
  return all;
}

}  // namespace millrace
