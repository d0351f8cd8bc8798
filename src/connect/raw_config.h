// RawConfig as maps and as text: comparison, lookup, Java's map orders, and the JSON that Connect writes.
// Threads: plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connect/herder.h"

namespace millrace {

// The value of a setting; none when the setting is absent or null.
const std::string* find_setting(const RawConfig& config, std::string_view name);
// As Java's LinkedHashMap.put: an existing key keeps its place.
void put_setting(RawConfig& config, std::string_view name, std::optional<std::string> value);
// Equal as maps: order does not count.
bool same_settings(const RawConfig& a, const RawConfig& b);

// Null values are left out: to a connector they are absent.
Config to_config(const RawConfig& raw);

// The order in which Java iterates a HashMap with these keys, put in this order.
RawConfig in_hash_map_order(const RawConfig& config);
// The same for `new HashMap<>(map)`.
RawConfig in_copied_hash_map_order(const RawConfig& config);

// As Jackson writes it.
void append_json_object(std::string& out, const RawConfig& config);
// {"a":"b"} of JSON text; none when it is not an object. Values that are no strings keep their JSON text.
std::optional<RawConfig> parse_settings(std::string_view json);

}  // namespace millrace
