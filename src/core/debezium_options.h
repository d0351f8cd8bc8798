// How Debezium's transforms check their options when a task starts, which is after Connect has parsed them by their types.
// Threads: plain functions. Source: Debezium 2.7's Field and SmtManager.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/letters.h"
#include "core/setting_rules.h"

namespace millrace {

// "Unable to validate config." and what is wrong. `rules`: beside the types of `def`.
Result<void> check_all_options(const Config& options, const ConfigDef& def, std::span<const setting::NamedRule> rules);
// "Invalid value x for configuration y: The 'y' value is invalid: ..."
Result<void> check_each_option(const Config& options, const ConfigDef& def, std::span<const setting::NamedRule> rules);

// The option or its default in `def`.
std::string option_text(const Config& options, const ConfigDef& def, std::string_view name);
// At commas, trimmed; empty parts stay but at the end. Absent: none.
std::vector<std::string> option_parts(const Config& options, std::string_view name);

namespace setting {

void regex(const Config& config, const std::string* text, Problems& problems);
void no_empty_parts(const Config& config, const std::string* text, Problems& problems);
void no_blanks_in_parts(const Config& config, const std::string* text, Problems& problems);   // and no empty parts

// One of `values`, an array of texts in lower case, in any case.
template <const auto& values>
void enumeration(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  std::string problem = "Value must be one of ";
  for (const std::string_view value : values) {
    if (lower(trimmed(*text)) == value) return;
    problem += (&value == &values[0] ? "" : ", ") + std::string{value};
  }
  problems.push_back(std::move(problem));
}

}  // namespace setting
}  // namespace millrace
