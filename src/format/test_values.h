// What the tests of the converters share: the classes' names, schemas and values in short.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_string = "org.apache.kafka.connect.storage.StringConverter";
inline constexpr std::string_view k_json = "org.apache.kafka.connect.json.JsonConverter";
inline constexpr std::string_view k_header = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

inline SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }
inline Value integer(std::int64_t value) { return Value{value}; }

}  // namespace millrace
