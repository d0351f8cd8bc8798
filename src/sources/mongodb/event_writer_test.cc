#include "sources/mongodb/event_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/idle_sink.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/test_documents.h"

// The bytes of keys and values are compared with Debezium's in src/connect/mongo_corpus_test.cc.
namespace millrace::mongodb {
namespace {

class PlanRecorder final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    if (refuse) return fail("the sink is full");
    plans.push_back(record.plan);
    records.push_back(to_tree(record));
    return {};
  }

  bool refuse = false;
  std::vector<const RecordPlan*> plans;
  std::vector<ConnectRecord> records;
};

const Value& field(const Value& structure, std::string_view name) {
  const Value::Struct& all = *structure.structure();
  for (std::size_t i = 0; i < all.fields.size(); ++i)
    if (all.schema->fields[i].name == name) return all.fields[i];
  ADD_FAILURE() << "no field " << name;
  static const Value none;
  return none;
}

std::string text_in(const Value& value) { return value.string() == nullptr ? "(null)" : *value.string(); }

class EventWriterTest : public testing::Test {
 protected:
  Result<void> change(const DocumentOf& event) {
    bytes_ = event.bytes();
    MR_TRY(const ChangeEvent decoded, decode_change_event(bytes_));
    return writer.change(decoded, sink);
  }

  EventWriter writer = EventWriter::create(Config{{{"topic.prefix", "mongo"}}}, [] { return std::int64_t{42}; }).value();
  PlanRecorder sink;

 private:
  BsonBytes bytes_;
};

TEST_F(EventWriterTest, AnInsert) {
  ASSERT_TRUE(change(event_of("insert").date("wallTime", 45).document("fullDocument", DocumentOf{}.int32("_id", 5))));
  ASSERT_EQ(sink.records.size(), 1u);
  const ConnectRecord& record = sink.records[0];
  EXPECT_EQ(record.topic, "mongo.commerce.events");
  EXPECT_EQ(record.key_schema->name, "mongo.commerce.events.Key");
  EXPECT_EQ(text_in(field(record.key, "id")), "5");
  EXPECT_EQ(record.value_schema->name, "mongo.commerce.events.Envelope");
  EXPECT_FALSE(record.value_schema->version);
  EXPECT_EQ(text_in(field(record.value, "after")), R"({"_id": 5})");
  EXPECT_TRUE(field(record.value, "before").is_null());
  EXPECT_EQ(text_in(field(record.value, "op")), "c");
  EXPECT_EQ(field(record.value, "ts_ms"), Value{std::int64_t{42}});
  const Value& source = field(record.value, "source");
  EXPECT_EQ(field(source, "ts_ns"), Value{std::int64_t{1'700'000'000'000'000'000}});
  EXPECT_EQ(field(source, "ord"), Value{std::int64_t{7}});
  EXPECT_EQ(field(source, "wallTime"), Value{std::int64_t{45}});
  EXPECT_TRUE(field(source, "snapshot").is_null());
}

TEST_F(EventWriterTest, ADeleteIsFollowedByItsTombstone) {
  ASSERT_TRUE(change(event_of("delete")));
  ASSERT_EQ(sink.records.size(), 2u);
  EXPECT_EQ(text_in(field(sink.records[0].value, "op")), "d");
  EXPECT_EQ(sink.records[1].value_schema, nullptr);
  EXPECT_EQ(sink.records[1].key, sink.records[0].key);
  writer = EventWriter::create(Config{{{"topic.prefix", "mongo"}, {"tombstones.on.delete", "false"}}}).value();
  ASSERT_TRUE(change(event_of("delete")));
  EXPECT_EQ(sink.records.size(), 3u);
}

TEST_F(EventWriterTest, AnUpdateWithWhatItChanged) {
  const auto truncated = DocumentOf{}.text("field", "list").int32("newSize", 3);
  ASSERT_TRUE(change(event_of("update").document(
      "updateDescription", DocumentOf{}.document("updatedFields", DocumentOf{}.int32("a", 1).int64("b", 2))
                               .array("removedFields", DocumentOf{}.text("0", "c.d"))
                               .array("truncatedArrays", DocumentOf{}.document("0", truncated)))));
  const Value& update = field(sink.records.at(0).value, "updateDescription");
  EXPECT_EQ(text_in(field(update, "updatedFields")), R"({"a": 1, "b": 2})");
  EXPECT_EQ(field(update, "removedFields"), Value{Value::Array{Value{"c.d"}}});
  const Value& list = field(update, "truncatedArrays").array()->at(0);
  EXPECT_EQ(text_in(field(list, "field")), "list");
  EXPECT_EQ(field(list, "size"), Value{std::int64_t{3}});
}

// What one event has must not show in the next.
TEST_F(EventWriterTest, EventsLeaveNothingBehind) {
  ASSERT_TRUE(change(event_of("update")
                         .document("updateDescription", DocumentOf{}.array("removedFields", DocumentOf{}.text("0", "x")))
                         .document("lsid", DocumentOf{}.int32("id", 1)).int64("txnNumber", 2)
                         .document("fullDocumentBeforeChange", DocumentOf{}.int32("_id", 5))));
  ASSERT_TRUE(change(event_of("update").document("updateDescription", DocumentOf{})));
  const Value& second = sink.records.at(1).value;
  EXPECT_TRUE(field(second, "before").is_null());
  EXPECT_TRUE(field(field(second, "updateDescription"), "removedFields").is_null());
  EXPECT_TRUE(field(field(second, "updateDescription"), "updatedFields").is_null());
  EXPECT_TRUE(field(field(second, "source"), "lsid").is_null());
  EXPECT_TRUE(field(field(second, "source"), "txnNumber").is_null());
}

TEST_F(EventWriterTest, OneSideOfATransactionIsNone) {
  ASSERT_TRUE(change(event_of("delete").int64("txnNumber", 2)));
  EXPECT_TRUE(field(field(sink.records.at(0).value, "source"), "txnNumber").is_null());
}

DocumentOf transaction_event(std::string_view operation, std::int64_t number) {
  return event_of(operation).document("lsid", DocumentOf{}.int32("id", 1)).int64("txnNumber", number);
}

// "BEGIN l:1", or the op and the orders of an event.
std::string summary(const ConnectRecord& record) {
  if (!field(record.value, "ts_ms").is_null() && record.topic.ends_with(".transaction"))
    return text_in(field(record.value, "status")) + " " + text_in(field(record.value, "id"));
  const Value& block = field(record.value, "transaction");
  if (block.is_null()) return text_in(field(record.value, "op"));
  return text_in(field(record.value, "op")) + " " + std::to_string(*field(block, "total_order").integer()) + " " +
         std::to_string(*field(block, "data_collection_order").integer());
}

std::vector<std::string> summaries(const std::vector<ConnectRecord>& records) {
  std::vector<std::string> out;
  for (const ConnectRecord& record : records) out.push_back(summary(record));
  return out;
}

TEST_F(EventWriterTest, TransactionsBeginAndEnd) {
  const Config config{{{"topic.prefix", "mongo"}, {"provide.transaction.metadata", "true"}, {"tombstones.on.delete", "false"}}};
  writer = EventWriter::create(config).value();
  ASSERT_TRUE(change(transaction_event("replace", 1)));
  ASSERT_TRUE(change(transaction_event("delete", 1)));
  const TransactionState first = writer.transaction();
  EXPECT_EQ(first, (TransactionState{.id = R"({"id": 1}:1)", .counts = {{"commerce.events", 2}}}));
  ASSERT_TRUE(change(transaction_event("replace", 2)));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(change(event_of("delete")));   // END comes once
  EXPECT_EQ(writer.transaction().id, R"({"id": 1}:2)");
  ASSERT_TRUE(change(transaction_event("delete", 2)));   // no server does: the transaction is over
  EXPECT_EQ(summaries(sink.records),
            (std::vector<std::string>{R"(BEGIN {"id": 1}:1)", "u 1 1", "d 2 2", R"(END {"id": 1}:1)", R"(BEGIN {"id": 1}:2)", "u 1 1",
                                      R"(END {"id": 1}:2)", "d", "d", R"(BEGIN {"id": 1}:2)", "d 1 1"}));
  EXPECT_EQ(sink.records[0].topic, "mongo.transaction");

  sink.records.clear();
  writer = EventWriter::create(config).value();
  writer.restore(first, false);   // a restart inside of it
  ASSERT_TRUE(change(transaction_event("replace", 1)));
  ASSERT_TRUE(change(event_of("delete")));
  EXPECT_EQ(summaries(sink.records), (std::vector<std::string>{"u 3 3", R"(END {"id": 1}:1)", "d"}));
  EXPECT_EQ(*field(sink.records[1].value, "event_count").integer(), 3);

  sink.records.clear();
  writer = EventWriter::create(config).value();
  writer.restore(first, true);   // a restart behind its END
  ASSERT_TRUE(change(event_of("delete")));
  EXPECT_EQ(summaries(sink.records), (std::vector<std::string>{"d"}));
}

TEST_F(EventWriterTest, TopicsByOtherStrategies) {
  const auto document = DocumentOf{}.int32("_id", 1).bytes();
  for (const auto& [strategy, topic] : {std::pair{"SchemaTopicNamingStrategy", "p"}, {"DefaultUnicodeTopicNamingStrategy", "p.d.a_u005fb"},
                                        {"DefaultRegexTopicNamingStrategy", "one"}, {"DefaultTopicNamingStrategy", "p.d.a_b"}}) {
    writer = EventWriter::create(Config{{{"topic.prefix", "p"}, {"topic.naming.strategy", std::string{"io.debezium.schema."} + strategy},
                                         {"topic.regex", "p.*"}, {"topic.replacement", "one"}}}).value();
    ASSERT_TRUE(writer.read("d", "a_b", document, "true", std::nullopt, sink));
    EXPECT_EQ(sink.records.back().topic, topic);
    EXPECT_EQ(sink.records.back().key_schema->fields.size(), 1u);
  }
}

TEST_F(EventWriterTest, ASnapshotsDocument) {
  const auto document = DocumentOf{}.int64("_id", 5).bytes();
  ASSERT_TRUE(writer.read("commerce", "events", document, "last", std::nullopt, sink));
  const Value& value = sink.records.at(0).value;
  EXPECT_EQ(text_in(field(value, "op")), "r");
  EXPECT_EQ(text_in(field(value, "after")), R"({"_id": {"$numberLong": "5"}})");
  const Value& source = field(value, "source");
  EXPECT_EQ(text_in(field(source, "snapshot")), "last");
  EXPECT_EQ(field(source, "ts_ms"), Value{std::int64_t{0}});
  EXPECT_EQ(field(source, "ord"), Value{std::int64_t{-1}});
}

TEST_F(EventWriterTest, AnInsertWithoutItsDocumentIsDelivered) {
  ASSERT_TRUE(change(event_of("insert").null("fullDocument")));
  EXPECT_TRUE(field(sink.records.at(0).value, "after").is_null());
  EXPECT_EQ(text_in(field(sink.records[0].value, "op")), "c");
}

TEST_F(EventWriterTest, OtherOperationsGiveNothing) {
  for (const char* operation : {"drop", "rename", "dropDatabase", "invalidate", "create"}) ASSERT_TRUE(change(event_of(operation)));
  EXPECT_TRUE(sink.records.empty());
}

TEST_F(EventWriterTest, ACollectionHasOnePlan) {
  const auto document = DocumentOf{}.int32("_id", 1).bytes();
  for (const auto& [database, collection] : {std::pair{"a", "b"}, {"a", "c"}, {"a", "b"}, {"b", "b"}, {"a", "c"}})
    ASSERT_TRUE(writer.read(database, collection, document, "true", std::nullopt, sink));
  EXPECT_EQ(sink.plans[0], sink.plans[2]);
  EXPECT_EQ(sink.plans[1], sink.plans[4]);
  EXPECT_NE(sink.plans[0], sink.plans[1]);
  EXPECT_NE(sink.plans[0], sink.plans[3]);
  EXPECT_EQ(sink.records[3].topic, "mongo.b.b");
}

TEST_F(EventWriterTest, SchemaNamesForAvro) {
  const auto document = DocumentOf{}.int32("_id", 1).bytes();
  for (const auto& [mode, prefix, name] :
       {std::tuple{"avro", "9-a_b", "_9_a_b.d.c.Key"}, {"avro_unicode", "9-a_b", "_u0039_u002da_u005fb.d.c.Key"}, {"none", "9-a_b", "9-a_b.d.c.Key"}}) {
    writer = EventWriter::create(Config{{{"topic.prefix", prefix}, {"schema.name.adjustment.mode", mode}}}).value();
    ASSERT_TRUE(writer.read("d", "c", document, "true", std::nullopt, sink));
    EXPECT_EQ(sink.records.back().key_schema->name, name);
    EXPECT_EQ(sink.records.back().topic, std::string{prefix} + ".d.c");
  }
}

TEST_F(EventWriterTest, ErrorsNameTheCollectionAndTheDocument) {
  DocumentOf deep;
  for (int i = 0; i < k_nesting_max; ++i) deep = DocumentOf{}.document("d", deep);
  const auto changed = change(event_of("insert").document("fullDocument", deep));
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().text.find("Collection commerce.events: the document with _id 5"), std::string::npos) << changed.error().text;
  ASSERT_NE(changed.error().cause, nullptr);
  EXPECT_NE(changed.error().cause->text.find("nested deeper"), std::string::npos);
  for (const char* mode : {"warn", "skip"}) {   // then it is left out
    writer = EventWriter::create(Config{{{"topic.prefix", "mongo"}, {"event.processing.failure.handling.mode", mode}}}).value();
    EXPECT_TRUE(change(event_of("insert").document("fullDocument", deep)));
    EXPECT_TRUE(sink.records.empty());
  }
  const auto nameless = change(DocumentOf{}.document("_id", DocumentOf{}).text("operationType", "insert"));
  ASSERT_FALSE(nameless);
  EXPECT_NE(nameless.error().text.find("names no collection"), std::string::npos);
}

TEST_F(EventWriterTest, TheSinksErrorIsPassedOn) {
  sink.refuse = true;
  const auto changed = change(event_of("delete"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().text, "the sink is full");
}

}  // namespace
}  // namespace millrace::mongodb
