#include "sources/postgres/postgres_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::Contains;
using Entries = std::map<std::string, std::string, std::less<>>;

Config good(Entries more = {}) {
  Entries entries{{"topic.prefix", "postgres"},  {"database.hostname", "127.0.0.1"}, {"database.port", "55432"},
                  {"database.user", "postgres"}, {"database.password", "postgres"},  {"database.dbname", "app"},
                  {"plugin.name", "pgoutput"}};
  for (auto& [name, value] : more) entries[name] = value;
  return Config{std::move(entries)};
}

std::vector<std::string> error_texts(const Config& config) {
  std::vector<std::string> out;
  for (const ConfigError& error : config_def().validate(config)) out.push_back(error.text);
  return out;
}

std::vector<std::string> problems(const std::string& name, const std::string& value, Entries more = {}) {
  more[name] = value;
  std::vector<std::string> out;
  const std::string before = "The '" + name + "' value is invalid: ";
  for (const ConfigError& error : config_def().validate(good(std::move(more)))) {
    EXPECT_EQ(error.name, name);
    EXPECT_TRUE(error.text.starts_with(before));
    out.push_back(error.text.substr(before.size()));
  }
  return out;
}

TEST(PostgresConfig, HasTheHundredOptionsOfDebezium) {
  EXPECT_EQ(config_def().keys().size(), 100u);
  EXPECT_EQ(config_def().keys().front().name, "topic.prefix");
  EXPECT_EQ(config_def().keys().back().name, "sourceinfo.struct.maker");
  for (const ConfigKey& key : config_def().keys()) {
    EXPECT_FALSE(key.documentation.empty()) << key.name;
    EXPECT_FALSE(key.required) << key.name;
    EXPECT_NE(key.check, nullptr) << key.name;
  }
}

TEST(PostgresConfig, DefaultsAreValid) {
  EXPECT_THAT(error_texts(good()), IsEmpty());
  for (const ConfigKey& key : config_def().keys())
    if (key.default_text) {
      EXPECT_THAT(problems(key.name, *key.default_text), IsEmpty()) << key.name;
    }
}

TEST(PostgresConfig, NamesWhatIsMissingAsRecorded) {
  EXPECT_THAT(error_texts(Config{}), ElementsAre("The 'topic.prefix' value is invalid: A value is required",
                                                 "The 'database.hostname' value is invalid: A value is required",
                                                 "The 'database.user' value is invalid: A value is required",
                                                 "The 'database.dbname' value is invalid: A value is required"));
}

TEST(PostgresConfig, NamesBadValuesAsRecorded) {
  const Config config = good({{"database.port", "abc"}, {"topic.prefix", "bad prefix!"}, {"plugin.name", "nope"},
                              {"table.include.list", "((("}, {"snapshot.mode", "bogus"},
                              {"decimal.handling.mode", "zzz"}, {"max.queue.size", "10"}, {"max.batch.size", "100"},
                              {"slot.name", "Bad-Slot"}});
  EXPECT_THAT(
      error_texts(config),
      ElementsAre(
          "The 'topic.prefix' value is invalid: bad prefix! has invalid format (only the underscore, hyphen, dot and "
          "alphanumeric characters are allowed)",
          "The 'database.port' value is invalid: An integer is expected",
          "The 'database.port' value is invalid: An integer is expected",
          "The 'plugin.name' value is invalid: Value must be one of decoderbufs, pgoutput",
          "The 'slot.name' value is invalid: Valid replication slot name must contain only digits, lowercase characters "
          "and underscores with length <= 63",
          "The 'max.queue.size' value is invalid: Must be larger than the maximum batch size",
          "The 'decimal.handling.mode' value is invalid: Value must be one of string, double, precise",
          "The 'snapshot.mode' value is invalid: Value must be one of always, never, initial_only, configuration_based, "
          "when_needed, initial, custom, no_data",
          "The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, "
          "but Unclosed group near index 3\n((("));
}

TEST(PostgresConfig, RefusesIncludeAndExcludeListsTogether) {
  EXPECT_THAT(problems("table.exclude.list", "public.a", {{"table.include.list", "public.users"}}),
              ElementsAre("\"table.include.list\" is already specified"));
  EXPECT_THAT(problems("schema.exclude.list", "a", {{"schema.include.list", "b"}}),
              ElementsAre("\"schema.include.list\" is already specified"));
  EXPECT_THAT(problems("column.exclude.list", "a", {{"column.include.list", "b"}}),
              ElementsAre("\"column.include.list\" is already specified"));
  EXPECT_THAT(problems("message.prefix.exclude.list", "a", {{"message.prefix.include.list", "b"}}),
              ElementsAre("\"logical_decoding_message.prefix.include.list\" is already specified"));
}

TEST(PostgresConfig, ChecksNumbersByTypeAndByRange) {
  EXPECT_THAT(problems("status.update.interval.ms", "0"),
              ElementsAre("A positive, non-zero integer value is expected"));
  EXPECT_THAT(problems("status.update.interval.ms", " 1"),
              ElementsAre("An integer is expected", "A positive, non-zero integer value is expected"));
  EXPECT_THAT(problems("heartbeat.interval.ms", "-1"), ElementsAre("An non-negative integer is expected"));
  EXPECT_THAT(problems("snapshot.delay.ms", "-1"), ElementsAre("A non-negative long value is expected"));
  EXPECT_THAT(problems("retriable.restart.connector.wait.ms", "0"),
              ElementsAre("A positive, non-zero long value is expected"));
  EXPECT_THAT(problems("max.queue.size", "0"),
              ElementsAre("A positive queue size is required", "Must be larger than the maximum batch size"));
  EXPECT_THAT(problems("tombstones.on.delete", "ja"),
              ElementsAre("Either 'true' or 'false' is expected", "Either 'true' or 'false' is expected"));
  EXPECT_THAT(problems("tombstones.on.delete", " True "), IsEmpty());
}

TEST(PostgresConfig, ChecksTheFormsOfItsOwnLists) {
  EXPECT_THAT(problems("skipped.operations", "c, x"), ElementsAre("Invalid operation"));
  EXPECT_THAT(problems("skipped.operations", "c,none"),
              ElementsAre("'none' cannot be specified with other skipped operation types"));
  EXPECT_THAT(problems("skipped.operations", "none"), IsEmpty());
  EXPECT_THAT(problems("message.key.columns", "public.a:x,y; public\\..*:z"), IsEmpty());
  EXPECT_THAT(problems("message.key.columns", "public.a:x;b"),
              ElementsAre("b has an invalid format (expecting '^\\s*([^\\s:]+):([^:\\s]+)\\s*$')"));
  EXPECT_THAT(problems("replica.identity.autoset.values", "public.a:FULL,public.b:index i_1"), IsEmpty());
  EXPECT_EQ(problems("replica.identity.autoset.values", "public.a").size(), 1u);
  EXPECT_EQ(problems("custom.metric.tags", "k1=v1,k2").size(), 1u);
  EXPECT_THAT(problems("custom.metric.tags", "k1=v1,k2=v2"), IsEmpty());
}

TEST(PostgresConfig, ChecksNamesOfHostAndPrefix) {
  EXPECT_EQ(problems("database.hostname", "::1").size(), 1u);
  EXPECT_THAT(problems("database.hostname", " "), ElementsAre("A value is required"));
  EXPECT_THAT(problems("topic.prefix", "a_b-c.d9"), IsEmpty());
  EXPECT_EQ(problems("topic.prefix", "").size(), 2u);
}

TEST(PostgresConfig, RefusesWhatNeedsJavaClasses) {
  EXPECT_EQ(problems("converters", "isbn").size(), 1u);
  EXPECT_EQ(problems("post.processors", "reselect").size(), 1u);
  EXPECT_EQ(problems("topic.naming.strategy", "com.example.OwnTopicNamingStrategy").size(), 1u);
  EXPECT_THAT(problems("topic.naming.strategy", "io.debezium.schema.DefaultRegexTopicNamingStrategy"), IsEmpty());
  EXPECT_EQ(problems("snapshot.mode", "custom", {{"snapshot.mode.custom.name", "mine"}}).size(), 1u);
}

TEST(PostgresConfig, AcceptsDecoderbufsAndAdvisesPgoutput) {
  EXPECT_THAT(problems("plugin.name", " DecoderBufs "), IsEmpty());
  EXPECT_NE(plugin_advice().find("plugin.name=pgoutput"), std::string::npos);
}

TEST(PostgresConfig, TriesNoConnectionWhileAnErrorIsKnown) {
  ConfigErrors errors{{"slot.name", "The 'slot.name' value is invalid: ..."}};
  validate(good({{"database.port", "1"}}), errors);
  EXPECT_EQ(errors.size(), 1u);
}

TEST(PostgresConfig, SaysThatAServerRefusesAsRecorded) {
  ConfigErrors errors;
  validate(good({{"database.port", "1"}}), errors);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].name, "database.hostname");
  EXPECT_EQ(errors[0].text,
            "Error while validating connector config: Connection to 127.0.0.1:1 refused. Check that the hostname and port "
            "are correct and that the postmaster is accepting TCP/IP connections.");
}

TEST(PostgresConfig, SaysOfAPortOutOfRangeWhatTheDriverSays) {
  ConfigErrors errors;
  validate(good({{"database.port", "70000"}, {"database.dbname", "app"}}), errors);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].text, "Error while validating connector config: Unable to parse URL jdbc:postgresql://127.0.0.1:70000/app");
}

bool captures(const Entries& entries, std::string_view schema, std::string_view table) {
  return TableFilter::create(Config{entries}).value().captures(schema, table);
}

TEST(TableFilter, TakesEverythingButTheServersOwnTables) {
  EXPECT_TRUE(captures({}, "public", "users"));
  for (const char* schema : {"pg_catalog", "information_schema", "pg_temp_3"})
    EXPECT_FALSE(captures({}, schema, "t")) << schema;
  EXPECT_FALSE(captures({}, "public", "spatial_ref_sys"));
  EXPECT_TRUE(captures({{"table.ignore.builtin", "false"}}, "pg_catalog", "t"));
}

TEST(TableFilter, MatchesWholeNamesInAnyCase) {
  const Entries include{{"table.include.list", "public\\.users, INVENTORY\\..*"}};
  EXPECT_TRUE(captures(include, "public", "users"));
  EXPECT_TRUE(captures(include, "Public", "USERS"));
  EXPECT_TRUE(captures(include, "inventory", "orders"));
  EXPECT_FALSE(captures(include, "public", "users2"));
  EXPECT_FALSE(captures(include, "a.public", "users"));
  EXPECT_FALSE(captures({{"table.exclude.list", "public.users"}}, "public", "users"));
  EXPECT_TRUE(captures({{"table.exclude.list", "public.users"}}, "public", "users2"));
}

TEST(TableFilter, NeedsSchemaAndTableToMatch) {
  const Entries both{{"schema.include.list", "a|b"}, {"table.exclude.list", "a.x"}};
  EXPECT_TRUE(captures(both, "a", "y"));
  EXPECT_FALSE(captures(both, "a", "x"));
  EXPECT_FALSE(captures(both, "c", "y"));
  EXPECT_FALSE(captures({{"schema.exclude.list", "a"}}, "A", "y"));
}

TEST(TableFilter, PrefersTheIncludeListAndAddsTheSignalTable) {
  EXPECT_TRUE(captures({{"table.include.list", "a.x"}, {"table.exclude.list", "a.x"}}, "a", "x"));
  EXPECT_TRUE(captures({{"table.include.list", "a.x"}, {"signal.data.collection", "s.signals"}}, "s", "signals"));
  EXPECT_FALSE(TableFilter::create(Config{{{"table.include.list", "("}}}));
}

TEST(ColumnFilter, MatchesSchemaTableAndColumn) {
  const ColumnFilter filter = ColumnFilter::create(Config{{{"column.exclude.list", "public\\.users\\.(a|b)"}}}).value();
  EXPECT_FALSE(filter.captures("public", "users", "a"));
  EXPECT_TRUE(filter.captures("public", "users", "c"));
  EXPECT_TRUE(ColumnFilter{}.captures("s", "t", "c"));
}

}  // namespace
}  // namespace millrace::postgres
