// A struct without structs inside: their fields come up under their whole path, "a_b" for b in a. Arrays stay as they are.
// Source: Kafka Connect 4.0's Flatten, with a schema. Threads: any; nothing is kept.
#pragma once

#include <string_view>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

// Of a structure's schema. Errors: two paths that are one name, a map.
Result<SchemaPtr> flattened_schema(const Schema& schema, std::string_view delimiter);

// The fields of `value` in the order of flattened_schema() of its schema; what is absent and has a default is the default.
Value flattened_value(const Value::Struct& value, SchemaPtr flattened);

}  // namespace millrace
