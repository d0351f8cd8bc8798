// Expected verdicts were printed by Connect 4.0's ConnectorConfig.enrich and ConfigDef.validateAll.
#include "connect/alias_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config_values.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const ConfigDef& route_config() {
  static const ConfigDef definition{{{.name = "regex", .required = true, .importance = Importance::high, .width = Width::none,
                                      .display_name = "regex", .validator = java_regex()},
                                     {.name = "a.word", .default_text = "w", .importance = Importance::high},
                                     {.name = "negate", .default_text = "hidden"},
                                     {.name = "late", .importance = Importance::low, .group = "Modes", .order = 0}}};
  return definition;
}
const ConfigDef& no_config() {
  static const ConfigDef definition{{}};
  return definition;
}
Result<std::unique_ptr<Transform>> no_transform(const Config&) { return fail("not made in this test"); }
Result<std::unique_ptr<Predicate>> no_predicate(const Config&) { return fail("not made in this test"); }

constexpr TransformClass k_classes[] = {
    {.class_name = "test.Route", .version = "1", .config_def = route_config, .make_transform = no_transform},
    {.class_name = "test.Inner$Key", .version = "1", .config_def = no_config, .make_transform = no_transform},
    {.class_name = "test.Holds", .version = "1", .config_def = no_config, .make_predicate = no_predicate}};

std::vector<ConfigVerdict> verdicts(const RawConfig& raw) {
  Config given;
  for (const auto& [name, value] : raw)
    if (value) given.set(name, *value);
  const SourceRegistration source{.transforms = k_classes};
  const CheckedSettings settings{.raw = raw, .given = given, .resolved = given};
  return validate_aliases(settings, source);
}

std::vector<std::string> alias_errors(const RawConfig& raw) {
  std::vector<std::string> out;
  for (const ConfigVerdict& verdict : verdicts(raw)) out.insert(out.end(), verdict.errors.begin(), verdict.errors.end());
  return out;
}

TEST(AliasValidation, AnAliasBringsItsTypeThenItsOptionsInJavasOrder) {
  const auto found = verdicts({{"transforms", "r"}, {"transforms.r.type", "Route"}, {"transforms.r.regex", "a"}});
  std::vector<std::string> names;
  for (const ConfigVerdict& verdict : found) {
    names.push_back(verdict.name + "@" + std::to_string(verdict.definition->order));
    EXPECT_THAT(verdict.errors, IsEmpty());
  }
  EXPECT_THAT(names, ElementsAre("transforms.r.type@0", "transforms.r.regex@1", "transforms.r.a.word@2",
                                 "transforms.r.negate@3", "transforms.r.predicate@4", "transforms.r.late@5"));
  EXPECT_EQ(found[0].value, "test.Route");
  EXPECT_EQ(found[0].definition->display_name, "Transformation type for r");
  EXPECT_EQ(found[1].definition->group, "Transforms: r");
  EXPECT_EQ(found[3].value, "false");
  EXPECT_EQ(found[5].definition->group, "Transforms: r: Modes");
  EXPECT_THAT(found[0].definition->allowed, testing::IsSupersetOf({"test.Inner$Key", "test.Route"}));
}

TEST(AliasValidation, NamesWhatIsWrong) {
  EXPECT_THAT(alias_errors({{"transforms", "a,,b"}, {"transforms.a.type", "Inner$Key"}}),
              ElementsAre("Invalid value Inner$Key for configuration transforms.a.type: Class Inner$Key could not be found.",
                          "Missing required configuration \"transforms..type\" which has no default value.",
                          "Missing required configuration \"transforms.b.type\" which has no default value."));
  EXPECT_THAT(alias_errors({{"transforms", "a"}, {"transforms.a.type", "Holds"}}),
              ElementsAre("Class class test.Holds does not implement the Transformation interface"));
  EXPECT_THAT(alias_errors({{"predicates", "a"}, {"predicates.a.type", " test.Route "}}),
              ElementsAre("Class class test.Route does not implement the Predicate interface"));
  EXPECT_THAT(alias_errors({{"transforms", "a"}, {"transforms.a.type", "Holds"}, {"transforms.a.negate", "true"}}),
              ElementsAre("Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a "
                          "predicate to be negated."));
  EXPECT_THAT(alias_errors({{"transforms", "r"}, {"transforms.r.type", "Route"}, {"transforms.r.regex", "("},
                            {"transforms.r.predicate", "p"}, {"transforms.r.negate", "maybe"}}),
              ElementsAre(HasSubstr("Invalid value ( for configuration regex: Invalid regex: Unclosed group"),
                          "Invalid value maybe for configuration transforms.r.negate: Expected value to be either true or false"));
}

TEST(AliasValidation, AnAliasThatStandsTwiceIsListedOnce) {
  EXPECT_EQ(verdicts({{"transforms", "a,a"}, {"transforms.a.type", "test.Inner$Key"}}).size(), 3u);
  EXPECT_EQ(verdicts({{"predicates", "a"}, {"predicates.a.type", "Holds"}}).size(), 1u);
}

TEST(AliasValidation, SaysWhichClassesNeedScripts) {
  EXPECT_THAT(alias_errors({{"transforms", "a"}, {"transforms.a.type", "io.debezium.transforms.Filter"}}),
              ElementsAre(HasSubstr("runs scripts of a Java language")));
}

}  // namespace
}  // namespace millrace
