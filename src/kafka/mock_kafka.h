// MockKafka is librdkafka's in-process mock cluster, for tests: real sockets and requests, no real broker. It
// knows no CreateTopics and makes topics on its own when a producer asks for them.
// Threads: as librdkafka. Lifetime: clients of it die first.
#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>   // behind rdkafka.h

#include <poll.h>

#include <chrono>
#include <string>
#include <utility>

#include "kafka/handles.h"
#include "kafka/producer.h"

namespace millrace::kafka {

class MockKafka {
 public:
  explicit MockKafka(int brokers = 1) {
    auto conf = make_conf({{"client.id", "mock"}});
    owner_ = std::move(*make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
    cluster_ = rd_kafka_mock_cluster_new(owner_.get(), brokers);
  }
  ~MockKafka() { rd_kafka_mock_cluster_destroy(cluster_); }
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  std::string servers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void topic(const std::string& name, int partitions) {
    ASSERT_EQ(rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void topic_error(const std::string& name, rd_kafka_resp_err_t error) {
    rd_kafka_mock_topic_set_error(cluster_, name.c_str(), error);
  }
  template <typename... Errors>
  void next_answers(std::int16_t api, Errors... errors) {
    rd_kafka_mock_push_request_errors(cluster_, api, sizeof...(errors), errors...);
  }
  void no_more_errors(std::int16_t api) { rd_kafka_mock_clear_request_errors(cluster_, api); }
  void down() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void up() { rd_kafka_mock_broker_set_up(cluster_, 1); }
  void round_trip_ms(int ms) { rd_kafka_mock_broker_set_rtt(cluster_, 1, ms); }

 private:
  ClientPtr owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

inline constexpr std::int16_t k_produce_request = 0;

// Polls the producer until the condition holds; false after ten seconds.
template <typename Condition>
bool poll_until(Producer& producer, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    pollfd fd{producer.fd(), POLLIN, 0};
    ::poll(&fd, 1, 1000);
    producer.poll();
  }
  return true;
}

}  // namespace millrace::kafka
