#include "sources/mongodb/snapshot_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/mongodb/test_documents.h"

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;
using Options = std::map<std::string, std::string, std::less<>>;

SnapshotRules rules(Options options) { return SnapshotRules::create(Config{std::move(options)}).value(); }

const std::optional<MongoOffset> k_none, k_stored{MongoOffset{.time = ClusterTime{5, 1}, .token = "t"}},
    k_unfinished{MongoOffset{.token = "t", .snapshot_unfinished = true}}, k_no_place{MongoOffset{}};

TEST(MongoSnapshotRules, EveryMode) {
  struct Row {
    const char* mode;
    bool none, stored, unfinished, streams, heals;
  };
  for (const Row& row : {Row{"initial", true, false, true, true, false}, {"initial_only", true, false, true, false, false},
                         {"always", true, true, true, true, false}, {"when_needed", true, false, true, true, true}}) {
    const SnapshotRules made = rules({{"snapshot.mode", row.mode}});
    EXPECT_EQ(made.wants_snapshot(k_none).value(), row.none) << row.mode;
    EXPECT_EQ(made.wants_snapshot(k_stored).value(), row.stored) << row.mode;
    EXPECT_EQ(made.wants_snapshot(k_unfinished).value(), row.unfinished) << row.mode;
    EXPECT_EQ(made.streams(), row.streams) << row.mode;
    EXPECT_EQ(made.begins_anew_when_lost(), row.heals) << row.mode;
  }
  for (const char* mode : {"no_data", "never"}) {
    EXPECT_FALSE(rules({{"snapshot.mode", mode}}).wants_snapshot(k_none).value());
    EXPECT_FALSE(rules({{"snapshot.mode", mode}}).wants_snapshot(k_unfinished)) << mode;
  }
  EXPECT_TRUE(rules({{"snapshot.mode", "when_needed"}}).wants_snapshot(k_no_place).value());
  EXPECT_FALSE(rules({{"snapshot.mode", "when_needed"}, {"internal.log.position.check.enable", "false"}}).begins_anew_when_lost());
}

TEST(MongoSnapshotRules, ConfigurationBased) {
  const Options base{{"snapshot.mode", "configuration_based"}};
  const auto with = [&](std::initializer_list<const char*> names) {
    Options options = base;
    for (const char* name : names) options[std::string{"snapshot.mode.configuration.based."} + name] = "true";
    return rules(std::move(options));
  };
  EXPECT_FALSE(with({}).wants_snapshot(k_none).value());
  EXPECT_FALSE(with({}).wants_snapshot(k_unfinished).value());
  EXPECT_FALSE(with({}).streams());
  EXPECT_TRUE(with({"snapshot.data"}).wants_snapshot(k_none).value());
  EXPECT_TRUE(with({"snapshot.data"}).wants_snapshot(k_stored).value());   // at every start
  EXPECT_TRUE(with({"snapshot.schema"}).wants_snapshot(k_none).value());
  EXPECT_TRUE(with({"start.stream"}).streams());
  EXPECT_TRUE(with({"snapshot.on.data.error"}).begins_anew_when_lost());
  EXPECT_FALSE(with({"snapshot.on.data.error"}).reads_at_first());
}

TEST(MongoSnapshotRules, FiltersAndDelays) {
  const std::string name = "snapshot.collection.filter.overrides";
  const SnapshotRules made = rules({{name, "a.b, c.d.e"}, {name + ".a.b", "{x: 1}"}, {name + ".c.d.e", "{}"},
                                    {"snapshot.delay.ms", "5"}, {"streaming.delay.ms", "7"}});
  EXPECT_EQ(made.filter_of("a", "b"), DocumentOf{}.int32("x", 1).string());
  EXPECT_EQ(made.filter_of("c", "d.e"), DocumentOf{}.string());
  EXPECT_EQ(made.filter_of("A", "b"), "");
  EXPECT_EQ(made.delay(), std::chrono::milliseconds{5});
  EXPECT_EQ(made.streaming_delay(), std::chrono::milliseconds{7});
  for (const Options& bad : {Options{{name, "a.b"}}, Options{{name, "a.b"}, {name + ".a.b", "{x"}}}) {
    const auto refused = SnapshotRules::create(Config{bad});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr(name + ".a.b"));
  }
}

}  // namespace
}  // namespace millrace::mongodb
