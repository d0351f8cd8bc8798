#include "core/envelope.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace::envelope {
namespace {

TEST(Envelope, FieldsComeInDebeziumsOrder) {
  const SchemaPtr row = std::make_shared<const Schema>(structure_schema(row_name("p.s.t"), true, {}));
  const SchemaPtr source = std::make_shared<const Schema>(structure_schema("Source", false, {}));
  const SchemaPtr schema = relational_schema("p.s.t", row, source);
  EXPECT_EQ(schema->name, "p.s.t.Envelope");
  EXPECT_EQ(schema->version, 2);
  EXPECT_FALSE(schema->optional);
  std::string names;
  for (const Field& field : schema->fields) names += field.name + (field.schema->optional ? "? " : " ");
  EXPECT_EQ(names, "before? after? source transaction? op ts_ms? ts_us? ts_ns? ");
  EXPECT_EQ(row->name, "p.s.t.Value");
  EXPECT_FALSE(row->version);
  EXPECT_EQ(key_name("p.s.t"), "p.s.t.Key");
}

TEST(Envelope, TransactionBlockAndSnapshotMarker) {
  EXPECT_EQ(transaction_block()->name, "event.block");
  EXPECT_EQ(transaction_block()->version, 1);
  EXPECT_EQ(transaction_block()->fields.size(), 3u);
  EXPECT_FALSE(transaction_block()->field("total_order")->schema->optional);
  EXPECT_EQ(snapshot_marker()->name, "io.debezium.data.Enum");
  EXPECT_EQ(snapshot_marker()->parameters.front().second, "true,last,false,incremental");
  EXPECT_EQ(*snapshot_marker()->default_value, Value{"false"});
}

TEST(Envelope, TopicNamesAreSanitizedByUtf16Unit) {
  EXPECT_EQ(sanitized_topic("postgres.public.users"), "postgres.public.users");
  EXPECT_EQ(sanitized_topic("a#b c"), "a_b_c");
  EXPECT_EQ(sanitized_topic("gr\xC3\xB6\xC3\x9F" "e"), "gr__e");
  EXPECT_EQ(sanitized_topic("\xF0\x9F\x98\x80"), "__");   // two surrogates
  EXPECT_EQ(sanitized_topic("."), "_");
  EXPECT_EQ(sanitized_topic(".."), "__");
  EXPECT_EQ(sanitized_topic(std::string(300, 'x')).size(), 249u);
}

TEST(Envelope, TopicNamesThatKafkaTakes) {
  EXPECT_TRUE(is_topic_name("Outbox.event_1-x"));
  EXPECT_TRUE(is_topic_name(std::string(249, 'x')));
  for (const std::string& name : {std::string{}, std::string{"."}, std::string{".."}, std::string{"with space"}, std::string{"gr\xC3\xB6\xC3\x9F"}, std::string(250, 'x')})
    EXPECT_FALSE(is_topic_name(name)) << name;
}

TEST(Envelope, BlankPartsOfANameAreLeftOut) {
  const std::array<std::string_view, 4> parts{"server", "", " ", "t"};
  EXPECT_EQ(joined_name(parts, "."), "server.t");
  EXPECT_EQ(joined_name({}, "."), "");
}

}  // namespace
}  // namespace millrace::envelope
