#include "kafka/topic_admin.h"

#include <array>
#include <string_view>

namespace millrace::kafka {
namespace {

using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using OptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using ResourcePtr = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;

bool passing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return true;
    default:
      return false;
  }
}

bool not_allowed(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION || code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
}

std::unexpected<Error> refused(std::string what, rd_kafka_resp_err_t code, const char* reason) {
  return fail(std::move(what) + ": " + (reason != nullptr && *reason != 0 ? reason : rd_kafka_err2str(code)),
              passing(code) ? Retry::yes : Retry::no);
}

OptionsPtr options_for(rd_kafka_t* client, rd_kafka_admin_op_t operation, int timeout_ms, bool wait_for_topics) {
  std::array<char, 256> reason{};
  OptionsPtr options{rd_kafka_AdminOptions_new(client, operation)};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason.data(), reason.size());
  if (wait_for_topics)
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout_ms, reason.data(), reason.size());
  return options;
}

// The answer, or why there is none. An event whose error is not_allowed() is an answer.
Result<EventPtr> answer(rd_kafka_queue_t* queue, int timeout_ms, const std::string& what) {
  EventPtr event{rd_kafka_queue_poll(queue, timeout_ms + 500)};   // librdkafka's own timeout comes first
  if (!event) return fail(what + ": timed out", Retry::yes);
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR && !not_allowed(code))
    return refused(what, code, rd_kafka_event_error_string(event.get()));
  return event;
}

}  // namespace

Result<Created> create_topic(rd_kafka_t* client, const std::string& topic, const TopicCreation& creation,
                             int timeout_ms) {
  const std::string what = "Unable to create topic '" + topic + "'";
  std::array<char, 512> reason{};
  NewTopicPtr request{rd_kafka_NewTopic_new(topic.c_str(), creation.partitions, creation.replication_factor,
                                            reason.data(), reason.size())};
  if (!request) return fail(what + ": " + reason.data());
  for (const auto& [name, value] : creation.config)
    if (rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str()) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail(what + ": bad topic setting " + name);

  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms, true);
  QueuePtr queue{rd_kafka_queue_new(client)};
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  rd_kafka_CreateTopics(client, requests, 1, options.get(), queue.get());
  auto event = answer(queue.get(), timeout_ms, what);
  if (!event) return std::unexpected{std::move(event).error()};

  if (not_allowed(rd_kafka_event_error(event->get()))) return Created::not_allowed;

  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event->get());
  const auto* results = result == nullptr ? nullptr : rd_kafka_CreateTopics_result_topics(result, &count);
  if (count != 1) return fail(what + ": the broker's answer names no topic", Retry::yes);
  const auto code = rd_kafka_topic_result_error(results[0]);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Created::yes;
  if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return Created::existed;
  if (not_allowed(code)) return Created::not_allowed;
  return refused(what, code, rd_kafka_topic_result_error_string(results[0]));
}

Result<TopicState> topic_state(rd_kafka_t* client, rd_kafka_topic_t* topic, int timeout_ms) {
  const std::string what = std::string{"Topic '"} + rd_kafka_topic_name(topic) + "' cannot be described";
  const rd_kafka_metadata_t* raw = nullptr;
  if (const auto code = rd_kafka_metadata(client, 0, topic, &raw, timeout_ms)) return refused(what, code, nullptr);
  const MetadataPtr metadata{raw};
  if (metadata->topic_cnt != 1) return TopicState{};
  const auto& answer = metadata->topics[0];
  switch (answer.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE: return TopicState{};
    default: return refused(what, answer.err, nullptr);
  }
  TopicState state{.partitions = answer.partition_cnt, .has_leaders = answer.partition_cnt > 0};
  for (int i = 0; i < answer.partition_cnt; ++i) state.has_leaders &= answer.partitions[i].leader >= 0;
  return state;
}

bool leader_answers(rd_kafka_t* client, const std::string& topic, int partition, int timeout_ms) {
  std::int64_t low = 0, high = 0;
  const auto code = rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &low, &high, timeout_ms);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR || not_allowed(code);   // refusing is an answer: producing will tell
}

Result<std::optional<std::string>> topic_setting(rd_kafka_t* client, const std::string& topic,
                                                 const std::string& setting, int timeout_ms) {
  const std::string what = "Settings of topic '" + topic + "' cannot be read";
  ResourcePtr resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms, false);
  QueuePtr queue{rd_kafka_queue_new(client)};
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  rd_kafka_DescribeConfigs(client, resources, 1, options.get(), queue.get());
  auto event = answer(queue.get(), timeout_ms, what);
  if (!event) return std::unexpected{std::move(event).error()};

  if (not_allowed(rd_kafka_event_error(event->get()))) return std::optional<std::string>{};

  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event->get());
  const auto** answers = result == nullptr ? nullptr : rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return fail(what + ": the broker's answer names no topic", Retry::yes);
  if (const auto code = rd_kafka_ConfigResource_error(answers[0])) {
    if (not_allowed(code)) return std::optional<std::string>{};
    return refused(what, code, rd_kafka_ConfigResource_error_string(answers[0]));
  }
  const auto** entries = rd_kafka_ConfigResource_configs(answers[0], &count);
  for (std::size_t i = 0; i < count; ++i)
    if (setting == rd_kafka_ConfigEntry_name(entries[i])) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      return std::optional<std::string>{value == nullptr ? "" : value};
    }
  return std::optional<std::string>{};
}

bool exists_in_full_list(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  if (rd_kafka_metadata(client, 1, nullptr, &raw, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const MetadataPtr metadata{raw};
  for (int i = 0; i < metadata->topic_cnt; ++i)
    if (topic == metadata->topics[i].topic && metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  return false;
}

}  // namespace millrace::kafka
