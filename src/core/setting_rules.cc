#include "core/setting_rules.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "core/java_regex.h"

namespace millrace::setting {
namespace {

// Java's parseInt and parseLong: no blanks, a leading plus is fine.
template <typename Number>
std::optional<Number> java_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Number>
void expect_number(const std::string& text, std::optional<Number> least, const char* problem, Problems& problems) {
  const auto value = java_number<Number>(text);
  if (!value || (least && *value < *least)) problems.emplace_back(problem);
}

bool is_java_name(std::string_view text) {
  bool at_start = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80) != 0;
    const bool digit = c >= '0' && c <= '9';
    if (c == '.' ? at_start : !(letter || (digit && !at_start))) return false;
    at_start = c == '.';
  }
  return !at_start;
}

void check_type(const std::string& text, ConfigType type, Problems& problems) {
  switch (type) {
    case ConfigType::boolean:
      if (const std::string word = lower(trimmed(text)); word != "true" && word != "false")
        problems.emplace_back("Either 'true' or 'false' is expected");
      return;
    case ConfigType::int16: return expect_number<std::int16_t>(text, {}, "A short value is expected", problems);
    case ConfigType::int32: return expect_number<std::int32_t>(text, {}, "An integer is expected", problems);
    case ConfigType::int64: return expect_number<std::int64_t>(text, {}, "A long value is expected", problems);
    case ConfigType::class_name:
      if (!is_java_name(text)) problems.emplace_back("A Java class name is expected");
      return;
    default: return;
  }
}

void check_allowed(const std::string& text, const std::vector<std::string>& allowed, Problems& problems) {
  if (allowed.empty() || std::ranges::find(allowed, lower(trimmed(text))) != allowed.end()) return;
  std::string problem = "Value must be one of ";
  for (const std::string& value : allowed) problem += (&value == allowed.data() ? "" : ", ") + value;
  problems.push_back(std::move(problem));
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}
constexpr const char* k_name_rule =
    " has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)";

}  // namespace

Problems check(const Config& config, const ConfigKey& key, std::span<const NamedRule> rules) {
  Problems problems;
  const std::string* text = config.find(key.name);
  if (text != nullptr) {
    check_type(*text, key.type, problems);
    check_allowed(*text, key.allowed, problems);
  }
  for (const auto& [name, rule] : rules)
    if (name == key.name) rule(config, text, problems);
  return problems;
}

void required(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || trimmed(*text).empty()) problems.emplace_back("A value is required");
}

void topic_name(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !is_name(*text)) problems.push_back(*text + k_name_rule);
}
void host_name(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !trimmed(*text).empty() && !is_name(*text)) problems.push_back(*text + k_name_rule);
}

void boolean(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) check_type(*text, ConfigType::boolean, problems);
}
void integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) check_type(*text, ConfigType::int32, problems);
}
void positive_integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr)
    expect_number<std::int32_t>(*text, 1, "A positive, non-zero integer value is expected", problems);
}
void non_negative_integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int32_t>(*text, 0, "An non-negative integer is expected", problems);
}
void positive_long(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int64_t>(*text, 1, "A positive, non-zero long value is expected", problems);
}
void non_negative_long(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int64_t>(*text, 0, "A non-negative long value is expected", problems);
}

void regex_list(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  if (const auto list = RegexList::compile(*text); !list)
    problems.push_back("A comma-separated list of valid regular expressions is expected, but " + list.error().text);
}
// A number that does not parse counts as the default.
void queue_size(const Config& config, const std::string*, Problems& problems) {
  const auto queue = java_number<std::int32_t>(config.get("max.queue.size")).value_or(8192);
  if (queue <= 0) problems.emplace_back("A positive queue size is required");
  if (queue <= java_number<std::int32_t>(config.get("max.batch.size")).value_or(2048))
    problems.emplace_back("Must be larger than the maximum batch size");
}

// Java's String.split: empty parts at the end do not count.
std::vector<std::string_view> java_split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

void skipped_operations(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || *text == "none") return;
  bool none = false, some = false;
  for (const std::string_view part : java_split(*text, ',')) {
    const std::string_view operation = trimmed(part);
    if (operation == "none") {
      none = true;
    } else if (operation.size() == 1 && std::string_view{"rcudt"}.find(operation) != std::string_view::npos) {
      some = true;
    } else {
      problems.emplace_back("Invalid operation");
      return;
    }
  }
  if (none && some) problems.emplace_back("'none' cannot be specified with other skipped operation types");
}

void pairs(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || trimmed(*text).empty()) return;
  for (const std::string_view pair : java_split(*text, ','))
    if (java_split(pair, '=').size() != 2)
      return problems.push_back(
          "A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2");
}

void notification_topic(const Config& config, const std::string* text, Problems& problems) {
  const auto channels = config.list("notification.enabled.channels");
  if (text == nullptr && std::ranges::find(channels, "sink") != channels.end())
    problems.emplace_back("Notification topic name must be provided when kafka notification channel is enabled");
}

}  // namespace millrace::setting
