#include "core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Config, ReadsBooleansTrimmedAndInAnyCase) {
  const Config config{{{"a", " TRUE "}, {"b", "false"}, {"c", "yes"}}};
  EXPECT_TRUE(config.boolean("a", false));
  EXPECT_FALSE(config.boolean("b", true));
  EXPECT_TRUE(config.boolean("c", true));
  EXPECT_TRUE(config.boolean("absent", true));
}

TEST(Config, ReadsIntegersAsJavaParsesThem) {
  const Config config{{{"a", " 12 "}, {"b", "-3"}, {"c", "+4"}, {"d", "1x"}, {"e", "+-1"}, {"f", ""},
                       {"g", "99999999999999999999"}}};
  EXPECT_EQ(config.integer("a", 7), 12);
  EXPECT_EQ(config.integer("b", 7), -3);
  EXPECT_EQ(config.integer("c", 7), 4);
  for (const char* name : {"d", "e", "f", "g", "absent"}) EXPECT_EQ(config.integer(name, 7), 7) << name;
}

TEST(Config, SplitsListsAtCommasAndDropsEmptyParts) {
  const Config config{{{"a", " x , y,, z "}, {"b", "  "}}};
  EXPECT_THAT(config.list("a"), ElementsAre("x", "y", "z"));
  EXPECT_THAT(config.list("b"), IsEmpty());
  EXPECT_THAT(config.list("absent"), IsEmpty());
}

TEST(Config, GivesTheEntriesBelowAPrefix) {
  const Config config{{{"a.b", "1"}, {"a.c.d", "2"}, {"a.", "3"}, {"ab", "4"}}};
  EXPECT_EQ(config.with_prefix_stripped("a."), (Config{{{"b", "1"}, {"c.d", "2"}}}));
}

TEST(ConfigDef, PutsAnOptionsNameBeforeEachOfItsProblems) {
  const ConfigDef definition{{{.name = "x",
                               .check = [](const Config& config, const ConfigKey& key) {
                                 return config.has(key.name) ? std::vector<std::string>{}
                                                             : std::vector<std::string>{"one", "two"};
                               }},
                              {.name = "unchecked"}}};
  const ConfigErrors errors = definition.validate(Config{});
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].name, "x");
  EXPECT_EQ(errors[0].text, "The 'x' value is invalid: one");
  EXPECT_EQ(errors[1].text, "The 'x' value is invalid: two");
  EXPECT_THAT(definition.validate(Config{{{"x", ""}}}), IsEmpty());
  EXPECT_EQ(definition.find("unchecked"), &definition.keys()[1]);
  EXPECT_EQ(definition.find("y"), nullptr);
}

}  // namespace
}  // namespace millrace
