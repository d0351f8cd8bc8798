// TopicLog is a compacted Kafka topic used as a table: Connect's config, offset and status topics.
// It creates the topic when absent (compact), reads it to its end, follows it, and writes to it.
// Threads: create/read_to_end/write from any thread; on_record is called from the log's one reader thread, in
// the order of each partition. One consumer and one producer serve all logs of a worker (KafkaLogs).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/wake.h"
#include "kafka/client_config.h"
#include "kafka/producer.h"

namespace millrace::kafka {

struct LogRecord {
  std::string_view key;
  std::optional<std::string_view> value;     // none: tombstone
  std::string_view mark{};                   // value of the header "millrace" (see connect/offset_store.h); empty: there is none
  std::int32_t partition = 0;
  std::int64_t kafka_offset = 0;
};

struct TopicLogSpec {
  std::string topic;
  std::string setting;                        // config.storage.topic: named in errors
  int partitions = 1;
  int replication_factor = 3;
  bool single_partition = false;              // more than one is an error
  std::vector<std::pair<std::string, std::string>> config;   // extra topic settings (config.storage.*)
  std::function<void(const LogRecord&)> on_record;
};

class KafkaLogs;

class TopicLog {
 public:
  virtual ~TopicLog() = default;
  // Waits until everything that was in the topic when this was called has gone through on_record.
  virtual Result<void> read_to_end(int timeout_ms) = 0;
  // done: from the producer's thread, once Kafka has acknowledged (the kafka offset) or given up (error).
  virtual void write(std::string key, std::optional<std::string> value, std::string_view mark,
                     std::function<void(Result<std::int64_t>)> done) = 0;
  // write() and wait, then wait until our reader has passed the record.
  virtual Result<void> write_and_read_back(std::string key, std::optional<std::string> value, int timeout_ms) = 0;
};

class KafkaLogs {
 public:
  // client_id_prefix: "<group.id>-[<client.id>-]". Does not wait for brokers.
  static Result<std::unique_ptr<KafkaLogs>> create(const Config& worker_client, std::string client_id_prefix);
  virtual ~KafkaLogs() = default;

  // The cluster's id. Errors: brokers not reachable within the time (retriable; text names bootstrap.servers).
  virtual Result<std::string> cluster_id(int timeout_ms) = 0;
  // Workers of Kafka Connect in this group, "client.id at host". Errors (retriable): nobody tells in time.
  virtual Result<std::vector<std::string>> connect_workers(const std::string& group, int timeout_ms) = 0;
  // Creates what is absent, checks cleanup.policy and partitions, and starts reading all logs from their
  // beginning to their end. Once per KafkaLogs.
  virtual Result<std::vector<std::unique_ptr<TopicLog>>> open(std::vector<TopicLogSpec> specs, const StopSignal& stop) = 0;
};

}  // namespace millrace::kafka
