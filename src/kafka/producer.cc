#include "kafka/producer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <thread>
#include <unordered_map>
#include <utility>

#include "core/wake.h"
#include "kafka/deadline.h"
#include "kafka/handles.h"
#include "kafka/producer_errors.h"
#include "kafka/topic_admin.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds k_topic_retry_min{10};
constexpr milliseconds k_topic_retry_max{200};
// Brokers farther away than the caller's wait would never answer in time: each attempt waits longer, up to here.
constexpr int k_patience_max_ms = 1000;

// The settings that decide where a client connects to and as whom.
ClientSettings access_of(const ClientSettings& settings) {
  ClientSettings out;
  for (const auto& entry : settings)
    if (entry.first == "bootstrap.servers" || entry.first == "security.protocol" || entry.first.starts_with("sasl.") ||
        entry.first.starts_with("ssl."))
      out.push_back(entry);
  return out;
}

class RdProducer final : public Producer {
 public:
  RdProducer(ProducerOptions options, Delivered delivered)
      : options_{std::move(options)}, delivered_{std::move(delivered)} {}

  Result<void> start() {
    ClientSettings settings{{"client.id", options_.client_id.substr(0, 200)}};   // a configured client.id wins
    settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
    settings.emplace_back("queue.buffering.max.messages", std::to_string(std::max<std::size_t>(1, options_.messages_max)));
    if (options_.batch_bytes_max > 0) settings.emplace_back("batch.size", std::to_string(options_.batch_bytes_max));
    if (options_.batch_bytes_max == 1) settings.emplace_back("batch.num.messages", "1");
    request_bytes_max_ = setting_of(settings, "message.max.bytes");
    for (const std::string& limit : {request_bytes_max_, setting_of(settings, "batch.size")})
      batch_bytes_ = std::min<std::size_t>(batch_bytes_, std::strtoull(limit.c_str(), nullptr, 10));
    MR_TRY(ConfPtr conf, make_conf(settings));
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), report_delivery);
    rd_kafka_conf_set_error_cb(conf.get(), report_trouble);
    MR_TRY(client_, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    queue_.reset(rd_kafka_queue_get_main(client_.get()));
    constexpr std::uint64_t k_one = 1;   // an eventfd takes 8 bytes
    rd_kafka_queue_io_event_enable(queue_.get(), wake_.fd(), &k_one, sizeof k_one);
    return {};
  }

  Result<bool> ensure_topic(const std::string& topic, const std::optional<TopicCreation>& creation,
                            int wait_ms) override {
    Known& known = topics_[topic];
    if (known.ready) return true;
    wait_ms = std::max(wait_ms, known.patience_ms);
    known.patience_ms = std::min(std::max(wait_ms, 1) * 2, k_patience_max_ms);
    const auto deadline = Clock::now() + milliseconds{wait_ms};
    waiting_for_ = missing_topic(topic);
    // Creation first: librdkafka's own question about a topic would make it exist with the broker's defaults.
    if (creation && !known.creation_asked) {
      MR_TRY(known.creation_asked, create(topic, *creation, wait_ms));
      if (!known.creation_asked) return false;
    }
    if (!known.handle) known.handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    if (!known.handle)
      return fail("Topic '" + topic + "' cannot be used: " + rd_kafka_err2str(rd_kafka_last_error()));
    for (auto pause = k_topic_retry_min;; pause = std::min(pause * 2, k_topic_retry_max)) {
      MR_TRY(known.ready, is_ready(topic, known, deadline));
      if (known.ready) break;
      const auto left = milliseconds{left_ms(deadline)};
      if (left <= milliseconds{0}) return false;
      std::this_thread::sleep_for(std::min(pause, left));
    }
    waiting_for_.clear();
    trouble_.clear();
    return true;
  }

  Result<bool> produce(const std::string& topic, std::int32_t partition, std::optional<std::string_view> key,
                       std::optional<std::string_view> value, std::span<const HeaderBytes> headers,
                       std::optional<std::int64_t> timestamp_ms, std::uint64_t tag) override {
    rd_kafka_topic_t* handle = handle_of(topic);
    if (handle == nullptr) [[unlikely]]
      return fail("Topic '" + topic + "' cannot be used: " + rd_kafka_err2str(rd_kafka_last_error()));
    const Message message{handle, partition, key, value, tag};
    const auto code = headers.empty() && !timestamp_ms ? send_plain(message) : send_full(message, headers, timestamp_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) [[likely]] {
      ++in_flight_;
      return true;
    }
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    return std::unexpected{refusal(topic, message, headers, code)};
  }

  void poll() override {
    wake_.drain();
    rd_kafka_poll(client_.get(), 0);
    if (fatal_ && in_flight_ > 0 && !std::exchange(purged_, true)) abandon();
  }

  void abandon() override {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  }

  int fd() const override { return wake_.fd(); }
  std::size_t in_flight() const override { return in_flight_; }
  bool refused_batch() const override { return refused_batch_; }

  std::string trouble() const override {
    if (fatal_) return fatal_->cause ? fatal_->cause->text : fatal_->text;
    if (in_flight_ == 0 && waiting_for_.empty()) return {};
    return trouble_.text().empty() ? waiting_for_ : trouble_.text();
  }

 private:
  struct Known {
    TopicPtr handle{};
    int patience_ms = 0;
    bool creation_asked = false;
    int answering = 0;       // partitions whose leader takes requests
    bool ready = false;
  };

  struct Message {
    rd_kafka_topic_t* topic;
    std::int32_t partition;
    std::optional<std::string_view> key, value;
    std::uint64_t tag;

    // Kafka's null is a null pointer: an empty text needs another.
    static void* pointer(const std::optional<std::string_view>& text) {
      if (!text) return nullptr;
      return const_cast<char*>(text->data() == nullptr ? "" : text->data());
    }
    static std::size_t size(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }
    void* opaque() const { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag)); }
  };

  // The one question of the hot path: runs of one topic find it without a hash.
  rd_kafka_topic_t* handle_of(const std::string& topic) {
    if (last_handle_ != nullptr && topic == last_topic_) return last_handle_;
    Known& known = topics_[topic];
    if (!known.handle) known.handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    last_topic_ = topic;
    return last_handle_ = known.handle.get();
  }

  rd_kafka_resp_err_t send_plain(const Message& m) {
    const int sent = rd_kafka_produce(m.topic, m.partition, 0, Message::pointer(m.value), Message::size(m.value),
                                      Message::pointer(m.key), Message::size(m.key), m.opaque());
    return sent == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }

  rd_kafka_resp_err_t send_full(const Message& m, std::span<const HeaderBytes> headers,
                                std::optional<std::int64_t> timestamp_ms) {
    rd_kafka_headers_t* list = headers.empty() ? nullptr : rd_kafka_headers_new(headers.size());
    for (const HeaderBytes& header : headers)
      rd_kafka_header_add(list, header.name.data(), static_cast<ssize_t>(header.name.size()),
                          Message::pointer(header.value), static_cast<ssize_t>(Message::size(header.value)));
    std::array<rd_kafka_vu_t, 7> parts{};
    parts[0].vtype = RD_KAFKA_VTYPE_RKT;
    parts[0].u.rkt = m.topic;
    parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[1].u.i32 = m.partition;
    parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[2].u.mem = {Message::pointer(m.value), Message::size(m.value)};
    parts[3].vtype = RD_KAFKA_VTYPE_KEY;
    parts[3].u.mem = {Message::pointer(m.key), Message::size(m.key)};
    parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[4].u.ptr = m.opaque();
    parts[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    parts[5].u.i64 = timestamp_ms.value_or(0);   // 0: now
    parts[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[6].u.headers = list;
    const ErrorPtr error{rd_kafka_produceva(client_.get(), parts.data(), list == nullptr ? 6 : 7)};
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    if (list != nullptr) rd_kafka_headers_destroy(list);   // taken over on success only
    return rd_kafka_error_is_fatal(error.get()) ? RD_KAFKA_RESP_ERR__FATAL : rd_kafka_error_code(error.get());
  }

  Error refusal(const std::string& topic, const Message& m, std::span<const HeaderBytes> headers,
                rd_kafka_resp_err_t code) {
    if (code == RD_KAFKA_RESP_ERR__FATAL) return note_fatal();
    SentRecord record{topic, m.key, Message::size(m.key) + Message::size(m.value)};
    for (const HeaderBytes& header : headers) record.bytes += header.name.size() + Message::size(header.value);
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return larger_than_request(record, request_bytes_max_);
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) forget(topic);
    return delivery_failure(record, code);
  }

  // The topic was deleted: the next ensure_topic() asks and creates again.
  void forget(const std::string& topic) {
    Known& known = topics_[topic];
    known.ready = known.creation_asked = false;
  }

  Result<bool> create(const std::string& topic, const TopicCreation& creation, int wait_ms) {
    MR_TRY(rd_kafka_t* const client, admin());
    auto created = create_topic(client, topic, creation, std::max(wait_ms, 1));
    if (!created) {
      if (!created.error().retriable()) return std::unexpected{std::move(created).error()};
      waiting_for_ = created.error().text;
      return false;
    }
    if (*created == Created::not_allowed && !exists_in_full_list(client, topic, std::max(wait_ms, 1)))
      return std::unexpected{creation_failed(topic, creation)};
    return true;
  }

  // Nearly always the producer's own connection will do; else a client of the admin's settings.
  Result<rd_kafka_t*> admin() {
    if (options_.admin_settings.empty() || access_of(options_.admin_settings) == access_of(options_.settings))
      return client_.get();
    if (!admin_) {
      MR_TRY(ConfPtr conf, make_conf(options_.admin_settings));
      MR_TRY(admin_, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    }
    return admin_.get();
  }

  Result<bool> is_ready(const std::string& topic, Known& known, Clock::time_point deadline) {
    auto state = topic_state(client_.get(), known.handle.get(), std::max(left_ms(deadline), 1));
    if (!state) {
      if (!state.error().retriable()) return std::unexpected{std::move(state).error()};
      if (trouble_.text().empty()) waiting_for_ = state.error().text;
      return false;
    }
    if (!state->has_leaders) return false;
    for (; known.answering < state->partitions; ++known.answering)
      if (!leader_answers(client_.get(), topic, known.answering, std::max(left_ms(deadline), 1))) return false;
    return true;
  }

  Error note_fatal() {
    if (!fatal_) {
      std::array<char, 512> reason{};
      const auto code = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
      fatal_ = producer_fatal(code, reason.data());
    }
    return *fatal_;
  }

  static void report_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<RdProducer*>(opaque);
    assert(self.in_flight_ > 0);
    --self.in_flight_;
    const auto tag = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(message->_private));
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) [[likely]] {
      if (!self.trouble_.text().empty()) self.trouble_.clear();
      self.delivered_(tag, nullptr);
      return;
    }
    const Error error = self.failure_of(*message);
    self.delivered_(tag, &error);
  }

  Error failure_of(const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_fatal_error(client_.get(), nullptr, 0) != 0)
      return note_fatal();
    SentRecord record{rd_kafka_topic_name(message.rkt), std::nullopt, message.key_len + message.len};
    if (message.key != nullptr) record.key = std::string_view{static_cast<const char*>(message.key), message.key_len};
    if (message.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) forget(std::string{record.topic});
    // One that fills a batch was alone in it.
    if (message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && record.bytes < batch_bytes_ && options_.batch_bytes_max != 1) {
      refused_batch_ = true;
      return refused_batch_of(record, batch_bytes_);
    }
    return delivery_failure(record, message.err);
  }

  static void report_trouble(rd_kafka_t*, int code, const char* reason, void* opaque) {
    auto& self = *static_cast<RdProducer*>(opaque);
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
      self.note_fatal();
    } else {
      self.trouble_.note(error, reason);
    }
  }

  ProducerOptions options_;
  Delivered delivered_;
  std::string request_bytes_max_;
  Wake wake_;
  ClientPtr client_, admin_;   // outlive topics and queue
  QueuePtr queue_;
  std::unordered_map<std::string, Known> topics_;
  std::string last_topic_;
  rd_kafka_topic_t* last_handle_ = nullptr;
  std::size_t in_flight_ = 0;
  std::size_t batch_bytes_ = std::numeric_limits<std::size_t>::max();   // of the largest batch
  bool refused_batch_ = false;
  std::optional<Error> fatal_;
  bool purged_ = false;
  Trouble trouble_;
  std::string waiting_for_;
};

}  // namespace

Result<std::unique_ptr<Producer>> Producer::create(ProducerOptions options, Delivered delivered) {
  auto producer = std::make_unique<RdProducer>(std::move(options), std::move(delivered));
  MR_CHECK(producer->start());
  return std::unique_ptr<Producer>{std::move(producer)};
}

}  // namespace millrace::kafka
