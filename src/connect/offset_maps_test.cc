#include "connect/offset_maps.h"

#include <gtest/gtest.h>

#include "connect/raw_config.h"

namespace millrace {
namespace {

TEST(PartitionOfKey, GivesTheBytesOfTheMap) {
  EXPECT_EQ(partition_of_key(R"(["c",{"server":"postgres"}])"), R"({"server":"postgres"})");
  EXPECT_EQ(partition_of_key(R"(["a\"{b",{"server":"}\u00e9","db":"x"}])"), R"({"server":"}\u00e9","db":"x"})");
  EXPECT_EQ(partition_of_key(R"(["c"])"), std::nullopt);
  EXPECT_EQ(partition_of_key(R"(["c",[]])"), std::nullopt);
  EXPECT_EQ(partition_of_key("nonsense"), std::nullopt);
}

TEST(NormalizedMap, HasJavasOrderAndNumbers) {
  // The order that Kafka Connect answered for these members.
  EXPECT_EQ(normalized_map(R"({"snapshot":true, "lsn":2710194880,"ts_usec":1795457042436211,"txId":3035,
                               "last_snapshot_record":true})"),
            R"({"last_snapshot_record":true,"lsn":2710194880,"txId":3035,"ts_usec":1795457042436211,"snapshot":true})");
  EXPECT_EQ(normalized_map(R"({"a":1e21,"b":null,"c":"\u000b"})"), R"({"a":1.0E21,"b":null,"c":"\u000B"})");
}

TEST(NormalizedMap, RefusesNestedValues) {
  const auto nested = normalized_map(R"({"a":{"b":1}})");
  ASSERT_FALSE(nested);
  EXPECT_EQ(nested.error().text, "Offsets may only contain primitive types as values, but field a contains MAP");
  EXPECT_FALSE(normalized_map("[]"));
}

TEST(SameMap, DoesNotMindOrder) {
  EXPECT_TRUE(same_map(R"({"a":1,"b":"x"})", R"({"b":"x", "a":1})"));
  EXPECT_FALSE(same_map(R"({"a":1})", R"({"a":2})"));
  EXPECT_FALSE(same_map("x", "x"));
}

// GET /connectors/c1 of the recordings.
TEST(RawConfig, IsShownInTheOrderOfAJavaHashMap) {
  const RawConfig request{{"connector.class", "P"}, {"database.hostname", "h"}, {"database.port", "1"},
                          {"database.user", "u"},   {"database.password", "p"}, {"database.dbname", "app"},
                          {"topic.prefix", "t"},    {"plugin.name", "pgoutput"},
                          {"table.include.list", "public.users"},               {"name", "c1"}};
  std::vector<std::string> names;
  for (const auto& [name, value] : in_hash_map_order(request)) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"connector.class", "database.user", "database.dbname", "topic.prefix",
                                             "database.hostname", "database.password", "name", "table.include.list",
                                             "database.port", "plugin.name"}));
}

TEST(RawConfig, ComparesAsAMap) {
  EXPECT_TRUE(same_settings({{"a", "1"}, {"b", std::nullopt}}, {{"b", std::nullopt}, {"a", "1"}}));
  EXPECT_FALSE(same_settings({{"a", "1"}}, {{"a", std::nullopt}}));
  EXPECT_FALSE(same_settings({{"a", "1"}}, {{"a", "1"}, {"b", "1"}}));
}

}  // namespace
}  // namespace millrace
