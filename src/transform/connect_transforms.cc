#include <vector>

#include "transform/class_lists.h"
#include "transform/connect_classes.h"

namespace millrace {

std::span<const TransformClass> connect_transforms() {
  static const std::vector<TransformClass> all = [] {
    std::vector<TransformClass> list;
    const auto add = [&](const auto& classes) { list.insert(list.end(), classes.begin(), classes.end()); };
    add(cast_classes());
    add(drop_headers_class());
    add(extract_field_classes());
    add(filter_class());
    add(flatten_classes());
    add(header_from_classes());
    add(hoist_field_classes());
    add(insert_field_classes());
    add(insert_header_class());
    add(mask_field_classes());
    add(regex_router_class());
    add(replace_field_classes());
    add(set_schema_metadata_classes());
    add(timestamp_converter_classes());
    add(timestamp_router_class());
    add(value_to_key_class());
    return list;
  }();
  return all;
}

}  // namespace millrace
