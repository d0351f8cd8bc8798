#include "kafka/producer_errors.h"

namespace millrace::kafka {
namespace {

constexpr std::string_view k_send_failed = "Unrecoverable exception from producer send callback";
constexpr std::string_view k_too_large = "org.apache.kafka.common.errors.RecordTooLargeException";
constexpr std::size_t k_key_shown = 200;

std::string shown(const std::optional<std::string_view>& key) {
  if (!key) return "null";
  std::string_view text = *key;
  const bool cut = text.size() > k_key_shown;
  if (cut) {
    std::size_t end = k_key_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;   // whole UTF-8 characters
    text = text.substr(0, end);
  }
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? '?' : c;
  return "'" + out + (cut ? "'..." : "'");
}

std::string named(const SentRecord& record) {
  return "topic '" + std::string{record.topic} + "', key " + shown(record.key) + ", " + std::to_string(record.bytes) +
         " bytes";
}

Error because(std::string text, std::string_view exception, Retry retry = Retry::no) {
  return Error{.text = std::move(text), .retry = retry, .exception = std::string{exception}}.as_cause_of(
      std::string{k_send_failed}, k_connect_exception);
}

}  // namespace

Error larger_than_request(const SentRecord& record, const std::string& limit) {
  return because("The message (" + named(record) + ") is larger than " + limit +
                     ", which is the value of the max.request.size configuration. Raise "
                     "producer.override.max.request.size in the connector's configuration, and max.message.bytes of "
                     "the topic (message.max.bytes of the broker) along with it",
                 k_too_large);
}

Error refused_batch_of(const SentRecord& record, std::size_t batch_bytes) {
  return because("Topic '" + std::string{record.topic} + "' takes no batch of up to " + std::to_string(batch_bytes) +
                     " bytes. Smaller ones are tried; they are slower: raise max.message.bytes of the topic (message.max.bytes of "
                     "the broker), or set producer.override.max.request.size to it, and they are of that size from the start",
                 k_too_large, Retry::yes);
}

bool is_too_large(const Error& error) {
  return !error.retriable() && error.cause && error.cause->exception == k_too_large;
}

Error delivery_failure(const SentRecord& record, rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return because("The broker refused a message as too large (" + named(record) +
                         "). Raise max.message.bytes of the topic (message.max.bytes of the broker), and "
                         "producer.override.max.request.size in the connector's configuration if it is smaller",
                     k_too_large);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return because("Not authorized to access topics: [" + std::string{record.topic} + "]",
                     "org.apache.kafka.common.errors.TopicAuthorizationException");
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return because("delivery.timeout.ms has passed without an acknowledgement (" + named(record) + ")",
                     "org.apache.kafka.common.errors.TimeoutException", Retry::yes);
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return because(missing_topic(std::string{record.topic}),
                     "org.apache.kafka.common.errors.UnknownTopicOrPartitionException", Retry::yes);
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return because("Topic '" + std::string{record.topic} + "' has no such partition (" + named(record) + ")",
                     "org.apache.kafka.common.errors.UnknownTopicOrPartitionException");
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return because("The producer was closed before the acknowledgement (" + named(record) + ")",
                     "org.apache.kafka.common.KafkaException", Retry::yes);
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return because("The broker refused a record as invalid (" + named(record) +
                         "): a compacted topic needs keys, and message.timestamp.type and its limits must allow the "
                         "record's time",
                     "org.apache.kafka.common.InvalidRecordException");
    default:
      return because(std::string{rd_kafka_err2str(code)} + " (" + named(record) + ")",
                     "org.apache.kafka.common.KafkaException");
  }
}

Error producer_fatal(rd_kafka_resp_err_t code, const char* reason) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return because(std::string{reason} + ": brokers before Kafka 3.0 want the operation IdempotentWrite on the cluster",
                     "org.apache.kafka.common.errors.ClusterAuthorizationException");
    default:
      return because(reason, "org.apache.kafka.common.KafkaException", Retry::yes);
  }
}

Error creation_failed(const std::string& topic, const TopicCreation& creation) {
  const auto number = [](int value) { return value < 0 ? std::string{"default"} : std::to_string(value); };
  std::string config;
  for (const auto& [name, value] : creation.config) config += (config.empty() ? "" : ", ") + name + "=" + value;
  return Error{.text = "Task failed to create new topic (name=" + topic +
                       ", numPartitions=" + number(creation.partitions) +
                       ", replicationFactor=" + number(creation.replication_factor) +
                       ", replicasAssignments=null, configs={" + config +
                       "}). Ensure that the task is authorized to create topics or that the topic exists and restart "
                       "the task"};
}

std::string missing_topic(const std::string& topic) {
  return "topic '" + topic +
         "' does not exist, and the broker has not created it (auto.create.topics.enable): create it, or let the "
         "connector create topics (topic.creation.default.partitions and topic.creation.default.replication.factor)";
}

}  // namespace millrace::kafka
