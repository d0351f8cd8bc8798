// The fetcher and its client against a server that the test plays.
#include "sources/mongodb/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "sources/mongodb/fake_mongo.h"
#include "sources/mongodb/test_replies.h"

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds k_fetch_patience{20};

ResumePoint at(unsigned seconds) {
  bson_t document;
  bson_init_from_json(&document, token(seconds).c_str(), -1, nullptr);
  const BsonView view = view_of(document);
  ResumePoint out{.token = {reinterpret_cast<const char*>(view.data()), view.size()}, .time = std::nullopt};
  bson_destroy(&document);
  return out;
}

class FetcherTest : public testing::Test {
 protected:
  std::unique_ptr<Client> connect(const FakeMongo& server, const std::string& options = "") {
    auto client = Client::open({.uri = server.uri("", options)}, stop_);
    EXPECT_TRUE(client && (*client)->select_server());
    return std::move(*client);
  }
  std::unique_ptr<Fetcher> fetch(const FakeMongo& server, ReadPlan plan, const std::string& options = "") {
    auto client = connect(server, options);
    const CollectionFilter filter = CollectionFilter::create(Config{}).value();
    auto stream = std::make_unique<ChangeStream>(*client, CaptureOptions{.operations = {"insert"}}, filter);
    return std::make_unique<Fetcher>(std::move(client), std::move(stream), std::nullopt, std::move(plan));
  }
  // Takes batches until `over`; false: it did not come in time.
  static bool take_until(Fetcher& fetcher, const std::function<bool(const Batch*)>& over) {
    const auto end = Clock::now() + k_fetch_patience;
    while (Clock::now() < end) {
      const Batch* batch = fetcher.front();
      if (over(batch)) return true;
      if (batch != nullptr) {
        fetcher.pop();
        continue;
      }
      pollfd bell{fetcher.wake().fd(), POLLIN, 0};
      ::poll(&bell, 1, 20);
      fetcher.wake().drain();
    }
    return false;
  }

  StopSignal stop_;
};

// A mongos answers with nothing while it waits for its shards: the deletes that are still to come must not be left out.
TEST_F(FetcherTest, ABacklogGoesOnBehindAnEmptyReplyUntilTheServerHasReadThatFar) {
  int replies = 0;
  FakeMongo server{[&](std::string_view name, const std::string&) -> std::optional<std::string> {
    if (name == "aggregate") return cursor("firstBatch", "", token(10));
    if (name != "getMore") return R"({"ok":1})";
    return ++replies == 1 ? cursor("nextBatch", event("delete", 20), token(20)) : cursor("nextBatch", "", token(40));
  }};
  const auto fetcher = fetch(server, {.backlog = at(10), .backlog_end = {30, 1}, .snapshot = std::vector<Namespace>{}, .stream = std::nullopt});
  int deletes = 0;
  EXPECT_TRUE(take_until(*fetcher, [&](const Batch* batch) {
    deletes += batch != nullptr && batch->kind == Batch::Kind::backlog;
    return batch != nullptr && batch->kind == Batch::Kind::snapshot_end;
  }));
  EXPECT_EQ(deletes, 1);
}

TEST_F(FetcherTest, AStreamGoesOnBehindTheTokenOfAnInvalidateEvent) {
  std::string last;
  FakeMongo server{[&](std::string_view name, const std::string& text) -> std::optional<std::string> {
    if (name == "getMore") return cursor("nextBatch", "", token(20));
    if (name != "aggregate") return R"({"ok":1})";
    last = text;
    if (text.contains("resumeAfter")) return refusal(260, "resumeAfter is not allowed from an invalidate notification");
    return cursor("firstBatch", event("insert", 20), token(20));
  }};
  const auto fetcher = fetch(server, {.stream = at(10)});
  EXPECT_TRUE(take_until(*fetcher, [](const Batch* batch) { return batch != nullptr; }));
  EXPECT_THAT(last, HasSubstr("startAfter"));
}

// The server closes the cursor behind the event all the same; the token of that reply may be one that it does not take.
TEST_F(FetcherTest, AStreamWhosePipelineHidesTheInvalidateEventGoesOnBehindIt) {
  const auto data = [](unsigned seconds) { return token(seconds).substr(10); };
  FakeMongo server{[&](std::string_view name, const std::string& text) -> std::optional<std::string> {
    if (name == "getMore") return cursor("nextBatch", "", token(25), text.contains("\"getMore\" : 7") ? 0 : 8);
    if (name != "aggregate") return R"({"ok":1})";
    if (text.contains("startAfter")) return cursor("firstBatch", event("insert", 30), token(30), 8);
    if (text.contains(data(25).substr(0, 14))) return refusal(280, "token of another collection");
    if (text.contains(data(20).substr(0, 14))) return refusal(260, "resumeAfter is not allowed from an invalidate notification");
    if (text.contains(R"("operationType" : "invalidate")")) return cursor("firstBatch", event("invalidate", 20), token(20), 0);
    return cursor("firstBatch", "", token(10));
  }};
  const auto fetcher = fetch(server, {.stream = at(10)});
  EXPECT_TRUE(take_until(*fetcher, [&](const Batch* batch) { return (batch != nullptr && batch->content.count > 0) || fetcher->failure(); }));
  EXPECT_FALSE(fetcher->failure());
}

// Without tokens of batches (old servers, other products) the place of a stream that has brought nothing yet is a time.
TEST_F(FetcherTest, AStreamThatHasBroughtNothingIsNotOpenedAnewFromNow) {
  std::string second;
  int opened = 0;
  FakeMongo server{[&](std::string_view name, const std::string& text) -> std::optional<std::string> {
    if (name == "getMore") return opened == 1 ? refusal(43, "cursor not found") : cursor("nextBatch", "", "");
    if (name != "aggregate") return R"({"ok":1})";
    if (++opened == 2) second = text;
    return cursor("firstBatch", opened == 2 ? event("insert", 60) : "", "");
  }};
  const auto fetcher = fetch(server, {.stream = ResumePoint{}});
  EXPECT_TRUE(take_until(*fetcher, [](const Batch* batch) { return batch != nullptr && batch->content.count > 0; }));
  EXPECT_THAT(second, HasSubstr(R"("startAtOperationTime" : { "$timestamp" : { "t" : 50, "i" : 1 } })"));
}

TEST_F(FetcherTest, AStreamThatEndsAtOnceIsNotOpenedInABusyLoop) {
  std::atomic<int> opened = 0;
  FakeMongo server{[&](std::string_view name, const std::string&) -> std::optional<std::string> {
    opened += name == "aggregate";
    return cursor("firstBatch", "", token(10), 0);
  }};
  const auto fetcher = fetch(server, {.stream = at(10)});
  const auto end = Clock::now() + std::chrono::milliseconds{1'500};
  EXPECT_TRUE(take_until(*fetcher, [&](const Batch*) { return Clock::now() > end; }));
  EXPECT_GE(opened, 1);
  EXPECT_LE(opened, 4);   // each time it is asked for the event that ended it, too
  EXPECT_FALSE(fetcher->failure());
}

TEST_F(FetcherTest, TheConnectionStringsReadConcernHoldsForDocuments) {
  std::string found;
  FakeMongo server{[&](std::string_view name, const std::string& text) -> std::optional<std::string> {
    if (name == "find") found = text;
    return cursor("firstBatch", R"({"_id":1})", "", 0);
  }};
  const auto fetcher = fetch(server, {.snapshot = std::vector<Namespace>{{"d", "c"}}, .stream = std::nullopt}, "&readConcernLevel=majority");
  EXPECT_TRUE(take_until(*fetcher, [](const Batch* batch) { return batch != nullptr && batch->kind == Batch::Kind::snapshot_end; }));
  EXPECT_THAT(found, HasSubstr(R"("readConcern" : { "level" : "majority" })"));
}

// The snapshot goes on with the next collection; of one that is still there the error counts.
TEST_F(FetcherTest, ACollectionThatIsDroppedWhileItIsReadEndsThere) {
  std::string there = R"({"name":"b"})";
  FakeMongo server{[&](std::string_view name, const std::string&) -> std::optional<std::string> {
    if (name == "listCollections") return cursor("firstBatch", there, "", 0);
    if (name == "getMore") return refusal(175, "collection dropped");
    return name == "find" ? cursor("firstBatch", R"({"_id":1})", "") : R"({"ok":1})";
  }};
  const ReadPlan plan{.snapshot = std::vector<Namespace>{{"d", "a"}}, .stream = std::nullopt};
  bool ended = false;
  const auto gone = fetch(server, plan);
  EXPECT_TRUE(take_until(*gone, [&](const Batch* batch) {
    ended |= batch != nullptr && batch->kind == Batch::Kind::documents && batch->ends_collection;
    return batch != nullptr && batch->kind == Batch::Kind::snapshot_end;
  }));
  EXPECT_TRUE(ended);

  there = R"({"name":"a"})";
  const auto kept = fetch(server, plan);
  EXPECT_TRUE(take_until(*kept, [&](const Batch* batch) { return batch == nullptr && kept->failure(); }));
  EXPECT_EQ(kept->failure()->code, 175);
}

TEST_F(FetcherTest, ASnapshotLeavesOutWhatTheServerKeepsForItself) {
  FakeMongo server{[](std::string_view name, const std::string& text) -> std::optional<std::string> {
    if (name != "find") return R"({"ok":1})";
    return text.contains("system.views") || text.contains("secret") ? refusal(13, "not authorized") : cursor("firstBatch", R"({"_id":1})", "", 0);
  }};
  const auto views = fetch(server, {.snapshot = std::vector<Namespace>{{"d", "system.views"}, {"d", "c"}}, .stream = std::nullopt});
  EXPECT_TRUE(take_until(*views, [](const Batch* batch) { return batch != nullptr && batch->kind == Batch::Kind::snapshot_end; }));
  const auto secret = fetch(server, {.snapshot = std::vector<Namespace>{{"d", "secret"}}, .stream = std::nullopt});
  EXPECT_TRUE(take_until(*secret, [&](const Batch* batch) { return batch == nullptr && secret->failure(); }));
  EXPECT_EQ(secret->failure()->code, 13);
}

TEST_F(FetcherTest, AServerIsChosenByTheReadPreference) {
  FakeMongo server{[](std::string_view, const std::string&) -> std::optional<std::string> { return R"({"ok":1})"; }};
  auto client = Client::open({.uri = server.uri("", "&readPreference=secondary&serverSelectionTimeoutMS=300")}, stop_);
  ASSERT_TRUE(client);
  const auto selected = (*client)->select_server();
  ASSERT_FALSE(selected);
  EXPECT_EQ(selected.error().kind, ServerError::Kind::network);
}

// It listens, and the kernel accepts, but nobody answers: a frozen process.
TEST_F(FetcherTest, AClientOfASilentServerEndsAtOnce) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 64), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  auto client = Client::open({.uri = "mongodb://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/?replicaSet=rs0"}, stop_);
  ASSERT_TRUE(client);
  std::jthread stopper{[this] { stop_.request(); }};
  EXPECT_FALSE((*client)->select_server());
  const auto began = Clock::now();
  client->reset();
  EXPECT_LT(Clock::now() - began, std::chrono::seconds{3});
  ::close(listener);
}

// What a failover looks like to a log-in: it is tried again without end, and nobody is told to look at the password.
TEST_F(FetcherTest, ALogInThatIsCutOffIsNotARefusedOne) {
  FakeMongo server{[](std::string_view, const std::string&) -> std::optional<std::string> { return std::nullopt; }};
  auto client = Client::open({.uri = server.uri("u:p@", "&authMechanism=SCRAM-SHA-256&serverSelectionTimeoutMS=1000")}, stop_);
  ASSERT_TRUE(client && (*client)->select_server());
  const auto names = (*client)->database_names();
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().kind, ServerError::Kind::network) << names.error().error.text;
  EXPECT_FALSE(names.error().authentication);
  EXPECT_EQ(names.error().error.attempts_max, 0);
}

TEST_F(FetcherTest, ALogInThatIsRefusedIsSaidToBe) {
  FakeMongo server{[](std::string_view, const std::string&) -> std::optional<std::string> { return refusal(18, "Authentication failed."); }};
  auto client = Client::open({.uri = server.uri("u:p@", "&authMechanism=SCRAM-SHA-256&serverSelectionTimeoutMS=1000")}, stop_);
  ASSERT_TRUE(client && (*client)->select_server());
  const auto names = (*client)->database_names();
  ASSERT_FALSE(names);
  EXPECT_TRUE(names.error().authentication) << names.error().error.text;
  EXPECT_EQ(names.error().error.attempts_max, k_refusals_max);
}

}  // namespace
}  // namespace millrace::mongodb
