// Owners of librdkafka's objects, and clients made from settings.
// Threads: as librdkafka: every handle from any thread. Lifetime: topics and queues die before their client.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "core/destroy.h"
#include "core/error.h"
#include "kafka/client_config.h"

namespace millrace::kafka {

using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using ClientPtr = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using PartitionsPtr =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;

// Later settings win. librdkafka's log goes to the logger org.apache.kafka.clients.
Result<ConfPtr> make_conf(const ClientSettings& settings);
Result<ClientPtr> make_client(rd_kafka_type_t type, ConfPtr conf);

std::string setting_of(const ClientSettings& settings, std::string_view name);

// Reasons a client reports through its error callback, for "why does nothing move".
// Threads: one, that which polls the client.
class Trouble {
 public:
  void note(rd_kafka_resp_err_t code, const char* reason);
  void clear() {
    last_.clear();
    text_.clear();
  }
  const std::string& text() const { return text_; }   // empty: none

 private:
  std::string last_;   // of a single connection: matters once no broker is left
  std::string text_;
};

}  // namespace millrace::kafka
