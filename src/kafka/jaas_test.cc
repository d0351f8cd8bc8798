#include "kafka/jaas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Jaas, ReadsALoginModuleWithItsOptions) {
  const auto entry = parse_jaas(
      R"(org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";)");
  ASSERT_TRUE(entry) << entry.error().text;
  EXPECT_EQ(entry->login_module, "org.apache.kafka.common.security.scram.ScramLoginModule");
  EXPECT_EQ(entry->option("username"), "u");
  EXPECT_EQ(entry->option("password"), "p");
  EXPECT_EQ(entry->option("other"), "");
}

TEST(Jaas, TakesQuotesEscapesCommentsAndLineBreaks) {
  const auto entry = parse_jaas("a.B REQUIRED // who\n user.name = 'it\"s' /* and */\r\n password=\"a\\\"b\\\\c\\101;=\"\n"
                                " \"quoted.name\"=word\n;");
  ASSERT_TRUE(entry) << entry.error().text;
  EXPECT_EQ(entry->option("user.name"), "it\"s");
  EXPECT_EQ(entry->option("password"), "a\"b\\cA;=");
  EXPECT_EQ(entry->option("quoted.name"), "word");
}

TEST(Jaas, TakesAModuleWithoutOptions) {
  const auto entry = parse_jaas("a.B optional;");
  ASSERT_TRUE(entry);
  EXPECT_TRUE(entry->options.empty());
}

TEST(Jaas, NamesTheProblemAndNotThePassword) {
  for (const auto& [text, problem] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "the login module is not specified"},
           {"a.B", "control flag"},
           {"a.B maybe;", "control flag"},
           {"a.B required password=\"geheim\"", "semicolon"},
           {"a.B required password=\"geheim", "'password' is not closed"},
           {"a.B required password \"geheim\";", "'password' is not specified"},
           {"a.B required password=;", "'password' must be quoted"},
           {"a.B required password=\"geheim\"; c.D required;", "only one login module"},
           {"a.B required =geheim;", "option's name"}}) {
    const auto entry = parse_jaas(text);
    ASSERT_FALSE(entry) << text;
    EXPECT_THAT(entry.error().text, HasSubstr(problem)) << text;
    EXPECT_THAT(entry.error().text, Not(HasSubstr("geheim"))) << text;
  }
}

}  // namespace
}  // namespace millrace::kafka
