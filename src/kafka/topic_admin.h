// Questions about topics and their creation, over any client: a thin layer on librdkafka's admin API.
// Threads: any; every call blocks up to its time.
#pragma once

#include <optional>
#include <string>

#include "core/error.h"
#include "kafka/handles.h"
#include "kafka/producer.h"

namespace millrace::kafka {

enum class Created { yes, existed, not_allowed };

// not_allowed: the topic may still exist, or the broker may make it by itself.
// Retriable: timeouts and unreachable brokers. Final: bad settings, refused by a policy.
Result<Created> create_topic(rd_kafka_t* client, const std::string& topic, const TopicCreation& creation,
                             int timeout_ms);

struct TopicState {
  int partitions = 0;        // 0: the topic does not exist
  bool has_leaders = false;  // all of them
};
// Makes the topic exist when the client allows auto-creation (producers do).
Result<TopicState> topic_state(rd_kafka_t* client, rd_kafka_topic_t* topic, int timeout_ms);

// Does the leader of this partition take requests for it? Metadata names a leader before that broker knows the partition.
// A first batch that it refuses is sent again, and a later one that was on its way is then the first that it sees: to an
// idempotent producer the refused one looks delivered. So nothing is sent before each leader has answered.
bool leader_answers(rd_kafka_t* client, const std::string& topic, int partition, int timeout_ms);

// The value of one topic setting; none: not allowed to read it, or not known to the broker.
Result<std::optional<std::string>> topic_setting(rd_kafka_t* client, const std::string& topic,
                                                 const std::string& setting, int timeout_ms);

bool exists_in_full_list(rd_kafka_t* client, const std::string& topic, int timeout_ms);

}  // namespace millrace::kafka
