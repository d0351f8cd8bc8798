// Producer is one task's connection to Kafka: idempotent, acks=all, order kept per partition, Java's murmur2.
// Values are not copied: they must live until their delivery report. Reports come on the calling thread, from
// poll(), in any order between partitions.
// Threads: one. Bounds: queue.buffering.max.messages (given at creation) and the caller's own memory of values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "kafka/client_config.h"

namespace millrace::kafka {

struct HeaderBytes {
  std::string_view name;
  std::optional<std::string_view> value;
};

// How a topic is made when it does not exist (topic.creation.*); none: left to the broker's auto-creation.
struct TopicCreation {
  int partitions = -1;                 // -1: the broker's default
  int replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> config;
};

struct ProducerOptions {
  std::string client_id;               // connector-producer-<connector>-<task>
  std::size_t messages_max = 50'000;   // in flight
  std::int64_t batch_bytes_max = 0;    // below that of the settings; 1: each record alone; 0: as the settings have it
  ClientSettings settings;             // of the producer
  ClientSettings admin_settings;       // for topic creation
};

class Producer {
 public:
  // `tag` is the one given to produce(). An error is final: the message is not in Kafka (or not known to be).
  using Delivered = std::function<void(std::uint64_t tag, const Error* error)>;

  static Result<std::unique_ptr<Producer>> create(ProducerOptions options, Delivered delivered);
  virtual ~Producer() = default;

  // Returns true when the topic exists and has a leader; creates it, or asks the broker to, on the way.
  // Blocks for `wait_ms`, later attempts for up to 1 s; call it again until true. An error is final (no
  // authorization, bad setting).
  virtual Result<bool> ensure_topic(const std::string& topic, const std::optional<TopicCreation>& creation,
                                    int wait_ms) = 0;
  // False: the queue is full; poll() and try again. value none: Kafka's null.
  // Errors: too large (names topic, key, size, and the two settings to raise), fatal producer errors.
  virtual Result<bool> produce(const std::string& topic, std::int32_t partition, std::optional<std::string_view> key,
                               std::optional<std::string_view> value, std::span<const HeaderBytes> headers,
                               std::optional<std::int64_t> timestamp_ms, std::uint64_t tag) = 0;
  // Runs due delivery reports without waiting.
  virtual void poll() = 0;
  // Nothing more is sent of what is not acknowledged: it must not come behind a record that failed.
  virtual void abandon() = 0;
  // Readable when poll() has something to do.
  virtual int fd() const = 0;
  virtual std::size_t in_flight() const = 0;
  // A broker refused a batch as too large for its topic, which the records by themselves may not be: try smaller batches.
  virtual bool refused_batch() const = 0;
  // Last known reason why nothing is delivered (brokers down), empty when all is well.
  virtual std::string trouble() const = 0;
};

// The record of this delivery or refusal is too large in itself: no attempt will succeed.
bool is_too_large(const Error& error);

}  // namespace millrace::kafka
