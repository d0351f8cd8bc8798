#include "kafka/producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "kafka/mock_kafka.h"
#include "kafka/producer_errors.h"

namespace millrace::kafka {
namespace {

using testing::HasSubstr;

struct Report {
  std::uint64_t tag;
  std::optional<Error> error;
};

class ProducerOnMock : public testing::Test {
 protected:
  std::unique_ptr<Producer> make(std::map<std::string, std::string, std::less<>> java = {},
                                 std::size_t messages_max = 50'000, std::int64_t batch_bytes_max = 0) {
    java.try_emplace("bootstrap.servers", kafka_.servers());
    auto settings = client_settings(Config{std::move(java)}, ClientRole::producer);
    EXPECT_TRUE(settings) << settings.error().text;
    auto made = Producer::create({.client_id = "connector-producer-c-0", .messages_max = messages_max, .batch_bytes_max = batch_bytes_max, .settings = *settings},
                                 [this](std::uint64_t tag, const Error* error) {
                                   reports_.push_back({tag, error == nullptr ? std::nullopt : std::optional{*error}});
                                 });
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }
  static void ready(Producer& producer, const std::string& topic) {
    const auto ensured = producer.ensure_topic(topic, std::nullopt, 10'000);
    ASSERT_TRUE(ensured) << ensured.error().text;
    ASSERT_TRUE(*ensured);
  }
  static Result<bool> send(Producer& producer, std::string_view key, std::string_view value, std::uint64_t tag) {
    return producer.produce("t", -1, key, value, {}, std::nullopt, tag);
  }
  bool reported(Producer& producer, std::size_t count) {
    return poll_until(producer, [&] { return reports_.size() >= count; });
  }

  MockKafka kafka_;
  std::vector<Report> reports_;
};

// Everything in one partition of the mock, read by a plain consumer.
struct Read {
  std::optional<std::string> key, value;
  std::int64_t timestamp = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};
std::vector<Read> read_all(const std::string& servers, const std::string& topic, std::int32_t partition) {
  auto conf = make_conf({{"bootstrap.servers", servers}, {"enable.partition.eof", "true"}, {"fetch.wait.max.ms", "10"}});
  const auto client = std::move(*make_client(RD_KAFKA_CONSUMER, std::move(*conf)));
  const TopicPtr handle{rd_kafka_topic_new(client.get(), topic.c_str(), nullptr)};
  EXPECT_EQ(rd_kafka_consume_start(handle.get(), partition, RD_KAFKA_OFFSET_BEGINNING), 0);
  std::vector<Read> out;
  for (;;) {
    const MessagePtr message{rd_kafka_consume(handle.get(), partition, 10'000)};
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) break;
    Read read;
    if (message->key != nullptr) read.key.emplace(static_cast<const char*>(message->key), message->key_len);
    if (message->payload != nullptr) read.value.emplace(static_cast<const char*>(message->payload), message->len);
    read.timestamp = rd_kafka_message_timestamp(message.get(), nullptr);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
        read.headers.emplace_back(name, value == nullptr ? std::nullopt
                                                         : std::optional{std::string{static_cast<const char*>(value), size}});
    }
    out.push_back(std::move(read));
  }
  rd_kafka_consume_stop(handle.get(), partition);
  return out;
}

TEST_F(ProducerOnMock, ReportsEveryTagOnceAndKeepsTheOrderOfAPartition) {
  kafka_.topic("t", 1);
  auto producer = make();
  ready(*producer, "t");
  const std::vector<std::string> values = [] {
    std::vector<std::string> out;
    for (int i = 0; i < 2000; ++i) out.push_back("value " + std::to_string(i));
    return out;
  }();
  // The mock fails batches in between: retries must not change the order.
  kafka_.next_answers(k_produce_request, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NO_ERROR,
                      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    const auto sent = send(*producer, "k", values[i], i);
    ASSERT_TRUE(sent && *sent);
    if (i % 500 == 0) producer->poll();
  }
  ASSERT_TRUE(reported(*producer, values.size()));
  EXPECT_EQ(producer->in_flight(), 0U);
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(reports_[i].tag, i);
    EXPECT_FALSE(reports_[i].error);
  }
  const auto read = read_all(kafka_.servers(), "t", 0);
  ASSERT_EQ(read.size(), values.size());
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i].value, values[i]);
}

TEST_F(ProducerOnMock, PutsKeysWhereJavaPutsThem) {
  kafka_.topic("t", 25);
  auto producer = make();
  ready(*producer, "t");
  // Java's toPositive(murmur2(key)) % 25: murmur2("21") = -973932308, murmur2("foobar") = -790332482.
  const std::map<std::string, std::int32_t> partitions{{"21", (-973932308 & 0x7fffffff) % 25},
                                                       {"foobar", (-790332482 & 0x7fffffff) % 25}};
  for (const auto& [key, partition] : partitions) ASSERT_TRUE(send(*producer, key, key, 1));
  ASSERT_TRUE(reported(*producer, partitions.size()));
  for (const auto& [key, partition] : partitions) {
    const auto read = read_all(kafka_.servers(), "t", partition);
    ASSERT_EQ(read.size(), 1U) << key;
    EXPECT_EQ(read[0].key, key);
  }
}

TEST_F(ProducerOnMock, SendsNullsHeadersAndTimes) {
  kafka_.topic("t", 2);
  auto producer = make();
  ready(*producer, "t");
  const std::vector<HeaderBytes> headers{{"h", "1"}, {"null", std::nullopt}, {"", ""}};
  ASSERT_TRUE(producer->produce("t", 1, std::nullopt, std::nullopt, {}, std::nullopt, 1));
  ASSERT_TRUE(producer->produce("t", 1, "", "", {}, std::nullopt, 2));
  ASSERT_TRUE(producer->produce("t", 1, "k", std::nullopt, headers, 1'700'000'000'123, 3));
  ASSERT_TRUE(reported(*producer, 3));
  const auto read = read_all(kafka_.servers(), "t", 1);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].key, std::nullopt);
  EXPECT_EQ(read[0].value, std::nullopt);
  EXPECT_EQ(read[1].key, "");
  EXPECT_EQ(read[1].value, "");
  EXPECT_EQ(read[2].value, std::nullopt);
  EXPECT_EQ(read[2].timestamp, 1'700'000'000'123);
  using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;
  EXPECT_EQ(read[2].headers, (Headers{{"h", "1"}, {"null", std::nullopt}, {"", ""}}));
}

TEST_F(ProducerOnMock, SaysNoWhileTheQueueIsFullAndYesAfterwards) {
  kafka_.topic("t", 1);
  auto producer = make({{"linger.ms", "1000"}}, 3);
  ready(*producer, "t");
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(*send(*producer, "k", "v", i));
  const auto full = send(*producer, "k", "v", 3);
  ASSERT_TRUE(full);
  EXPECT_FALSE(*full);
  EXPECT_EQ(producer->in_flight(), 3U);
  ASSERT_TRUE(reported(*producer, 1));
  EXPECT_TRUE(poll_until(*producer, [&] { return *send(*producer, "k", "v", 4); }));
}

TEST_F(ProducerOnMock, NamesWhatIsTooLargeForARequest) {
  kafka_.topic("t", 1);
  auto producer = make({{"max.request.size", "2000"}});
  ready(*producer, "t");
  const auto sent = send(*producer, std::string(500, 'k'), std::string(3000, 'v'), 1);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().text, "Unrecoverable exception from producer send callback");
  EXPECT_FALSE(sent.error().retriable());
  const Error& cause = *sent.error().cause;
  EXPECT_EQ(cause.exception, "org.apache.kafka.common.errors.RecordTooLargeException");
  EXPECT_THAT(cause.text, HasSubstr("topic 't', key '" + std::string(200, 'k') + "'..., 3500 bytes"));
  EXPECT_THAT(cause.text, HasSubstr("2000"));
  EXPECT_THAT(cause.text, HasSubstr("producer.override.max.request.size"));
  EXPECT_THAT(cause.text, HasSubstr("max.message.bytes"));
  ASSERT_TRUE(send(*producer, "k", "v", 2));   // the others go on
  ASSERT_TRUE(reported(*producer, 1));
  EXPECT_FALSE(reports_[0].error);
}

TEST_F(ProducerOnMock, NamesWhatIsTooLargeForTheBroker) {
  kafka_.topic("t", 1);
  auto producer = make({}, 50'000, 1);      // each record alone: it is the record that is refused
  ready(*producer, "t");
  kafka_.next_answers(k_produce_request, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  ASSERT_TRUE(send(*producer, "the key", "v", 7));
  ASSERT_TRUE(reported(*producer, 1));
  ASSERT_TRUE(reports_[0].error);
  EXPECT_EQ(reports_[0].tag, 7U);
  EXPECT_THAT(reports_[0].error->cause->text, HasSubstr("topic 't', key 'the key', 8 bytes"));
  EXPECT_THAT(reports_[0].error->cause->text, HasSubstr("max.message.bytes"));
}

TEST_F(ProducerOnMock, NamesTheTopicThatItMayNotWriteTo) {
  kafka_.topic("t", 1);
  auto producer = make();
  ready(*producer, "t");
  kafka_.next_answers(k_produce_request, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  ASSERT_TRUE(send(*producer, "k", "v", 1));
  ASSERT_TRUE(reported(*producer, 1));
  ASSERT_TRUE(reports_[0].error);
  EXPECT_EQ(reports_[0].error->cause->text, "Not authorized to access topics: [t]");
  EXPECT_FALSE(reports_[0].error->retriable());
}

TEST_F(ProducerOnMock, LetsTheBrokerMakeATopic) {
  auto producer = make();
  ready(*producer, "made.on.the.way");
  EXPECT_TRUE(producer->trouble().empty());
}

// Metadata names a leader before that broker takes requests for the partition; a first batch would be refused.
TEST_F(ProducerOnMock, WaitsUntilTheLeaderOfANewTopicAnswers) {
  constexpr std::int16_t k_list_offsets_request = 2;
  constexpr auto k_unknown = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  kafka_.topic("t", 1);
  auto producer = make();
  ready(*producer, "other");   // connected
  for (int i = 0; i < 10'000; ++i) kafka_.next_answers(k_list_offsets_request, k_unknown);
  const auto early = producer->ensure_topic("t", std::nullopt, 100);
  ASSERT_TRUE(early) << early.error().text;
  EXPECT_FALSE(*early);
  kafka_.no_more_errors(k_list_offsets_request);
  ready(*producer, "t");
}

TEST_F(ProducerOnMock, SaysThatATopicIsMissing) {
  kafka_.topic("t", 1);
  kafka_.topic_error("t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto producer = make();
  // The first attempts may end before the mock has answered at all.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  do {
    const auto ensured = producer->ensure_topic("t", std::nullopt, 300);
    ASSERT_TRUE(ensured) << ensured.error().text;
    ASSERT_FALSE(*ensured);
  } while (producer->trouble().find("topic 't' does not exist") == std::string::npos &&
           std::chrono::steady_clock::now() < until);
  EXPECT_THAT(producer->trouble(), HasSubstr("topic 't' does not exist"));
  kafka_.topic_error("t", RD_KAFKA_RESP_ERR_NO_ERROR);
  ready(*producer, "t");
}

TEST_F(ProducerOnMock, FailsForATopicThatItMayNotDescribe) {
  kafka_.topic("t", 1);
  kafka_.topic_error("t", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  auto producer = make();
  const auto ensured = producer->ensure_topic("t", std::nullopt, 10'000);
  ASSERT_FALSE(ensured);
  EXPECT_FALSE(ensured.error().retriable());
  EXPECT_THAT(ensured.error().text, HasSubstr("'t'"));
}

TEST_F(ProducerOnMock, KeepsRecordsWhileTheBrokerIsAwayAndSaysWhy) {
  kafka_.topic("t", 1);
  auto producer = make({{"reconnect.backoff.max.ms", "100"}});
  ready(*producer, "t");
  kafka_.down();
  ASSERT_TRUE(*send(*producer, "k", "v", 1));
  EXPECT_TRUE(poll_until(*producer, [&] { return !producer->trouble().empty(); }));
  EXPECT_EQ(producer->in_flight(), 1U);
  kafka_.up();
  ASSERT_TRUE(reported(*producer, 1));
  EXPECT_FALSE(reports_[0].error);
  EXPECT_TRUE(producer->trouble().empty());
}

TEST_F(ProducerOnMock, ReportsAFatalErrorForEveryRecordAndRefusesMore) {
  kafka_.topic("t", 1);
  auto producer = make();
  ready(*producer, "t");
  kafka_.next_answers(k_produce_request, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(send(*producer, "k", "v", i));
  ASSERT_TRUE(reported(*producer, 10));
  EXPECT_EQ(producer->in_flight(), 0U);
  for (const Report& report : reports_) {
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->text, "Unrecoverable exception from producer send callback");
  }
  const auto refused = send(*producer, "k", "v", 11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "Unrecoverable exception from producer send callback");
  EXPECT_TRUE(refused.error().retriable());   // a new producer may go on
  EXPECT_TRUE(refused.error().cause);
  EXPECT_FALSE(producer->trouble().empty());
}

TEST(ProducerWithoutBroker, AnswersWithinTheTimeGiven) {
  const auto settings = client_settings(Config{{{"bootstrap.servers", "127.0.0.1:1"}}}, ClientRole::producer);
  auto producer = Producer::create({.client_id = "c", .settings = *settings}, [](std::uint64_t, const Error*) {});
  ASSERT_TRUE(producer);
  const auto begin = std::chrono::steady_clock::now();
  const auto ensured = (*producer)->ensure_topic("t", std::nullopt, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{5});
  ASSERT_TRUE(ensured);
  EXPECT_FALSE(*ensured);
  EXPECT_TRUE(poll_until(**producer, [&] { return (*producer)->trouble().find("127.0.0.1:1") != std::string::npos; }));
}

TEST(ProducerErrors, TellAFatalErrorOfTheProducerFromOneOfAuthorization) {
  EXPECT_TRUE(producer_fatal(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "sequence").retriable());
  EXPECT_FALSE(producer_fatal(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "no").retriable());
}

TEST(ProducerErrors, NameANewTopicAsJavaDoes) {
  EXPECT_EQ(creation_failed("t", {.partitions = 3, .config = {{"a", "b"}}}).text,
            "Task failed to create new topic (name=t, numPartitions=3, replicationFactor=default, "
            "replicasAssignments=null, configs={a=b}). Ensure that the task is authorized to create topics or that the "
            "topic exists and restart the task");
}

TEST(ProducerErrors, CutKeysBetweenCharactersAndHideControls) {
  std::string key = "a\n";
  for (int i = 0; i < 100; ++i) key += "\xC3\xBC";   // ü: 200 bytes would end inside one
  key.insert(0, 1, 'x');
  const std::string text = larger_than_request({"t", key, 1}, "2").cause->text;
  EXPECT_THAT(text, HasSubstr("key 'xa?"));
  EXPECT_THAT(text, HasSubstr("\xC3\xBC'..."));
}

}  // namespace
}  // namespace millrace::kafka
