#include "core/transaction_metadata.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/idle_sink.h"

namespace millrace {
namespace {

class Trees final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    records.push_back(to_tree(record));
    return {};
  }
  std::vector<ConnectRecord> records;
};

std::vector<std::string> names_at_end(TransactionMetadata& metadata) {
  Trees sink;
  EXPECT_TRUE(metadata.emit_end("x", 1, sink));
  std::vector<std::string> names;
  for (const Value& entry : *sink.records.at(0).value.structure()->fields[3].array())
    names.push_back(*entry.structure()->fields[0].string());
  return names;
}

TEST(TransactionMetadata, CountsInAllAndByCollection) {
  TransactionMetadata metadata{"t"};
  metadata.begin("7");
  metadata.event("7:1", "public.a");
  metadata.event("7:2", "public.b");
  const Datum block = metadata.event("7:3", "public.a");
  EXPECT_EQ(block.tree->structure()->fields, (std::vector<Value>{Value{"7:3"}, Value{std::int64_t{3}}, Value{std::int64_t{2}}}));
  metadata.begin("8");
  EXPECT_EQ(metadata.event("8:1", "public.a").tree->structure()->fields[1], Value{std::int64_t{1}});
}

TEST(TransactionMetadata, AnOffsetsCountersGoOn) {
  TransactionMetadata metadata{"t"};
  metadata.restore({.id = "7", .counts = {{"public.a", 2}, {"public.b", 1}}});
  const Datum block = metadata.event("7:9", "public.b");
  EXPECT_EQ(block.tree->structure()->fields, (std::vector<Value>{Value{"7:9"}, Value{std::int64_t{4}}, Value{std::int64_t{2}}}));
  EXPECT_EQ(metadata.state().counts, (std::vector<std::pair<std::string, std::int64_t>>{{"public.a", 2}, {"public.b", 2}}));
}

TEST(TransactionMetadata, BeginAndEndHaveTheSchemasOfTheTransactionTopic) {
  TransactionMetadata metadata{"postgres.transaction"};
  Trees sink;
  metadata.begin("7");
  ASSERT_TRUE(metadata.emit_begin("7:1", 5, sink));
  ASSERT_TRUE(metadata.emit_end("7:2", 5, sink));
  const ConnectRecord& begin = sink.records[0];
  EXPECT_EQ(begin.topic, "postgres.transaction");
  EXPECT_EQ(begin.key_schema->name, "io.debezium.connector.common.TransactionMetadataKey");
  EXPECT_EQ(begin.value_schema->name, "io.debezium.connector.common.TransactionMetadataValue");
  EXPECT_EQ(begin.value_schema->version, 1);
  EXPECT_EQ(begin.value.structure()->fields, (std::vector<Value>{Value{"BEGIN"}, Value{"7:1"}, Value{}, Value{}, Value{std::int64_t{5}}}));
  EXPECT_EQ(sink.records[1].value.structure()->fields,
            (std::vector<Value>{Value{"END"}, Value{"7:2"}, Value{std::int64_t{0}}, Value{Value::Array{}}, Value{std::int64_t{5}}}));
}

// Java's map keeps its table when it is cleared: names that 16 buckets put in this order, 32 put in another.
TEST(TransactionMetadata, ALargeTransactionChangesTheOrderOfLaterOnes) {
  TransactionMetadata small{"t"}, large{"t"};
  large.begin("1");
  for (int i = 0; i < 100; ++i) large.event("1", "public.t" + std::to_string(i));
  for (TransactionMetadata* metadata : {&small, &large}) {
    metadata->begin("2");
    for (int i = 0; i < 12; ++i) metadata->event("2", "public.t" + std::to_string(i));
  }
  const auto as_small = names_at_end(small), as_large = names_at_end(large);
  EXPECT_NE(as_small, as_large);
  EXPECT_TRUE(std::ranges::is_permutation(as_small, as_large));
}

// Both names share a bucket of the offset's map, but not of the counters' own.
TEST(TransactionMetadata, AnOffsetsCountersStandAsTheyAreCopied) {
  TransactionMetadata metadata{"t"};
  metadata.begin("1");
  metadata.event("1", "Odd-Name.ember_88");
  metadata.event("1", "Odd-Name.haze_35");
  OffsetMembers members;
  add_members(members, metadata.state());
  EXPECT_EQ(offset_text(members), R"({"transaction_id":"1","transaction_data_collection_order_Odd-Name.haze_35":1,)"
                                  R"("transaction_data_collection_order_Odd-Name.ember_88":1})");
}

TEST(TransactionMetadata, TheTopicIsNotSanitized) {
  EXPECT_EQ(transaction_topic(Config{{{"topic.prefix", "p"}}}), "p.transaction");
  EXPECT_EQ(transaction_topic(Config{{{"topic.prefix", "p"}, {"topic.delimiter", "_"}, {"topic.transaction", "tx"}}}), "p_tx");
}

TEST(OffsetText, StandsInTheOrderOfJavasHashMap) {
  OffsetMembers members;
  add_member(members, "ts_usec", std::int64_t{1});
  add_member(members, "txId", std::int64_t{2});
  add_member(members, "lsn", std::int64_t{3});
  add_member(members, "messageType", std::string_view{"IN\"SERT"});
  EXPECT_EQ(offset_text(members), R"({"messageType":"IN\"SERT","lsn":3,"txId":2,"ts_usec":1})");
}

}  // namespace
}  // namespace millrace
