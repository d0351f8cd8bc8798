#include "connect/offset_maps.h"

#include <nlohmann/json.hpp>

#include "core/java_hash.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace millrace {

using Json = nlohmann::ordered_json;

std::optional<std::string> partition_of_key(std::string_view key) {
  const Json parsed = Json::parse(key, nullptr, false);
  if (!parsed.is_array() || parsed.size() != 2 || !parsed[0].is_string() || !parsed[1].is_object())
    return std::nullopt;
  // The bytes as they are: what a client sends back must find the same key again.
  bool quoted = false;
  for (std::size_t i = key.find('"'); i < key.size(); ++i) {
    if (key[i] == '\\') ++i;
    else if (key[i] == '"') quoted = !quoted;
    else if (key[i] == '{' && !quoted) return std::string{key.substr(i, key.rfind('}') + 1 - i)};
  }
  return std::nullopt;
}

static void append_value(std::string& out, const Json& value) {
  if (value.is_string()) append_json_string(out, value.get_ref<const std::string&>());
  else if (value.is_number_float()) out += double_text(value.get<double>());
  else out += value.dump();
}

Result<std::string> normalized_map(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) return fail("Offsets and partitions must be maps", Retry::no, k_data_exception);
  std::vector<std::string> keys;
  for (const auto& [name, value] : parsed.items()) {
    if (value.is_structured())
      return fail("Offsets may only contain primitive types as values, but field " + name + " contains " +
                      (value.is_array() ? "ARRAY" : "MAP"),
                  Retry::no, k_data_exception);
    keys.push_back(name);
  }
  std::string text = "{";
  for (const std::size_t index : java_hash_map_order(keys)) {
    if (text.size() > 1) text += ',';
    append_json_string(text, keys[index]);
    text += ':';
    append_value(text, parsed[keys[index]]);
  }
  return text + "}";
}

bool same_map(std::string_view a, std::string_view b) {
  const auto left = nlohmann::json::parse(a, nullptr, false), right = nlohmann::json::parse(b, nullptr, false);
  return !left.is_discarded() && left == right;
}

}  // namespace millrace
