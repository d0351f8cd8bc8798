// The source against a server that the test plays: which positions it stores, and how it goes on from them.
#include "sources/mongodb/mongodb_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "sources/mongodb/fake_mongo.h"
#include "sources/mongodb/mongo_offset.h"
#include "sources/mongodb/test_replies.h"

namespace millrace::mongodb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds k_patience{20};

// What comes of events, by the seconds of their times: "c20" a record, "@20" a stored position of that time.
class Recorder final : public RecordSink {
 public:
  bool ready() const override { return true; }
  Result<void> emit(const Record& record) override {
    const ConnectRecord tree = to_tree(record);
    if (drops && drops(tree)) {
      ++dropped_;
      return {};
    }
    log.push_back(name_of(tree));
    if (log.back().starts_with("r")) snapshots.push_back(snapshot_of(tree));
    return {};
  }
  std::uint64_t dropped() const override { return dropped_; }
  void checkpoint(Checkpoint place) override {
    const auto time = parse_mongo_offset(place.offset).value().time;
    log.push_back("@" + (time ? std::to_string(time->seconds) : "-"));
    places.push_back(std::move(place));
  }
  void store_before_next(Checkpoint place) override { checkpoint(std::move(place)); }
  void flush_soon() override {}
  bool settled() const override { return true; }

  static std::string name_of(const ConnectRecord& record) {
    if (record.topic.starts_with("__debezium-heartbeat")) return "beat";
    if (record.value.is_null()) return "tombstone";
    const Value::Struct& value = *record.value.structure();
    if (record.topic == "p.transaction") return *value.fields[0].string();   // status
    return *value.fields[4].string() + *record.key.structure()->fields[0].string();
  }

  static std::string snapshot_of(const ConnectRecord& record) {   // source.db, collection and snapshot
    const auto& source = record.value.structure()->fields[3].structure()->fields;
    return *source[5].string() + "." + *source[9].string() + " " + *source[4].string();
  }

  std::function<bool(const ConnectRecord&)> drops;   // as a transform does
  std::vector<std::string> log, snapshots;
  std::vector<Checkpoint> places;

 private:
  std::uint64_t dropped_ = 0;
};

std::string in_transaction(const std::string& operation, unsigned seconds, int number) {
  return event(operation, seconds, R"(,"lsid":{"id":"s"},"txnNumber":{"$numberLong":")" + std::to_string(number) + "\"}");
}

// One life of the source: it reads what the server has.
class MongoSourceTest : public testing::Test {
 protected:
  using Entries = std::map<std::string, std::string, std::less<>>;

  // Gives the stream's replies one after another, then empty ones.
  std::optional<std::string> answer(std::string_view name, const std::string& text) {
    if (name == "aggregate") {
      opened.push_back(text);
      return cursor("firstBatch", "", "");
    }
    if (name == "listDatabases") return R"({"ok":1,"databases":[{"name":"d"}]})";
    if (name == "listCollections") return cursor("firstBatch", joined([](const auto& one) { return R"({"name":")" + one.first + "\"}"; }, documents), "", 0);
    if (name == "find") return cursor("firstBatch", found(text), "", 0);
    if (name != "getMore") return R"({"ok":1})";
    if (next_ < replies.size()) return replies[next_++];
    ::poll(nullptr, 0, 5);   // as a server waits for changes
    return cursor("nextBatch", "", rest);
  }

  // Reads until `over`, then stops in order.
  void live(const std::optional<Checkpoint>& place, const std::function<bool()>& over, Entries more = {}) {
    const FakeMongo server{[this](std::string_view name, const std::string& text) { return answer(name, text); }};
    more.insert({{"topic.prefix", "p"}, {"mongodb.connection.string", server.uri()}, {"snapshot.mode", "no_data"}});
    next_ = 0;
    StopSignal stop;
    SourceProgress progress;
    const auto source = registration().create(Config{std::move(more)}, {.connector = "c", .stop = stop, .progress = progress});
    const auto opened_now = source->open(place);
    ASSERT_TRUE(opened_now) << opened_now.error().trace();
    const auto end = Clock::now() + k_patience;
    while (!over()) {
      ASSERT_LT(Clock::now(), end) << testing::PrintToString(sink.log);
      const auto read = source->read(sink);
      ASSERT_TRUE(read) << read.error().trace();
      pollfd bell{source->readiness().fd, POLLIN, 0};
      ::poll(&bell, 1, 20);
    }
    ASSERT_TRUE(source->wind_down(sink));
    source->close(true);
  }
  static std::string joined(const auto& text_of, const auto& list) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : ",") + text_of(one);
    return out;
  }
  std::string found(const std::string& command) const {
    for (const auto& [collection, texts] : documents)
      if (command.contains("\"find\" : \"" + collection + "\"")) return joined([](const std::string& text) { return text; }, texts);
    return {};
  }
  bool has(const std::string& what) const { return std::ranges::find(sink.log, what) != sink.log.end(); }

  Recorder sink;
  std::vector<std::string> replies, opened;
  std::map<std::string, std::vector<std::string>> documents;   // of each collection of the database d
  std::string rest = token(90);

 private:
  std::size_t next_ = 0;
};

Checkpoint offset_at(unsigned seconds) {
  MongoOffset out{.time = ClusterTime{seconds, 1}, .token = {}};
  bson_t document;
  bson_init_from_json(&document, token(seconds).c_str(), -1, nullptr);
  const BsonView view = view_of(document);
  out.token.assign(reinterpret_cast<const char*>(view.data()), view.size());
  bson_destroy(&document);
  return {out.text()};
}

TEST_F(MongoSourceTest, ThePositionIsThatOfTheLastRecord) {
  replies = {cursor("nextBatch", event("insert", 20) + "," + event("delete", 21), token(21)), cursor("nextBatch", event("insert", 22), token(22))};
  live(offset_at(10), [this] { return has("@22"); });
  EXPECT_THAT(sink.log, ElementsAre("c20", "d21", "tombstone", "@21", "c22", "@22"));
}

// As in Connect: a position beyond them is stored with the next record that goes on.
TEST_F(MongoSourceTest, ThePositionDoesNotMoveForEventsThatATransformDrops) {
  sink.drops = [](const ConnectRecord& record) { return Recorder::name_of(record) != "c23"; };
  replies = {cursor("nextBatch", event("insert", 20) + "," + event("delete", 21), token(21)), cursor("nextBatch", event("insert", 22), token(22)),
             cursor("nextBatch", event("insert", 23), token(23)), cursor("nextBatch", event("insert", 24), token(24))};
  live(offset_at(10), [this] { return has("@23"); });
  EXPECT_THAT(sink.log, ElementsAre("c23", "@23"));
}

TEST_F(MongoSourceTest, ATombstoneThatIsLeftMovesThePosition) {
  sink.drops = [](const ConnectRecord& record) { return !record.value.is_null(); };
  replies = {cursor("nextBatch", event("insert", 20) + "," + event("delete", 21), token(21))};
  live(offset_at(10), [this] { return has("@21"); });
  EXPECT_THAT(sink.log, ElementsAre("tombstone", "@21"));
}

// The counters are those of the position: what comes again after a restart is counted once.
TEST_F(MongoSourceTest, ThePositionsTransactionIsThatOfItsRecord) {
  sink.drops = [](const ConnectRecord& record) { return Recorder::name_of(record) == "c21"; };
  replies = {cursor("nextBatch", in_transaction("insert", 20, 1) + "," + in_transaction("insert", 21, 1), token(21))};
  live(offset_at(10), [this] { return has("@20"); }, {{"provide.transaction.metadata", "true"}});
  EXPECT_THAT(sink.log, ElementsAre("BEGIN", "c20", "@20"));
  EXPECT_THAT(sink.places.back().offset, HasSubstr(R"("transaction_data_collection_order_d.c":1)"));
}

// END comes with the next event, and behind a heartbeat the offset's text does not tell whether it was sent.
TEST_F(MongoSourceTest, EndComesOnceWhateverTheRestart) {
  const Entries options{{"provide.transaction.metadata", "true"}, {"heartbeat.interval.ms", "1"}};
  const std::string change = cursor("nextBatch", in_transaction("insert", 20, 1), token(20)), later = cursor("nextBatch", event("insert", 21), token(21));
  const auto beat_at_rest = [this] { return has("@-"); };

  replies = {change};
  live(offset_at(10), beat_at_rest, options);
  const Checkpoint owed = sink.places.back();
  EXPECT_THAT(owed.offset, HasSubstr("transaction_id"));
  sink.log.clear();
  replies = {later};
  live(owed, [this] { return has("c21"); }, options);
  EXPECT_TRUE(has("END"));
  EXPECT_FALSE(has("BEGIN"));

  sink.log.clear();
  replies = {change, later};
  live(offset_at(10), beat_at_rest, options);
  EXPECT_TRUE(has("END"));
  const Checkpoint sent = sink.places.back();
  EXPECT_THAT(sent.offset, HasSubstr("transaction_id"));   // as Debezium's
  sink.log.clear();
  replies = {cursor("nextBatch", event("insert", 22), token(22))};
  live(sent, [this] { return has("c22"); }, options);
  EXPECT_FALSE(has("END"));

  sink.log.clear();
  replies = {cursor("nextBatch", event("insert", 23), token(23))};
  live(Checkpoint{.offset = sent.offset, .whole = false}, [this] { return has("c23"); }, options);   // who wrote it may have been ended before END
  EXPECT_TRUE(has("END"));
}

TEST_F(MongoSourceTest, OneCollectionAfterTheOtherWhateverTheThreads) {
  documents = {{"a", {R"({"_id":1})", R"({"_id":2})"}}, {"b", {R"({"_id":3})"}}, {"c", {R"({"_id":4})"}}};
  live(std::nullopt, [this] { return sink.places.size() == 2; },
       {{"snapshot.mode", "initial"}, {"snapshot.max.threads", "4"}, {"database.include.list", "d"}});
  EXPECT_THAT(sink.log, ElementsAre("@50", "r1", "r2", "r3", "r4", "@50"));
  EXPECT_THAT(sink.snapshots, ElementsAre("d.a true", "d.a true", "d.b true", "d.c last"));
}

TEST_F(MongoSourceTest, AHeartbeatThatATransformDropsStoresNothing) {
  int beats = 0;
  sink.drops = [&beats](const ConnectRecord& record) { return Recorder::name_of(record) == "beat" && ++beats > 0; };
  live(offset_at(10), [&beats] { return beats > 2; }, {{"heartbeat.interval.ms", "1"}});
  EXPECT_THAT(sink.log, IsEmpty());
}

}  // namespace
}  // namespace millrace::mongodb
