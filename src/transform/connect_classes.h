// What the files of Kafka Connect's own transforms bring to connect_transforms().
#pragma once

#include <array>
#include <string_view>

#include "core/transform.h"
#include "transform/connect_options.h"
#include "transform/record_part.h"

namespace millrace {

std::array<TransformClass, 1> regex_router_class();
std::array<TransformClass, 1> timestamp_router_class();
std::array<TransformClass, 1> filter_class();
std::array<TransformClass, 1> value_to_key_class();
std::array<TransformClass, 1> insert_header_class();
std::array<TransformClass, 1> drop_headers_class();
std::array<TransformClass, 2> insert_field_classes();   // $Key and $Value, as those below
std::array<TransformClass, 2> replace_field_classes();
std::array<TransformClass, 2> mask_field_classes();
std::array<TransformClass, 2> extract_field_classes();
std::array<TransformClass, 2> hoist_field_classes();
std::array<TransformClass, 2> cast_classes();
std::array<TransformClass, 2> timestamp_converter_classes();
std::array<TransformClass, 2> flatten_classes();
std::array<TransformClass, 2> header_from_classes();
std::array<TransformClass, 2> set_schema_metadata_classes();

// `Made::create(part, options)` for both parts.
template <typename Made>
std::array<TransformClass, 2> classes_of_both_parts(std::string_view key_class, std::string_view value_class,
                                                    const ConfigDef& (*config_def)()) {
  return {TransformClass{.class_name = key_class, .version = k_connect_version, .config_def = config_def,
                         .make_transform = [](const Config& options) { return Made::create(RecordPart::key, options); }},
          TransformClass{.class_name = value_class, .version = k_connect_version, .config_def = config_def,
                         .make_transform = [](const Config& options) { return Made::create(RecordPart::value, options); }}};
}

}  // namespace millrace
