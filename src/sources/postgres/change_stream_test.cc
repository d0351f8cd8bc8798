#include "sources/postgres/change_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sources/postgres/test_messages.h"

namespace millrace::postgres {
namespace {

using namespace test;

constexpr std::uint32_t k_users = 16384, k_other = 16385, k_others = 16386, k_leaf = 16387;
constexpr const char* k_transactions = "postgres.transaction";

// Remembers what was emitted as "op:id" (a tombstone is "-:id"), "BEGIN <id>" and "END <id> <events>", and the checkpoints
// between, as "@<lsn_proc>". Of transaction blocks "<id>/<total>/<in collection>".
class RecordingSink final : public RecordSink {
 public:
  bool ready() const override { return true; }
  Result<void> emit(const Record& record) override {
    if (drops) ++dropped_;
    if (record.plan->topic == k_transactions) {
      log.push_back(std::string{record.slots[1].text()} + " " + std::string{record.slots[0].text()} +
                    (record.slots[2].is_null() ? "" : " " + std::to_string(record.slots[2].int64)));
      return {};
    }
    if (const Datum& block = record.slots[slot::transaction]; block.kind == Datum::Kind::tree && !record.tombstone) {
      const auto& fields = block.tree->structure()->fields;
      blocks.push_back(*fields[0].string() + "/" + std::to_string(*fields[1].integer()) + "/" + std::to_string(*fields[2].integer()));
    }
    const std::string id{record.slots[record.plan->slot_count - 1u].text()};
    log.push_back((record.tombstone ? "-" : std::string{record.slots[slot::op].text()}) + ":" + id);
    sequences.emplace_back(record.slots[slot::source_sequence].text());
    return {};
  }
  std::uint64_t dropped() const override { return dropped_; }
  void checkpoint(Checkpoint place) override {
    log.push_back("@" + std::to_string(*parse_offset(place.offset)->lsn_proc));
    offsets.push_back(std::move(place.offset));
  }
  void store_before_next(Checkpoint) override { FAIL() << "a stream takes no snapshot"; }
  void flush_soon() override {}
  bool settled() const override { return true; }

  std::vector<std::string> log, offsets, sequences, blocks;
  bool drops = false;   // as a transform does

 private:
  std::uint64_t dropped_ = 0;
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
  ChangeStream stream(const PostgresOffset& start, bool whole, bool metadata = false) {
    ChangeStream::Options options;
    options.captures = [](const TableId& id) { return id.table == "users" || id.table == "others"; };
    options.root_of = [](std::uint32_t oid) {
      return Result<std::optional<TableId>>{oid == k_leaf ? std::optional{TableId{"public", "users"}} : std::nullopt};
    };
    options.await_transaction = [this](std::uint32_t xid) {
      awaited_.push_back(xid);
      return Result<void>{};
    };
    if (metadata) options.transaction_topic = k_transactions;
    options.plan = [](const pgoutput::Relation&, const TableId& id) -> Result<std::unique_ptr<RelationPlan>> {
      return users_plan(id);
    };
    return ChangeStream{std::move(options), writer_, progress_, start, whole};
  }
  void feed(ChangeStream& to, Lsn lsn, const std::string& message) {
    const auto handled = to.handle(lsn, message, sink_);
    ASSERT_TRUE(handled) << handled.error().text;
  }
  void describe(ChangeStream& to) { feed(to, 0, relation(k_users, "users", {"id"})); }

  ChangeWriter writer_{true};
  SourceProgress progress_;
  RecordingSink sink_;
  std::vector<std::uint32_t> awaited_;
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

TEST_F(ChangeStreamTest, ATransactionIsWaitedForOnceHoweverManyTablesItDescribes) {
  ChangeStream changes = stream({.lsn = 50}, true);
  feed(changes, 100, begin(7));
  describe(changes);
  feed(changes, 0, relation(k_other, "other", {"id"}));
  feed(changes, 180, commit(180));
  feed(changes, 180, begin(8));
  describe(changes);
  EXPECT_EQ(awaited_, (std::vector<std::uint32_t>{7, 8}));
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

TEST_F(ChangeStreamTest, ATruncationGivesOneEventForEachCapturedTableAndOnePosition) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 0, relation(k_other, "other", {"id"}));
  feed(changes, 0, relation(k_others, "others", {"id"}));
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 150, truncate({k_users, k_other, k_others}));
  changes.checkpoint(sink_);   // what follows may share LSN 150
  EXPECT_EQ(sink_.log, (Log{"c:a", "t:", "t:"}));
  feed(changes, 180, commit(180));
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.offsets, (Log{R"({"lsn_proc":150,"messageType":"TRUNCATE","lsn":150,"txId":7,"ts_usec":946684800000000})"}));
}

TEST_F(ChangeStreamTest, AForeignPositionInsideATruncationSendsItAgainWhole) {
  PostgresOffset start = inside(150, 7, "TRUNCATE");
  start.lsn_proc = 100;
  ChangeStream changes = stream(start, false);
  describe(changes);
  feed(changes, 0, relation(k_others, "others", {"id"}));
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 150, truncate({k_users, k_others}));
  feed(changes, 180, commit(180));
  EXPECT_EQ(sink_.log, (Log{"t:", "t:"}));
}

TEST_F(ChangeStreamTest, APartitionsRowsGoToItsTableAndItsTruncationNowhere) {
  ChangeStream changes = stream({.lsn = 50}, true);
  feed(changes, 0, relation(k_leaf, "users_eu", {"id"}));
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_leaf, {"a"}));
  feed(changes, 150, truncate({k_leaf}));
  feed(changes, 180, commit(180));
  EXPECT_EQ(sink_.log, (Log{"c:a"}));
}

TEST_F(ChangeStreamTest, ThePositionStaysWhereNoRecordOfAChangeWentOn) {
  ChangeStream changes = stream({.lsn = 50}, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  sink_.drops = true;
  feed(changes, 120, remove(k_users, {"a"}));
  feed(changes, 180, commit(180));
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.offsets, (Log{R"({"lsn_proc":100,"messageType":"INSERT","lsn":100,"txId":7,"ts_usec":946684800000000})"}));
}

TEST_F(ChangeStreamTest, ATransactionHasItsRecordsBlocksAndOffsets) {
  ChangeStream changes = stream({.lsn = 50}, true, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 120, remove(k_users, {"a"}));
  feed(changes, 180, commit(180));
  EXPECT_EQ(sink_.log, (Log{"BEGIN 7:100", "c:a", "d:a", "-:a", "END 7:180 2"}));
  EXPECT_EQ(sink_.blocks, (Log{"7:100/1/1", "7:120/2/2"}));
  changes.checkpoint(sink_);
  EXPECT_EQ(sink_.offsets.back(),
            R"({"transaction_id":"7","lsn_proc":180,"transaction_data_collection_order_public.users":2,"messageType":"COMMIT",)"
            R"("lsn_commit":180,"lsn":180,"txId":7,"ts_usec":946684800000000})");
  EXPECT_EQ(changes.resting_place()->text(),
            R"({"lsn_proc":180,"messageType":"COMMIT","lsn_commit":180,"lsn":180,"txId":7,"ts_usec":946684800000000})");
}

TEST_F(ChangeStreamTest, AStoredPositionHasTheCountersOfItsOwnRecordNotOfDroppedOnes) {
  ChangeStream changes = stream({.lsn = 50}, true, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  sink_.drops = true;
  feed(changes, 120, insert(k_users, {"b"}));
  feed(changes, 180, commit(180));
  feed(changes, 180, begin(8));
  changes.checkpoint(sink_);
  EXPECT_EQ(parse_offset(sink_.offsets.back())->lsn, 100u);
  EXPECT_EQ(parse_offset(sink_.offsets.back())->transaction, (TransactionState{.id = "7", .counts = {{"public.users", 1}}}));
}

TEST_F(ChangeStreamTest, ResumedInsideATransactionItsCountersGoOnAndBeginIsNotRepeated) {
  PostgresOffset start = inside(120, 7);
  start.transaction = {.id = "7", .counts = {{"public.users", 2}}};
  ChangeStream changes = stream(start, true, true);
  EXPECT_EQ(changes.resting_place(), std::nullopt);   // its first transaction is not found yet
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 120, insert(k_users, {"b"}));
  feed(changes, 140, insert(k_users, {"c"}));
  feed(changes, 180, commit(180));
  EXPECT_EQ(sink_.log, (Log{"c:c", "END 7:180 3"}));
  EXPECT_EQ(sink_.blocks, (Log{"7:140/3/3"}));
}

TEST_F(ChangeStreamTest, ResumedBehindABeginItIsNotRepeatedAndAllChangesCome) {
  PostgresOffset start{.lsn = 100, .lsn_proc = 60, .lsn_commit = 60, .tx_id = 7, .message_type = "BEGIN"};
  start.transaction.id = "7";
  ChangeStream changes = stream(start, true, true);
  describe(changes);
  feed(changes, 100, begin(7));
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 180, commit(180));
  feed(changes, 180, begin(8));
  feed(changes, 260, commit(260));
  EXPECT_EQ(sink_.log, (Log{"c:a", "END 7:180 1", "BEGIN 8:180", "END 8:260 0"}));
}

TEST_F(ChangeStreamTest, ARestingPlaceIsOnlyBetweenTransactionsWhenAllIsCovered) {
  ChangeStream changes = stream({.lsn = 50, .tx_id = 3, .ts_usec = 9, .snapshot = true, .last_snapshot_record = true}, true);
  EXPECT_EQ(changes.resting_place()->text(), R"({"lsn":50,"txId":3,"ts_usec":9})");
  describe(changes);
  feed(changes, 100, begin(7));
  EXPECT_EQ(changes.resting_place(), std::nullopt);
  feed(changes, 100, insert(k_users, {"a"}));
  feed(changes, 180, commit(180));
  EXPECT_EQ(changes.resting_place(), std::nullopt);
  changes.checkpoint(sink_);
  EXPECT_EQ(changes.resting_place()->lsn_commit, 180u);
}

class SkippingTest : public ChangeStreamTest {
 protected:
  Log of_a_changed_key(SkippedOperations skipped) {
    ChangeWriter writer{true, skipped};
    RecordingSink sink;
    const auto plan = users_plan({"public", "users"});
    pgoutput::Decoder decoder;
    const std::string raw = update_key(k_users, {"a"}, {"b"});
    const auto message = decoder.decode(raw);
    EXPECT_TRUE(writer.update(*plan, {}, std::get<pgoutput::Update>(*message), sink));
    EXPECT_EQ(writer.emitted(), static_cast<std::uint64_t>(std::ranges::count_if(sink.log, [](const std::string& line) { return line[0] != '-'; })));
    return sink.log;
  }
};

TEST_F(SkippingTest, AChangedKeyIsADeleteAndACreateAlsoToSkippedOperations) {
  EXPECT_EQ(of_a_changed_key({.updates = true}), (Log{"d:a", "-:a", "c:b"}));
  EXPECT_EQ(of_a_changed_key({.creates = true}), (Log{"d:a", "-:a"}));
  EXPECT_EQ(of_a_changed_key({.deletes = true}), (Log{"c:b"}));
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
