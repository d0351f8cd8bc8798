#include "sources/postgres/change_stream.h"

#include <gtest/gtest.h>

#include "sources/postgres/test_messages.h"

namespace millrace::postgres {
namespace {

using namespace test;

constexpr std::uint32_t k_users = 16384, k_other = 16385;

// Remembers what was emitted as "op:id" (a tombstone is "-:id") and the checkpoints between, as "@<lsn_proc>".
class RecordingSink final : public RecordSink {
 public:
  bool ready() const override { return true; }
  Result<void> emit(const Record& record) override {
    const std::string id{record.slots[record.plan->slot_count - 1u].text()};
    log.push_back((record.tombstone ? "-" : std::string{record.slots[slot::op].text()}) + ":" + id);
    sequences.emplace_back(record.slots[slot::source_sequence].text());
    return {};
  }
  void checkpoint(std::string offset) override {
    offsets.push_back(offset);
    log.push_back("@" + std::to_string(*parse_offset(offset)->lsn_proc));
  }
  void flush_soon() override {}
  bool settled() const override { return true; }

  std::vector<std::string> log, offsets, sequences;
};

// One text column "id", which is the key.
std::unique_ptr<RelationPlan> users_plan(const TableId& id) {
  auto plan = std::make_unique<RelationPlan>();
  plan->id = id;
  plan->topic = plan->record.topic = "postgres." + id.text();
  ColumnCodec column;
  column.name = "id";
  column.schema = std::make_shared<Schema>(Schema{.type = Type::string});
  column.decode = [](const ColumnCodec&, std::string_view text, Scratch&) -> Result<Datum> { return Datum::string(text); };
  plan->columns.push_back(std::move(column));
  plan->tuple_index = {0};
  plan->tuple_size = 1;
  plan->key_columns = {0};
  plan->record.slot_count = slot::first_column + 3;
  return plan;
}

class ChangeStreamTest : public testing::Test {
 protected:
  ChangeStream stream(const PostgresOffset& start, bool written_by_us) {
    ChangeStream::Options options;
    options.captures = [](const TableId& id) { return id.table == "users"; };
    options.plan = [](const pgoutput::Relation&, const TableId& id) -> Result<std::unique_ptr<RelationPlan>> {
      return users_plan(id);
    };
    return ChangeStream{std::move(options), writer_, progress_, start, written_by_us};
  }
  void feed(ChangeStream& to, Lsn lsn, const std::string& message) {
    const auto handled = to.handle(lsn, message, sink_);
    ASSERT_TRUE(handled) << handled.error().text;
  }
  void describe(ChangeStream& to) { feed(to, 0, relation(k_users, "users", {"id"})); }

  ChangeWriter writer_{true};
  SourceProgress progress_;
  RecordingSink sink_;
};

using Log = std::vector<std::string>;

TEST_F(ChangeStreamTest, CheckpointsWithTheLastChangesOwnOffsetAfterItsCommit) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  changes.checkpoint(sink_);   // another change may share LSN 100
  EXPECT_EQ(sink_.log, (Log{"c:a"}));
  feed(changes, 180, commit(180));
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.log, (Log{"c:a", "@100"}));
  EXPECT_EQ(sink_.offsets.back(), R"({"lsn_proc":100,"messageType":"INSERT","lsn":100,"txId":7,"ts_usec":946684800000000})");

  feed(changes, 180, begin(8));
  feed(changes, 180, remove(k_users, {"a"}));
  feed(changes, 260, commit(260));
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.log, (Log{"c:a", "@100", "d:a", "-:a", "@180"}));
  EXPECT_EQ(sink_.offsets.back(), R"({"lsn_proc":180,"messageType":"DELETE","lsn_commit":180,"lsn":180,"txId":8,"ts_usec":946684800000000})");
  EXPECT_EQ(sink_.sequences, (Log{R"([null,"100"])", R"(["180","180"])", R"(["180","180"])"}));
}

TEST_F(ChangeStreamTest, CountsChangesAndNotesTheTimeOfTheLast) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  changes.note_times();
  EXPECT_EQ(progress_.last_event_ms.get(), 0);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 120, update(k_users, {"a"}));
  feed(changes, 140, remove(k_users, {"a"}));
  feed(changes, 180, commit(180));
  changes.note_times();
  EXPECT_EQ(progress_.creates.get(), 1);
  EXPECT_EQ(progress_.updates.get(), 1);
  EXPECT_EQ(progress_.deletes.get(), 1);
  EXPECT_EQ(progress_.transactions.get(), 1);
  EXPECT_EQ(progress_.last_source_ms.get(), 946'684'800'000);
  EXPECT_GT(progress_.last_event_ms.get(), progress_.last_source_ms.get());
}

TEST_F(ChangeStreamTest, ALongTransactionIsCheckpointedOnlyWhereTheLsnChanges) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 100, begin(7));
  for (int i = 0; i < 70; ++i) feed(changes, 100, insert(k_users, {"x"}));   // a COPY: one LSN
  EXPECT_TRUE(sink_.offsets.empty());
  feed(changes, 200, insert(k_users, {"y"}));
  ASSERT_EQ(sink_.offsets.size(), 1u);
  EXPECT_EQ(parse_offset(sink_.offsets[0])->lsn_proc, 100u);
  EXPECT_EQ(sink_.log[69], "c:x");
  EXPECT_EQ(sink_.log[70], "@100");
  EXPECT_EQ(sink_.log[71], "c:y");
}

PostgresOffset inside(Lsn lsn, std::int64_t tx_id, std::string type = "INSERT") {
  return {.lsn = lsn, .lsn_proc = lsn, .lsn_commit = 90, .tx_id = tx_id, .message_type = std::move(type)};
}

TEST_F(ChangeStreamTest, AStopInATransactionFindsTheEndOfItsGroupAndDeliversNothingBehindIt) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  ASSERT_TRUE(changes.needs_winding_down());
  EXPECT_EQ(changes.wind_down(100, insert(k_users, {"b"}), sink_), false);   // shares the LSN
  EXPECT_EQ(changes.wind_down(200, insert(k_users, {"c"}), sink_), true);
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.log, (Log{"c:a", "c:b", "@100"}));
}

TEST_F(ChangeStreamTest, AStopAtTheEndOfATransactionWaitsForItsCommit) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  EXPECT_EQ(changes.wind_down(180, commit(180), sink_), true);
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.log, (Log{"c:a", "@100"}));
}

TEST_F(ChangeStreamTest, ResumesBehindOurOwnPositionWithoutARepeat) {
  ChangeStream changes = stream(inside(200, 7), true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 200, insert(k_users, {"b"}));
  feed(changes, 200, insert(k_users, {"c"}));
  feed(changes, 300, insert(k_users, {"d"}));
  feed(changes, 380, commit(380));
  feed(changes, 380, begin(8));
  feed(changes, 110, insert(k_users, {"e"}));   // an older place of a later transaction is new
  EXPECT_EQ(sink_.log, (Log{"c:d", "c:e"}));
}

TEST_F(ChangeStreamTest, AForeignPositionSharedByChangesIsSentAgainWhole) {
  ChangeStream changes = stream(inside(200, 7), false);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 200, insert(k_users, {"b"}));
  feed(changes, 200, insert(k_users, {"c"}));
  feed(changes, 200, insert(k_users, {"d"}));
  feed(changes, 300, insert(k_users, {"e"}));
  EXPECT_EQ(sink_.log, (Log{"c:b", "c:c", "c:d", "c:e"}));
}

TEST_F(ChangeStreamTest, AForeignPositionOfOneInsertIsNotSentAgain) {
  ChangeStream changes = stream(inside(200, 7), false);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 200, insert(k_users, {"b"}));
  feed(changes, 300, insert(k_users, {"c"}));
  EXPECT_EQ(sink_.log, (Log{"c:c"}));
}

TEST_F(ChangeStreamTest, AForeignPositionOfOneInsertAtTheEndOfItsTransactionIsNotSentAgain) {
  ChangeStream changes = stream(inside(200, 7), false);
  describe(changes);
  feed(changes, 200, begin(7));
  feed(changes, 200, insert(k_users, {"b"}));
  feed(changes, 280, commit(280));
  feed(changes, 280, begin(8));
  feed(changes, 280, update(k_users, {"b"}));
  EXPECT_EQ(sink_.log, (Log{"u:b"}));
}

TEST_F(ChangeStreamTest, AForeignPositionOfADeleteIsSentAgainForItsTombstone) {
  ChangeStream changes = stream(inside(200, 7, "DELETE"), false);
  describe(changes);
  feed(changes, 200, begin(7));
  feed(changes, 200, remove(k_users, {"b"}));
  feed(changes, 280, commit(280));
  EXPECT_EQ(sink_.log, (Log{"d:b", "-:b"}));
}

TEST_F(ChangeStreamTest, AnotherFirstTransactionIsNotPassedOver) {
  ChangeStream changes = stream(inside(200, 7), true);
  describe(changes);
  feed(changes, 100, begin(9));
  feed(changes, 100, insert(k_users, {"a"}));
  EXPECT_EQ(sink_.log, (Log{"c:a"}));
}

TEST_F(ChangeStreamTest, AnOffsetOfACommitPassesNothingOver) {
  ChangeStream changes = stream(inside(200, 7, "COMMIT"), true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  EXPECT_EQ(sink_.log, (Log{"c:a"}));
}

TEST_F(ChangeStreamTest, TablesThatAreNotCapturedGiveNothing) {
  ChangeStream changes = stream({.lsn = 50}, true);
  feed(changes, 0, relation(k_other, "other", {"id"}));
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_other, {"a"}));
  feed(changes, 180, commit(180));
  changes.checkpoint(sink_);
  EXPECT_TRUE(sink_.log.empty());
}

TEST_F(ChangeStreamTest, ATableRenamedOutOfTheFilterGoesOnUnderItsOldName) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 0, relation(k_users, "renamed", {"id"}));
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  EXPECT_EQ(sink_.log, (Log{"c:a"}));
}

TEST_F(ChangeStreamTest, AnIdleStretchAdvancesOffsetAndLaterCommits) {
  ChangeStream changes = stream(inside(200, 7), true);
  EXPECT_EQ(changes.advance_to(900).text(),
            R"({"lsn_proc":900,"messageType":"COMMIT","lsn_commit":900,"lsn":900,"txId":7,"ts_usec":0})");
  describe(changes);
  feed(changes, 950, begin(9));
  feed(changes, 950, insert(k_users, {"a"}));
  EXPECT_EQ(sink_.sequences, (Log{R"(["900","950"])"}));
}

TEST_F(ChangeStreamTest, AChangeOfAnUnknownRelationIsAnError) {
  ChangeStream changes = stream({.lsn = 50}, true);
  feed(changes, 100, begin(7));
  const auto handled = changes.handle(100, insert(99, {"a"}), sink_);
  ASSERT_FALSE(handled);
  EXPECT_NE(handled.error().text.find("relation 99"), std::string::npos);
}

}  // namespace
}  // namespace millrace::postgres
