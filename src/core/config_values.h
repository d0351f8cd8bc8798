// One value of a setting as Kafka's ConfigDef takes it: parsed by its type, then looked at by a validator.
// Threads: plain functions and values. Texts of errors are Kafka's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"

namespace millrace {

// ConfigDef's LIST: blanks around commas go, empty parts stay.
std::vector<std::string> list_parts(std::string_view text);
std::string joined(const std::vector<std::string>& parts, std::string_view separator);
// A list as Java prints it: "[a, b]".
std::string java_list_text(const std::vector<std::string>& parts);

// The value in the form in which REST shows it: "TRUE" as "true", " a , b" as "a,b". Errors: what is wrong, without
// value and name ("Not a number of type INT"). CLASS: the trimmed text.
Result<std::string> parse_value(ConfigType type, std::string_view text);

// "Invalid value 0 for configuration tasks.max: Value must be at least 1"
std::string invalid_value(std::string_view value, std::string_view name, std::string_view reason);
std::string missing_value(std::string_view name);

// Errors of one setting of a configuration, all of them, as ConfigDef finds them: by type, then by its validator.
// `prefix`: before the names of the settings, as "transforms.a."; errors of the validator are without it.
struct CheckedValue {
  std::optional<std::string> value;
  std::vector<std::string> errors;
};
// `present` and no text: JSON's null, which has neither a default nor the error of a missing value.
CheckedValue check_value(const ConfigKey& key, const std::string& prefix, bool present, const std::string* given);

// Kafka's validators.
ConfigValidator at_least(std::int64_t least);                        // a missing value is an error
ConfigValidator at_least_if_given(std::int64_t least);
ConfigValidator one_of(std::vector<std::string> values);
ConfigValidator one_of_any_case(std::vector<std::string> values);    // in capitals
ConfigValidator non_empty_string();
ConfigValidator non_null();                                          // Connect's NonNullValidator
ConfigValidator non_empty_list();                                    // Connect's NonEmptyListValidator
ConfigValidator unique_list();                                       // of aliases
ConfigValidator java_regex();                                        // Connect's RegexValidator

}  // namespace millrace
