#include "kafka/topic_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "kafka/mock_kafka.h"

namespace millrace::kafka {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int k_time_ms = 20'000;

// What a log has given, as a table.
class Table {
 public:
  std::function<void(const LogRecord&)> on_record() {
    return [this](const LogRecord& record) {
      const std::scoped_lock lock{mutex_};
      seen_.push_back(std::string{record.key} + "=" + std::string{record.value.value_or("(null)")} +
                      (record.mark.empty() ? "" : " marked " + std::string{record.mark}));
    };
  }
  std::vector<std::string> seen() {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> seen_;
};

class LogsOnMock : public testing::Test {
 protected:
  std::unique_ptr<KafkaLogs> logs() {
    auto made = KafkaLogs::create(Config{{{"bootstrap.servers", kafka_.servers()}}}, "group-");
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }
  TopicLogSpec spec(const std::string& topic, Table& table) {
    return {.topic = topic, .setting = topic + ".storage.topic", .on_record = table.on_record()};
  }
  // Opens one topic.
  std::unique_ptr<TopicLog> opened(KafkaLogs& logs, TopicLogSpec topic) {
    std::vector<TopicLogSpec> specs;
    specs.push_back(std::move(topic));
    auto made = logs.open(std::move(specs), stop_);
    EXPECT_TRUE(made) << made.error().text;
    return made ? std::move(made->front()) : nullptr;
  }
  static Result<std::int64_t> write(TopicLog& log, std::string key, std::optional<std::string> value, std::string_view mark) {
    std::promise<Result<std::int64_t>> done;
    log.write(std::move(key), std::move(value), mark, [&](Result<std::int64_t> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  }

  MockKafka kafka_;
  StopSignal stop_;
};

TEST_F(LogsOnMock, ReadWhatTheyHaveWritten) {
  kafka_.topic("offset", 1);
  Table table;
  const auto all = logs();
  const auto log = opened(*all, spec("offset", table));
  ASSERT_TRUE(log->read_to_end(k_time_ms));
  EXPECT_THAT(table.seen(), IsEmpty());
  EXPECT_EQ(*write(*log, "a", "1", "1"), 0);
  EXPECT_EQ(*write(*log, "a", std::nullopt, ""), 1);
  ASSERT_TRUE(log->write_and_read_back("b", "2", k_time_ms));
  EXPECT_THAT(table.seen(), ElementsAre("a=1 marked 1", "a=(null)", "b=2"));
}

TEST_F(LogsOnMock, ReadAllPartitionsFromTheirBeginning) {
  kafka_.topic("config", 1);
  kafka_.topic("offset", 25);
  kafka_.topic("status", 5);
  {
    Table table;
    const auto all = logs();
    const auto log = opened(*all, spec("offset", table));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(write(*log, "k" + std::to_string(i), "v", "1"));
  }
  Table config, offset, status;
  const auto all = logs();
  std::vector<TopicLogSpec> specs;
  specs.push_back(spec("offset", offset));
  specs.push_back(spec("status", status));
  specs.push_back(spec("config", config));
  auto three = all->open(std::move(specs), stop_);
  ASSERT_TRUE(three) << three.error().text;
  for (const auto& log : *three) ASSERT_TRUE(log->read_to_end(k_time_ms));
  EXPECT_EQ(offset.seen().size(), 100U);
  EXPECT_THAT(status.seen(), IsEmpty());
  EXPECT_THAT(config.seen(), IsEmpty());
  ASSERT_TRUE((*three)[2]->write_and_read_back("c", "1", k_time_ms));
  EXPECT_THAT(config.seen(), ElementsAre("c=1"));
}

TEST_F(LogsOnMock, SeeWhatAnotherWorkerWrites) {
  kafka_.topic("config", 1);
  Table ours, theirs;
  const auto our_logs = logs(), their_logs = logs();
  const auto our_log = opened(*our_logs, spec("config", ours));
  const auto their_log = opened(*their_logs, spec("config", theirs));
  ASSERT_TRUE(write(*their_log, "k", "v", ""));
  ASSERT_TRUE(our_log->read_to_end(k_time_ms));
  EXPECT_THAT(ours.seen(), ElementsAre("k=v"));
}

TEST_F(LogsOnMock, RefuseAConfigTopicWithMorePartitions) {
  kafka_.topic("config", 2);
  Table table;
  const auto all = logs();
  std::vector<TopicLogSpec> specs;
  specs.push_back(spec("config", table));
  specs[0].single_partition = true;
  const auto made = all->open(std::move(specs), stop_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().text,
            "Topic 'config' supplied via the 'config.storage.topic' property is required to have a single partition in "
            "order to guarantee consistency of connector configurations, but found 2 partitions.");
  EXPECT_EQ(made.error().exception, k_config_exception);
}

TEST_F(LogsOnMock, GoOnAfterABrokenConnection) {
  kafka_.topic("offset", 3);
  Table table;
  const auto all = logs();
  const auto log = opened(*all, spec("offset", table));
  ASSERT_TRUE(log->write_and_read_back("a", "1", k_time_ms));
  kafka_.down();
  std::promise<Result<std::int64_t>> done;
  log->write("b", "2", "1", [&](Result<std::int64_t> result) { done.set_value(std::move(result)); });
  kafka_.up();
  ASSERT_TRUE(done.get_future().get());
  ASSERT_TRUE(log->read_to_end(k_time_ms));
  EXPECT_THAT(table.seen(), ElementsAre("a=1", "b=2 marked 1"));
}

TEST_F(LogsOnMock, ReplaceTheirProducerAfterAFatalError) {
  kafka_.topic("offset", 1);
  Table table;
  const auto all = logs();
  const auto log = opened(*all, spec("offset", table));
  ASSERT_TRUE(write(*log, "a", "1", "1"));
  kafka_.next_answers(k_produce_request, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  const auto failed = write(*log, "b", "2", "1");
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().retriable());
  ASSERT_TRUE(write(*log, "c", "3", "1"));
  ASSERT_TRUE(log->read_to_end(k_time_ms));
  EXPECT_THAT(table.seen(), ElementsAre("a=1 marked 1", "c=3 marked 1"));
}

TEST_F(LogsOnMock, EndBeforeTheirTopics) {
  kafka_.topic("offset", 1);
  Table table;
  auto all = logs();
  const auto log = opened(*all, spec("offset", table));
  kafka_.down();
  std::promise<Result<std::int64_t>> done;
  log->write("a", "1", "1", [&](Result<std::int64_t> result) { done.set_value(std::move(result)); });
  all.reset();
  EXPECT_FALSE(done.get_future().get());   // told, not forgotten
  EXPECT_FALSE(write(*log, "b", "2", "1"));
  EXPECT_FALSE(log->read_to_end(k_time_ms));
  EXPECT_FALSE(log->write_and_read_back("c", "3", k_time_ms));
}

TEST_F(LogsOnMock, AreNoLongerHeardOnceTheLogIsGone) {
  kafka_.topic("offset", 1);
  Table table, others;
  const auto all = logs(), other_logs = logs();
  auto log = opened(*all, spec("offset", table));
  log.reset();
  const auto other = opened(*other_logs, spec("offset", others));
  ASSERT_TRUE(other->write_and_read_back("a", "1", k_time_ms));
  EXPECT_THAT(table.seen(), IsEmpty());
}

TEST_F(LogsOnMock, KnowTheClusterId) {
  const auto all = logs();
  const auto id = all->cluster_id(k_time_ms);
  ASSERT_TRUE(id) << id.error().text;
  EXPECT_FALSE(id->empty());
}

class LogsWithoutBroker : public testing::Test {
 protected:
  std::unique_ptr<KafkaLogs> logs_ =
      std::move(*KafkaLogs::create(Config{{{"bootstrap.servers", "127.0.0.1:1"}}}, "group-"));
};

TEST_F(LogsWithoutBroker, SayWhichServersDoNotAnswer) {
  const auto id = logs_->cluster_id(300);
  ASSERT_FALSE(id);
  EXPECT_TRUE(id.error().retriable());
  EXPECT_THAT(id.error().text, HasSubstr("bootstrap.servers=127.0.0.1:1"));
}

TEST_F(LogsWithoutBroker, StopWaitingWhenAsked) {
  StopSignal stop;
  stop.request();
  Table table;
  std::vector<TopicLogSpec> specs;
  specs.push_back({.topic = "t", .setting = "config.storage.topic", .on_record = table.on_record()});
  const auto made = logs_->open(std::move(specs), stop);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, HasSubstr("stopped"));
}

TEST(Logs, RefuseBadSettingsAtOnce) {
  const auto made = KafkaLogs::create(Config{{{"bootstrap.servers", ""}}}, "group-");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, HasSubstr("bootstrap.servers is empty"));
}

}  // namespace
}  // namespace millrace::kafka
