#include "connect/raw_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/java_hash.h"
#include "core/json_text.h"

namespace millrace {

const std::string* find_setting(const RawConfig& config, std::string_view name) {
  for (const auto& [key, value] : config)
    if (key == name) return value ? &*value : nullptr;
  return nullptr;
}

void put_setting(RawConfig& config, std::string_view name, std::optional<std::string> value) {
  for (auto& [key, present] : config)
    if (key == name) {
      present = std::move(value);
      return;
    }
  config.emplace_back(name, std::move(value));
}

bool same_settings(const RawConfig& a, const RawConfig& b) {
  if (a.size() != b.size()) return false;
  RawConfig left = a, right = b;
  std::ranges::sort(left);
  std::ranges::sort(right);
  return left == right;
}

Config to_config(const RawConfig& raw) {
  Config config;
  for (const auto& [name, value] : raw)
    if (value) config.set(name, *value);
  return config;
}

static RawConfig in_order(const RawConfig& config, JavaMapOrigin origin) {
  std::vector<std::string> keys;
  for (const auto& [name, value] : config) keys.push_back(name);
  RawConfig ordered;
  for (const std::size_t index : java_hash_map_order(keys, origin)) ordered.push_back(config[index]);
  return ordered;
}

RawConfig in_hash_map_order(const RawConfig& config) { return in_order(config, JavaMapOrigin::inserted); }

RawConfig in_copied_hash_map_order(const RawConfig& config) {
  return in_order(config, JavaMapOrigin::copied);
}

void append_json_object(std::string& out, const RawConfig& config) {
  out += '{';
  for (bool first = true; const auto& [name, value] : config) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, name);
    out += ':';
    if (value) append_json_string(out, *value);
    else out += "null";
  }
  out += '}';
}

std::optional<RawConfig> parse_settings(std::string_view json) {
  const auto parsed = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  RawConfig config;
  for (const auto& [name, value] : parsed.items()) {
    if (value.is_null()) config.emplace_back(name, std::nullopt);
    else if (value.is_string()) config.emplace_back(name, value.get<std::string>());
    else config.emplace_back(name, value.dump());
  }
  return config;
}

}  // namespace millrace
