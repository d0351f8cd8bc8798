#include "core/heartbeat.h"

#include <gtest/gtest.h>

#include "core/idle_sink.h"
#include "core/wall_clock.h"

namespace millrace {
namespace {

class Last final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    tree = to_tree(record);
    return {};
  }
  ConnectRecord tree;
};

TEST(Heartbeat, ThereAreNoneWithoutAnInterval) {
  EXPECT_FALSE(Heartbeat::create(Config{}));
  EXPECT_FALSE(Heartbeat::create(Config{{{"heartbeat.interval.ms", "0"}}}));
}

TEST(Heartbeat, ABeatGoesToPartitionZeroOfItsTopicAndTheNextIsAnIntervalLater) {
  auto heartbeat = Heartbeat::create(Config{{{"heartbeat.interval.ms", "3600000"}, {"topic.prefix", "p"}}});
  ASSERT_TRUE(heartbeat);
  EXPECT_FALSE(heartbeat->due());
  const auto first = heartbeat->next();
  Last sink;
  const std::int64_t before = wall_clock_ms();
  ASSERT_TRUE(heartbeat->beat(sink));
  EXPECT_EQ(sink.tree.topic, "__debezium-heartbeat.p");
  EXPECT_EQ(sink.tree.partition, 0);
  EXPECT_EQ(sink.tree.key_schema->name, "io.debezium.connector.common.ServerNameKey");
  EXPECT_EQ(sink.tree.key.structure()->fields, std::vector<Value>{Value{"p"}});
  EXPECT_EQ(sink.tree.value_schema->name, "io.debezium.connector.common.Heartbeat");
  EXPECT_GE(*sink.tree.value.structure()->fields[0].integer(), before);
  EXPECT_GT(heartbeat->next(), first);
  const auto second = heartbeat->next();
  ASSERT_TRUE(heartbeat->forced_beat(sink));
  EXPECT_EQ(heartbeat->next(), second);
}

TEST(Heartbeat, TheTopicFollowsPrefixAndDelimiter) {
  auto heartbeat = Heartbeat::create(Config{{{"heartbeat.interval.ms", "1"}, {"topic.prefix", "p"}, {"topic.heartbeat.prefix", "hb"}, {"topic.delimiter", "_"}}});
  Last sink;
  ASSERT_TRUE(heartbeat->beat(sink));
  EXPECT_EQ(sink.tree.topic, "hb_p");
}

}  // namespace
}  // namespace millrace
