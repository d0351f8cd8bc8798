#include "connect/offset_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace millrace {
namespace {

using kafka::LogRecord;

// A log whose end is always reached; writes come back as records at once.
class EchoLog final : public kafka::TopicLog {
 public:
  explicit EchoLog(std::function<void(const LogRecord&)> on_record) : on_record_{std::move(on_record)} {}
  Result<void> read_to_end(int) override {
    if (fails) return fail("no broker", Retry::yes);
    return {};
  }
  void write(std::string key, std::optional<std::string> value, std::string_view mark,
             std::function<void(Result<std::int64_t>)> done) override {
    if (fails) return done(fail("no broker", Retry::yes));
    LogRecord record{.key = key, .mark = mark};
    if (value) record.value = *value;
    on_record_(record);
    done(7);
  }
  Result<void> write_and_read_back(std::string, std::optional<std::string>, int) override { return {}; }

  bool fails = false;

 private:
  std::function<void(const LogRecord&)> on_record_;
};

class TopicStore : public testing::Test {
 protected:
  TopicStore() {
    auto log = std::make_unique<EchoLog>(store_->on_record());
    log_ = log.get();
    store_->attach(std::move(log));
  }
  std::unique_ptr<TopicOffsetStore> store_ = TopicOffsetStore::create();
  EchoLog* log_ = nullptr;
};

TEST(OffsetKey, IsWrittenAsJacksonWritesIt) {
  EXPECT_EQ(offset_key("c", R"({"server":"p"})"), R"(["c",{"server":"p"}])");
  EXPECT_EQ(offset_key("a\"b\\c\n\x01", "{}"), R"(["a\"b\\c\n\u0001",{}])");
  EXPECT_EQ(offset_key("z\xC3\xBC\xF0\x9F\x98\x80", "{}"), "[\"z\xC3\xBC\\uD83D\\uDE00\",{}]");
}

TEST_F(TopicStore, RemembersWhichPlacesAreWhole) {
  store_->on_record()({.key = "theirs", .value = "1"});
  store_->write("ours", Checkpoint{"2"}, [](Result<void> result) { EXPECT_TRUE(result); });
  const auto theirs = store_->read("theirs");
  const auto ours = store_->read("ours");
  ASSERT_TRUE(theirs && *theirs && ours && *ours);
  EXPECT_FALSE((*theirs)->whole);
  EXPECT_TRUE((*ours)->whole);
  EXPECT_EQ((*ours)->offset, "2");
}

TEST_F(TopicStore, APlaceThatIsNotWholeIsRememberedSo) {
  store_->write("k", Checkpoint{.offset = "1", .whole = false}, [](Result<void> result) { EXPECT_TRUE(result); });
  const auto by_hand = store_->read("k");
  ASSERT_TRUE(by_hand && *by_hand);
  EXPECT_FALSE((*by_hand)->whole);
}

TEST_F(TopicStore, RemembersThatABeginningIsNotShown) {
  const Checkpoint beginning{.offset = "1", .shown = false};
  store_->write("k", beginning, [](Result<void> result) { EXPECT_TRUE(result); });
  EXPECT_EQ(*store_->read("k"), beginning);
  store_->write("k", Checkpoint{"2"}, [](Result<void>) {});
  EXPECT_EQ(*store_->read("k"), Checkpoint{"2"});
}

TEST_F(TopicStore, ForgetsOurMarkWhenSomebodyElseWrites) {
  store_->write("k", Checkpoint{"1"}, [](Result<void>) {});
  store_->on_record()({.key = "k", .value = "2"});
  EXPECT_FALSE((*store_->read("k"))->whole);
}

TEST_F(TopicStore, ForgetsAKeyAtItsTombstone) {
  store_->write("k", Checkpoint{"1"}, [](Result<void>) {});
  store_->write("k", std::nullopt, [](Result<void>) {});
  EXPECT_FALSE(*store_->read("k"));
}

TEST_F(TopicStore, ListsTheOffsetsOfOneConnector) {
  for (const char* key : {R"(["c",{"server":"p"}])", R"(["c",{"server":"q"}])", R"(["cc",{"server":"p"}])", R"("c")"})
    store_->on_record()({.key = key, .value = "1"});
  const auto listed = store_->of_connector("c");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), 2U);
}

TEST_F(TopicStore, SaysThatTheTopicCannotBeRead) {
  log_->fails = true;
  const auto read = store_->read("k");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, "Failed to read from the offsets topic");
  EXPECT_TRUE(read.error().retriable());
  bool failed = false;
  store_->write("k", Checkpoint{"1"}, [&](Result<void> result) { failed = !result; });
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace millrace
