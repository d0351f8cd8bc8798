// What only a real broker can show: topic creation, policies, its own limits. The runner names one in
// MILLRACE_TEST_BOOTSTRAP, or leaves these suites (*RealBroker*) out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "kafka/mock_kafka.h"
#include "kafka/topic_admin.h"
#include "kafka/topic_log.h"

namespace millrace::kafka {
namespace {

using testing::HasSubstr;

constexpr int k_broker_time_ms = 30'000;

std::string fresh_topic(const std::string& kind) {
  static std::atomic<int> count{0};
  return "real-" + kind + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-" + std::to_string(++count);
}

class KafkaRealBroker : public testing::Test {
 protected:
  void SetUp() override {
    const char* servers = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (servers == nullptr)
      FAIL() << "MILLRACE_TEST_BOOTSTRAP is not set: start a broker and set it to host:port, or leave these tests out "
                "with --gtest_filter=-*RealBroker*";
    java_.set("bootstrap.servers", servers);
  }

  std::unique_ptr<Producer> producer(const Config& java, std::int64_t batch_bytes_max = 0) {
    auto made = Producer::create({.client_id = "real", .batch_bytes_max = batch_bytes_max, .settings = *client_settings(java, ClientRole::producer)},
                                 [this](std::uint64_t, const Error* error) {
                                   ++reports_;
                                   if (error != nullptr) failure_ = *error;
                                 });
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }

  Result<std::unique_ptr<TopicLog>> open(KafkaLogs& logs, TopicLogSpec spec) {
    std::vector<TopicLogSpec> specs;
    spec.replication_factor = 1;
    spec.on_record = [this](const LogRecord&) { ++records_; };
    specs.push_back(std::move(spec));
    MR_TRY(auto made, logs.open(std::move(specs), stop_));
    return std::move(made.front());
  }

  std::optional<std::string> setting(const std::string& topic, const std::string& name) {
    auto conf = make_conf(*client_settings(java_, ClientRole::admin));
    const auto client = std::move(*make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    return topic_setting(client.get(), topic, name, k_broker_time_ms).value_or(std::nullopt);
  }

  Config java_;
  StopSignal stop_;
  std::atomic<int> records_{0};
  int reports_ = 0;
  std::optional<Error> failure_;
};

TEST_F(KafkaRealBroker, CreatesTopicsAsTheConnectorWants) {
  const std::string topic = fresh_topic("created");
  const TopicCreation creation{.partitions = 3, .replication_factor = 1, .config = {{"retention.ms", "123456"}}};
  auto first = producer(java_);
  ASSERT_EQ(first->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
  auto second = producer(java_);   // existing is fine
  ASSERT_EQ(second->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
  EXPECT_EQ(setting(topic, "retention.ms"), "123456");
}

TEST_F(KafkaRealBroker, RefusesACreationThatTheBrokerRefuses) {
  auto made = producer(java_);
  const TopicCreation creation{.partitions = 1, .replication_factor = 1, .config = {{"retention.ms", "soon"}}};
  const auto ensured = made->ensure_topic(fresh_topic("bad"), creation, k_broker_time_ms);
  ASSERT_FALSE(ensured);
  EXPECT_FALSE(ensured.error().retriable());
  EXPECT_THAT(ensured.error().text, HasSubstr("Unable to create topic"));
  EXPECT_THAT(ensured.error().text, HasSubstr("retention.ms"));
}

TEST_F(KafkaRealBroker, NamesAMessageThatIsTooLargeForTheTopic) {
  const std::string topic = fresh_topic("small");
  Config large = java_;
  large.set("max.request.size", "5000000");
  auto made = producer(large);
  const TopicCreation creation{.partitions = 1, .replication_factor = 1, .config = {{"max.message.bytes", "1000"}}};
  ASSERT_EQ(made->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
  const std::string value(2'000'000, 'v');
  ASSERT_TRUE(made->produce(topic, -1, "k", value, {}, std::nullopt, 1));
  ASSERT_TRUE(poll_until(*made, [&] { return reports_ == 1; }));
  ASSERT_TRUE(failure_);
  EXPECT_TRUE(is_too_large(*failure_));
  EXPECT_THAT(failure_->cause->text, HasSubstr("'" + topic + "', key 'k', 2000001 bytes"));
}

// A topic that takes less than the largest batch: of the sizes that a task tries one fits, at last each record alone.
TEST_F(KafkaRealBroker, TakesInSmallerBatchesWhatItRefusesInLargeOnes) {
  constexpr int k_records = 2'000;
  const std::string value(500, 'v');
  for (const auto& [limit, fitting] : {std::pair{"20000", std::int64_t{16'384}}, std::pair{"700", std::int64_t{1}}}) {
    const std::string topic = fresh_topic("narrow");
    const TopicCreation creation{.partitions = 1, .replication_factor = 1, .config = {{"max.message.bytes", limit}}};
    for (const std::int64_t batch : {std::int64_t{0}, fitting}) {
      auto made = producer(java_, batch);
      ASSERT_EQ(made->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
      reports_ = 0;
      failure_.reset();
      for (int i = 0; i < k_records; ++i) ASSERT_TRUE(made->produce(topic, -1, "k", value, {}, std::nullopt, 1));
      ASSERT_TRUE(poll_until(*made, [&] { return reports_ == k_records; }));
      EXPECT_EQ(made->refused_batch(), batch == 0);
      EXPECT_EQ(failure_.has_value(), batch == 0);
      EXPECT_FALSE(failure_ && is_too_large(*failure_));
    }
  }
}

TEST_F(KafkaRealBroker, DeliversTheFirstRecordWithoutWaitingASecond) {
  const std::string topic = fresh_topic("first");
  ASSERT_TRUE(producer(java_)->ensure_topic(topic, TopicCreation{.partitions = 1, .replication_factor = 1}, k_broker_time_ms));
  const auto begin = std::chrono::steady_clock::now();
  auto made = producer(java_);
  ASSERT_EQ(made->ensure_topic(topic, std::nullopt, k_broker_time_ms).value_or(false), true);
  ASSERT_TRUE(made->produce(topic, -1, "k", "v", {}, std::nullopt, 1));
  ASSERT_TRUE(poll_until(*made, [&] { return reports_ == 1; }));
  const auto took = std::chrono::steady_clock::now() - begin;
  RecordProperty("first_record_ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_LT(took, std::chrono::milliseconds{900});
  EXPECT_FALSE(failure_);
}

// A leader that does not know its partition yet refuses the first batch; the next one must not overtake it.
TEST_F(KafkaRealBroker, KeepsTheFirstRecordsOfANewTopic) {
  constexpr int k_topics = 30, k_records = 40;
  Config java = java_;
  java.set("linger.ms", "0");   // many small batches, several on their way at a time
  auto maker = producer(java);
  std::vector<std::string> topics;
  std::string long_value(2'000, 'x');
  for (int t = 0; t < k_topics; ++t) {
    topics.push_back(fresh_topic("new"));
    ASSERT_TRUE(*maker->ensure_topic(topics.back(), std::nullopt, k_broker_time_ms));
    for (int i = 0; i < k_records; ++i) {
      ASSERT_TRUE(*maker->produce(topics.back(), -1, "k", long_value, {}, std::nullopt, 1));
      maker->poll();
    }
  }
  ASSERT_TRUE(poll_until(*maker, [&] { return reports_ == k_topics * k_records; }));
  EXPECT_FALSE(failure_) << failure_->text;
  auto conf = make_conf(*client_settings(java_, ClientRole::admin));
  const auto client = std::move(*make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
  for (const std::string& topic : topics) {
    std::int64_t low = 0, high = 0;
    ASSERT_EQ(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), 0, &low, &high, k_broker_time_ms), RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(high, k_records) << topic;
  }
}

TEST_F(KafkaRealBroker, MakesInternalTopicsCompacted) {
  const std::string topic = fresh_topic("offsets");
  auto logs = KafkaLogs::create(java_, "real-");
  ASSERT_TRUE(logs);
  const auto log = open(**logs, {.topic = topic, .setting = "offset.storage.topic", .partitions = 25,
                                 .config = {{"cleanup.policy", "delete"}, {"segment.bytes", "1048576"}}});
  ASSERT_TRUE(log) << log.error().text;
  ASSERT_TRUE((*log)->write_and_read_back("k", "v", k_broker_time_ms));
  EXPECT_EQ(records_, 1);
  EXPECT_EQ(setting(topic, "cleanup.policy"), "compact");
  EXPECT_EQ(setting(topic, "segment.bytes"), "1048576");
}

TEST_F(KafkaRealBroker, RefusesAnInternalTopicThatLosesRecords) {
  const std::string topic = fresh_topic("deleting");
  const TopicCreation creation{.partitions = 1, .replication_factor = 1, .config = {{"cleanup.policy", "delete"}}};
  ASSERT_EQ(producer(java_)->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
  auto logs = KafkaLogs::create(java_, "real-");
  const auto log = open(**logs, {.topic = topic, .setting = "offset.storage.topic"});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().text,
            "Topic '" + topic + "' supplied via the 'offset.storage.topic' property is required to have "
            "'cleanup.policy=compact' to guarantee consistency and durability of source connector offsets, but found the "
            "topic currently has 'cleanup.policy=delete'. Continuing would likely result in eventually losing source "
            "connector offsets and problems restarting this Connect cluster in the future. Change the "
            "'offset.storage.topic' property in the Connect worker configurations to use a topic with "
            "'cleanup.policy=compact'.");
}

TEST_F(KafkaRealBroker, ReadsPastTransactionMarkers) {
  const std::string topic = fresh_topic("markers");
  auto settings = *client_settings(java_, ClientRole::producer);
  settings.emplace_back("transactional.id", topic);
  {
    const TopicCreation creation{.partitions = 1, .replication_factor = 1, .config = {{"cleanup.policy", "compact"}}};
    ASSERT_EQ(producer(java_)->ensure_topic(topic, creation, k_broker_time_ms).value_or(false), true);
    auto conf = make_conf(settings);
    const auto client = std::move(*make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    ASSERT_EQ(ErrorPtr{rd_kafka_init_transactions(client.get(), k_broker_time_ms)}, nullptr);
    ASSERT_EQ(ErrorPtr{rd_kafka_begin_transaction(client.get())}, nullptr);
    ASSERT_EQ(rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE(const_cast<char*>("v"), 1), RD_KAFKA_V_END), 0);
    ASSERT_EQ(ErrorPtr{rd_kafka_commit_transaction(client.get(), k_broker_time_ms)}, nullptr);
  }
  auto logs = KafkaLogs::create(java_, "real-");
  const auto log = open(**logs, {.topic = topic, .setting = "config.storage.topic", .single_partition = true});
  ASSERT_TRUE(log) << log.error().text;
  // The broker writes the marker after it has answered the commit: until then the end lies before the record.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{k_broker_time_ms};
  do {
    ASSERT_TRUE((*log)->read_to_end(k_broker_time_ms));   // the last offset is no record
  } while (records_ == 0 && std::chrono::steady_clock::now() < until);
  EXPECT_EQ(records_, 1);
}

}  // namespace
}  // namespace millrace::kafka
