// Expected texts were printed by Kafka 4.0's ConfigDef.validateAll and Connect 4.0's validators.
#include "core/config_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> errors(const ConfigKey& key, const std::string& given) {
  return check_value(key, "p.", true, &given).errors;
}
std::vector<std::string> missing(const ConfigKey& key) { return check_value(key, "p.", false, nullptr).errors; }

TEST(ConfigValues, AreParsedByTheirType) {
  EXPECT_EQ(parse_value(ConfigType::boolean, " TRUE "), "true");
  EXPECT_EQ(parse_value(ConfigType::boolean, "yes").error().text, "Expected value to be either true or false");
  EXPECT_EQ(parse_value(ConfigType::int32, "+7"), "7");
  EXPECT_EQ(parse_value(ConfigType::int32, "2147483648").error().text, "Not a number of type INT");
  EXPECT_EQ(parse_value(ConfigType::int16, "32768").error().text, "Not a number of type SHORT");
  EXPECT_EQ(parse_value(ConfigType::int64, "+-1").error().text, "Not a number of type LONG");
  EXPECT_EQ(parse_value(ConfigType::float64, "1e3"), "1000.0");
  EXPECT_EQ(parse_value(ConfigType::float64, "x").error().text, "Not a number of type DOUBLE");
  EXPECT_EQ(parse_value(ConfigType::list, " a , ,b "), "a,,b");
  EXPECT_EQ(parse_value(ConfigType::string, " a b "), "a b");
}

TEST(ConfigValues, ListsKeepTheirEmptyParts) {
  EXPECT_THAT(list_parts(""), IsEmpty());
  EXPECT_THAT(list_parts(" a,, b"), ElementsAre("a", "", "b"));
  EXPECT_EQ(java_list_text({"a", "b"}), "[a, b]");
}

TEST(ConfigValues, AnErrorOfTheTypeHasThePrefixAndOneOfTheValidatorHasNot) {
  const ConfigKey regex{.name = "regex", .required = true, .validator = java_regex()};
  EXPECT_THAT(errors(regex, "(a"), ElementsAre("Invalid value (a for configuration regex: Invalid regex: Unclosed group near index 2\n(a"));
  EXPECT_THAT(missing(regex),
              ElementsAre("Missing required configuration \"p.regex\" which has no default value.",
                          "Invalid value null for configuration regex: Invalid regex: Cannot invoke \"String.isEmpty()\" because "
                          "\"this.pattern\" is null"));
  const ConfigKey fields{.name = "fields", .type = ConfigType::list, .required = true, .validator = non_empty_list()};
  EXPECT_THAT(errors(fields, ""), ElementsAre("Invalid value [] for configuration fields: Empty list"));
  EXPECT_THAT(errors(fields, "a"), IsEmpty());
  EXPECT_THAT(errors({.name = "n", .type = ConfigType::int32}, "x"),
              ElementsAre("Invalid value x for configuration p.n: Not a number of type INT"));
}

TEST(ConfigValues, ADefaultStandsWhereNothingIsGiven) {
  EXPECT_EQ(check_value({.name = "a", .default_text = "d"}, "", false, nullptr).value, "d");
  EXPECT_EQ(check_value({.name = "a", .default_text = "d"}, "", true, nullptr).value, std::nullopt);   // JSON's null
}

TEST(ConfigValues, ValidatorsSayWhatTheyExpect) {
  EXPECT_THAT(errors({.name = "m", .validator = one_of({"a", "b"})}, "c"),
              ElementsAre("Invalid value c for configuration m: String must be one of: a, b"));
  EXPECT_THAT(errors({.name = "m", .type = ConfigType::int64, .validator = at_least(1)}, "0"),
              ElementsAre("Invalid value 0 for configuration m: Value must be at least 1"));
  EXPECT_THAT(missing({.name = "m", .type = ConfigType::int64, .validator = at_least_if_given(1)}), IsEmpty());
  EXPECT_THAT(errors({.name = "m", .validator = non_empty_string()}, " "),
              ElementsAre("Invalid value  for configuration m: String must be non-empty"));
  EXPECT_THAT(missing({.name = "m", .validator = non_null()}), ElementsAre("Invalid value null for configuration m: entry must be non null"));
  EXPECT_THAT(errors({.name = "m", .validator = non_null()}, ""), IsEmpty());
  EXPECT_THAT(errors({.name = "m", .type = ConfigType::list, .validator = unique_list()}, "a, a"),
              ElementsAre("Invalid value [a, a] for configuration m: Duplicate alias provided."));
}

}  // namespace
}  // namespace millrace
