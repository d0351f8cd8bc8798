// Errors of producing in Kafka Connect's words: what happened to which record, and which setting to change.
// Threads: plain values.
#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "kafka/producer.h"

namespace millrace::kafka {

// A record on its way, as far as an error names it.
struct SentRecord {
  std::string_view topic;
  std::optional<std::string_view> key;
  std::size_t bytes = 0;
};

// Larger than our own limit: was never sent.
Error larger_than_request(const SentRecord& record, const std::string& limit);
// One of the records in a batch that is larger than its topic takes; whether the record itself is, is not known.
Error refused_batch_of(const SentRecord& record, std::size_t batch_bytes);
// Kafka's or librdkafka's verdict.
Error delivery_failure(const SentRecord& record, rd_kafka_resp_err_t code);
// The producer as a whole can go no further: a new one may.
Error producer_fatal(rd_kafka_resp_err_t code, const char* reason);

Error creation_failed(const std::string& topic, const TopicCreation& creation);
std::string missing_topic(const std::string& topic);

}  // namespace millrace::kafka
