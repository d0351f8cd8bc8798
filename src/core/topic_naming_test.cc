#include "core/topic_naming.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace millrace {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

Result<TopicNaming> naming(const std::string& strategy, Entries more = {}) {
  more.insert({{"topic.prefix", "pre"}, {"topic.naming.strategy", "io.debezium.schema." + strategy}});
  return TopicNaming::create(Config{std::move(more)}, "io.debezium.schema.SchemaTopicNamingStrategy");
}

TopicNaming::Names names(const std::string& strategy, std::string_view schema, std::string_view table, Entries more = {}) {
  const auto made = naming(strategy, std::move(more));
  if (!made) return {.topic = "error: " + made.error().text};
  const std::array<std::string_view, 2> parts{schema, table};
  const auto out = made->names_of(std::span{parts}.subspan(made->by_schema() ? 0 : 1));
  return out ? *out : TopicNaming::Names{.topic = "error: " + out.error().text};
}

TEST(TopicNaming, SchemaAndDefault) {
  EXPECT_EQ(names("SchemaTopicNamingStrategy", "public", "users").topic, "pre.public.users");
  EXPECT_EQ(names("DefaultTopicNamingStrategy", "public", "users").topic, "pre.users");
  EXPECT_EQ(names("SchemaTopicNamingStrategy", "My S", "a#\u00E9", {{"topic.delimiter", "-"}}).topic, "pre-My_S-a__");
  EXPECT_FALSE(names("SchemaTopicNamingStrategy", "public", "users").identifier);
}

TEST(TopicNaming, UnicodeEscapesTheUnderscoreToo) {
  EXPECT_EQ(names("SchemaUnicodeTopicNamingStrategy", "my_s", "a#\u00E9\u0101\U0001F600").topic,
            "pre.my_u005fs.a_u0023_u00e9_u101_ud83d_ude00");
  EXPECT_EQ(names("DefaultUnicodeTopicNamingStrategy", "my_s", "t-1").topic, "pre.t-1");
  EXPECT_EQ(names("DefaultUnicodeTopicNamingStrategy", "s", std::string(300, '_')).topic.size(), 249u);
}

TEST(TopicNaming, RegexRoutesAndIdentifies) {
  const Entries shards{{"topic.regex", "(.*)shard_.*"}, {"topic.replacement", "$1all"}};
  const auto routed = names("SchemaRegexTopicNamingStrategy", "public", "shard_1", shards);
  EXPECT_EQ(routed.topic, "pre.public.all");
  EXPECT_EQ(routed.identifier, "pre.public.shard_1");
  const auto other = names("SchemaRegexTopicNamingStrategy", "public", "users", shards);
  EXPECT_EQ(other.topic, "pre.public.users");
  EXPECT_EQ(other.identifier, "pre.public.users");   // the field is in every key
  EXPECT_EQ(names("DefaultRegexTopicNamingStrategy", "public", "shard_1", shards).topic, "pre.all");
}

TEST(TopicNaming, IdentifierIsMadeOfTheNameBeforeItWasSanitized) {
  const Entries options{{"topic.regex", "(.*)"}, {"topic.replacement", "one"}, {"topic.key.field.name", "of"},
                        {"topic.key.field.regex", "(.*)[.](.*) (.*)"}, {"topic.key.field.replacement", "$3/$2"}};
  EXPECT_EQ(names("SchemaRegexTopicNamingStrategy", "public", "a b", options).identifier, "b/a");
  EXPECT_EQ(names("SchemaRegexTopicNamingStrategy", "public", "ab", options).identifier, "pre.public.ab");
  EXPECT_EQ(naming("SchemaRegexTopicNamingStrategy", options)->key_field(), "of");
}

TEST(TopicNaming, NothingToIdentifyNothingToSend) {
  const Entries options{{"topic.regex", "(.*)"}, {"topic.replacement", "$1"}, {"topic.key.enforce.uniqueness", "false"}};
  EXPECT_FALSE(names("SchemaRegexTopicNamingStrategy", "public", "a", options).identifier);
  const Entries empty{{"topic.regex", "(x?).*"}, {"topic.replacement", "$1"}};
  EXPECT_EQ(names("SchemaRegexTopicNamingStrategy", "public", "a", empty).topic, "pre.public.a");
}

TEST(TopicNaming, RefusesAsDebezium) {
  const auto text = [](const std::string& strategy, Entries more) {
    const auto made = naming(strategy, std::move(more));
    return made ? std::string{} : made.error().text;
  };
  EXPECT_TRUE(text("SchemaRegexTopicNamingStrategy", {}).starts_with("Unable to validate config."));
  EXPECT_TRUE(text("SchemaRegexTopicNamingStrategy", {{"topic.regex", "("}, {"topic.replacement", "x"}}).starts_with("Unable to validate config."));
  EXPECT_TRUE(text("SchemaRegexTopicNamingStrategy", {{"topic.regex", ".*"}}).starts_with("Unable to validate config."));
  EXPECT_TRUE(text("SchemaRegexTopicNamingStrategy", {{"topic.regex", ".*"}, {"topic.replacement", "x"}, {"topic.key.field.regex", ".*"}})
                  .starts_with("Unable to validate config."));
  EXPECT_TRUE(text("SchemaTopicNamingStrategy", {{"topic.delimiter", "/"}}).starts_with("Unable to validate config."));
  EXPECT_NE(text("OwnStrategy", {}), "");
  EXPECT_TRUE(names("SchemaRegexTopicNamingStrategy", "s", "t", {{"topic.regex", ".*"}, {"topic.replacement", "$1"}}).topic.starts_with("error: "));
}

}  // namespace
}  // namespace millrace
