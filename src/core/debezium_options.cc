#include "core/debezium_options.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/java_regex.h"

namespace millrace {
namespace {

std::string told(const ConfigKey& key, const std::string& problem) { return "The '" + key.name + "' value is invalid: " + problem; }

}  // namespace

Result<void> check_all_options(const Config& options, const ConfigDef& def, std::span<const setting::NamedRule> rules) {
  std::string problems;
  for (const ConfigKey& key : def.keys())
    for (const std::string& problem : setting::check(options, key, rules)) problems += ' ' + told(key, problem);
  if (problems.empty()) return {};
  return fail("Unable to validate config." + problems, Retry::no, k_connect_exception);
}

Result<void> check_each_option(const Config& options, const ConfigDef& def, std::span<const setting::NamedRule> rules) {
  for (const ConfigKey& key : def.keys()) {
    const setting::Problems problems = setting::check(options, key, rules);
    if (problems.empty()) continue;
    return fail(invalid_value(options.get(key.name, "null"), key.name, told(key, problems.front())), Retry::no, k_config_exception);
  }
  return {};
}

std::string option_text(const Config& options, const ConfigDef& def, std::string_view name) {
  const ConfigKey* key = def.find(name);
  return options.get(name, key == nullptr ? "" : key->default_text.value_or(""));
}

std::vector<std::string> option_parts(const Config& options, std::string_view name) {
  std::vector<std::string> parts;
  const std::string* text = options.find(name);
  if (text == nullptr) return parts;
  for (const std::string_view part : setting::java_split(*text, ',')) parts.emplace_back(trimmed(part));
  return parts;
}

namespace setting {

void regex(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  if (const auto compiled = JavaRegex::compile(*text, RegexCase::ignored); !compiled)
    problems.push_back("A valid regular expressions is expected, but " + compiled.error().text);
}

void no_empty_parts(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  if (std::ranges::any_of(java_split(*text, ','), [](std::string_view part) { return trimmed(part).empty(); }))
    problems.emplace_back("Empty string element(s) not permitted");
}

void no_blanks_in_parts(const Config& config, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  no_empty_parts(config, text, problems);
  if (std::ranges::any_of(java_split(*text, ','),
                          [](std::string_view part) { return trimmed(part).find(' ') != std::string_view::npos; }))
    problems.emplace_back("Element(s) containing space not permitted");
}

}  // namespace setting
}  // namespace millrace
