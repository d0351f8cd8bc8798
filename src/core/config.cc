#include "core/config.h"

#include <algorithm>
#include <charconv>

#include "core/letters.h"

namespace millrace {
namespace {

// What String.trim() of Java removes: everything up to and including the blank.
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

bool Config::boolean(std::string_view name, bool fallback) const {
  const std::string* text = find(name);
  if (text == nullptr) return fallback;
  const std::string_view word = trimmed(*text);
  if (equals_ignoring_case(word, "true")) return true;
  if (equals_ignoring_case(word, "false")) return false;
  return fallback;
}

std::int64_t Config::integer(std::string_view name, std::int64_t fallback) const {
  const std::string* text = find(name);
  if (text == nullptr) return fallback;
  std::string_view digits = trimmed(*text);
  // Java takes a leading plus, from_chars does not; "+-1" is no number in either.
  if (digits.size() > 1 && digits.front() == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? value : fallback;
}

std::vector<std::string> Config::list(std::string_view name) const {
  std::vector<std::string> parts;
  const std::string* text = find(name);
  if (text == nullptr) return parts;
  std::string_view rest = *text;
  while (true) {
    const auto comma = rest.find(',');
    const std::string_view part = trimmed(rest.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    if (comma == std::string_view::npos) return parts;
    rest.remove_prefix(comma + 1);
  }
}

Config Config::with_prefix_stripped(std::string_view prefix) const {
  Config out;
  for (auto at = entries_.lower_bound(prefix); at != entries_.end() && at->first.starts_with(prefix); ++at)
    if (at->first.size() > prefix.size()) out.set(at->first.substr(prefix.size()), at->second);
  return out;
}

const ConfigKey* ConfigDef::find(std::string_view name) const {
  const auto at = std::ranges::find(keys_, name, &ConfigKey::name);
  return at == keys_.end() ? nullptr : &*at;
}

ConfigError invalid_option(std::string_view name, const std::string& problem) {
  return {std::string{name}, "The '" + std::string{name} + "' value is invalid: " + problem};
}

ConfigErrors ConfigDef::validate(const Config& config) const {
  ConfigErrors errors;
  for (const ConfigKey& key : keys_) {
    if (key.check == nullptr) continue;
    for (const std::string& problem : key.check(config, key))
      errors.push_back(invalid_option(key.name, problem));
  }
  return errors;
}

}  // namespace millrace
