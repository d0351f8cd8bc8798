#include "core/config_values.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "core/java_hash.h"
#include "core/java_regex.h"
#include "core/letters.h"
#include "core/numbers.h"

namespace millrace {
namespace {

std::optional<std::int64_t> integer_of(std::string_view text, std::int64_t least, std::int64_t most) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

template <typename Integer>
Result<std::string> parse_integer(std::string_view text, std::string_view type) {
  using Limits = std::numeric_limits<Integer>;
  const auto number = integer_of(text, Limits::min(), Limits::max());
  if (!number) return fail("Not a number of type " + std::string{type});
  return std::to_string(*number);
}

Result<std::string> parse_double(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return fail("Not a number of type DOUBLE");
  return double_text(value);
}

std::string text_or_null(const std::string* value) { return value == nullptr ? "null" : *value; }

}  // namespace

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

std::vector<std::string> list_parts(std::string_view text) {
  std::vector<std::string> parts;
  std::string_view rest = trimmed(text);
  if (rest.empty()) return parts;
  while (true) {
    const auto comma = rest.find(',');
    parts.emplace_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    rest.remove_prefix(comma + 1);
  }
}

std::string java_list_text(const std::vector<std::string>& parts) { return "[" + joined(parts, ", ") + "]"; }

Result<std::string> parse_value(ConfigType type, std::string_view text) {
  const std::string_view value = trimmed(text);
  switch (type) {
    case ConfigType::boolean: {
      std::string word = lower(value);
      if (word != "true" && word != "false") return fail("Expected value to be either true or false");
      return word;
    }
    case ConfigType::int16: return parse_integer<std::int16_t>(value, "SHORT");
    case ConfigType::int32: return parse_integer<std::int32_t>(value, "INT");
    case ConfigType::int64: return parse_integer<std::int64_t>(value, "LONG");
    case ConfigType::float64: return parse_double(value);
    case ConfigType::list: return joined(list_parts(value), ",");
    default: return std::string{value};
  }
}

std::string invalid_value(std::string_view value, std::string_view name, std::string_view reason) {
  return "Invalid value " + std::string{value} + " for configuration " + std::string{name} + ": " + std::string{reason};
}

std::string missing_value(std::string_view name) {
  return "Missing required configuration \"" + std::string{name} + "\" which has no default value.";
}

CheckedValue check_value(const ConfigKey& key, const std::string& prefix, bool present, const std::string* given) {
  CheckedValue checked;
  const std::string name = prefix + key.name;
  if (given != nullptr) {
    if (auto value = parse_value(key.type, *given)) checked.value = std::move(*value);
    else checked.errors.push_back(invalid_value(*given, name, value.error().text));
  } else if (!present && key.required) {
    checked.errors.push_back(missing_value(name));
  } else if (!present) {
    checked.value = key.default_text;
  }
  if (!key.validator) return checked;
  if (std::string error = key.validator(key.name, checked.value ? &*checked.value : nullptr); !error.empty())
    checked.errors.push_back(std::move(error));
  return checked;
}

ConfigValidator at_least_if_given(std::int64_t least) {
  return [least](const std::string& name, const std::string* value) -> std::string {
    if (value == nullptr || integer_of(*value, least, std::numeric_limits<std::int64_t>::max())) return {};
    return invalid_value(*value, name, "Value must be at least " + std::to_string(least));
  };
}

ConfigValidator at_least(std::int64_t least) {
  return [given = at_least_if_given(least)](const std::string& name, const std::string* value) {
    return value == nullptr ? invalid_value("null", name, "Value must be non-null") : given(name, value);
  };
}

ConfigValidator one_of(std::vector<std::string> values) {
  return [values = std::move(values)](const std::string& name, const std::string* value) -> std::string {
    if (value != nullptr && std::ranges::find(values, *value) != values.end()) return {};
    return invalid_value(text_or_null(value), name, "String must be one of: " + joined(values, ", "));
  };
}

// Java keeps these values in a HashSet and prints it.
ConfigValidator one_of_any_case(std::vector<std::string> values) {
  return [values = std::move(values)](const std::string& name, const std::string* value) -> std::string {
    if (value != nullptr && std::ranges::find(values, upper(*value)) != values.end()) return {};
    std::vector<std::string> ordered;
    for (const std::size_t i : java_hash_map_order(values)) ordered.push_back(values[i]);
    return invalid_value(text_or_null(value), name, "String must be one of (case insensitive): " + joined(ordered, ", "));
  };
}

ConfigValidator non_empty_string() {
  return [](const std::string& name, const std::string* value) -> std::string {
    return value != nullptr && value->empty() ? invalid_value("", name, "String must be non-empty") : std::string{};
  };
}

ConfigValidator non_null() {
  return [](const std::string& name, const std::string* value) -> std::string {
    return value == nullptr ? invalid_value("null", name, "entry must be non null") : std::string{};
  };
}

ConfigValidator non_empty_list() {
  return [](const std::string& name, const std::string* value) -> std::string {
    if (value != nullptr && !value->empty()) return {};
    return invalid_value(value == nullptr ? "null" : "[]", name, "Empty list");
  };
}

ConfigValidator unique_list() {
  return [](const std::string& name, const std::string* value) -> std::string {
    if (value == nullptr) return invalid_value("null", name, "entry must be non null");
    const std::vector<std::string> parts = list_parts(*value);
    std::vector<std::string> sorted = parts;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) == sorted.end()) return {};
    return invalid_value(java_list_text(parts), name, "Duplicate alias provided.");
  };
}

ConfigValidator java_regex() {
  return [](const std::string& name, const std::string* value) -> std::string {
    if (value == nullptr)
      return invalid_value("null", name, "Invalid regex: Cannot invoke \"String.isEmpty()\" because \"this.pattern\" is null");
    const auto regex = JavaRegex::compile(*value);
    return regex ? std::string{} : invalid_value(*value, name, "Invalid regex: " + regex.error().text);
  };
}

}  // namespace millrace
