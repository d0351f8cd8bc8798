#include "kafka/log_writer.h"

#include <array>
#include <map>

#include "core/log.h"
#include "kafka/group_members.h"

namespace millrace::kafka {
namespace {

void report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<LogWriter::Done> done{static_cast<LogWriter::Done*>(message->_private)};
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (*done)(Acknowledged{message->partition, message->offset});
    return;
  }
  (*done)(fail(std::string{"Record could not be written to topic '"} + rd_kafka_topic_name(message->rkt) +
                   "': " + rd_kafka_err2str(message->err),
               Retry::yes));
}

std::unexpected<Error> stopping() { return fail("The worker is stopping", Retry::yes); }

}  // namespace

// A client's topics, by name. serve() may still hold it while write() replaces it.
struct LogWriter::Client {
  ClientPtr handle;
  QueuePtr queue;
  std::map<std::string, TopicPtr> topics;   // guarded by LogWriter::mutex_

  ~Client() {
    if (!handle) return;
    rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_poll(handle.get(), 0);
    topics.clear();
    queue.reset();
  }

  rd_kafka_topic_t* topic(const std::string& name) {
    TopicPtr& known = topics[name];
    if (!known) known.reset(rd_kafka_topic_new(handle.get(), name.c_str(), nullptr));
    return known.get();
  }
};

Result<std::unique_ptr<LogWriter>> LogWriter::create(ClientSettings settings) {
  settings.emplace_back("queue.buffering.max.messages", std::to_string(k_log_messages));
  std::unique_ptr<LogWriter> writer{new LogWriter{std::move(settings)}};
  MR_CHECK(writer->healthy_client());
  return writer;
}

void LogWriter::close() {
  std::shared_ptr<Client> last;
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  last.swap(client_);   // ends after the lock is free: it reports its records
}

std::shared_ptr<LogWriter::Client> LogWriter::client() {
  const std::scoped_lock lock{mutex_};
  return client_;
}

Result<std::shared_ptr<LogWriter::Client>> LogWriter::healthy_client() {
  if (closed_) return stopping();
  std::array<char, 256> reason{};
  if (client_ && rd_kafka_fatal_error(client_->handle.get(), reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_NO_ERROR)
    return client_;
  if (client_)
    logger("org.apache.kafka.connect.util.KafkaBasedLog")
        ->warn("The producer of the internal topics has failed and is made anew: {}", reason.data());
  MR_TRY(ConfPtr conf, make_conf(settings_));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), report);
  auto fresh = std::make_shared<Client>();
  MR_TRY(fresh->handle, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  fresh->queue.reset(rd_kafka_queue_get_main(fresh->handle.get()));
  constexpr std::uint64_t k_one = 1;   // an eventfd takes 8 bytes
  rd_kafka_queue_io_event_enable(fresh->queue.get(), wake_.fd(), &k_one, sizeof k_one);
  return client_ = std::move(fresh);
}

void LogWriter::prepare(const std::string& topic) {
  const std::scoped_lock lock{mutex_};
  if (client_) client_->topic(topic);
}

void LogWriter::write(const std::string& topic, const std::string& key, const std::optional<std::string>& value,
                      std::string_view mark, Done done) {
  auto pending = std::make_unique<Done>(std::move(done));
  std::shared_ptr<Client> before;   // a failed client ends outside the lock: it reports its records
  Result<void> sent;
  {
    const std::scoped_lock lock{mutex_};
    before = client_;
    sent = enqueue(topic, key, value, mark, pending.get());
  }
  if (sent) {
    static_cast<void>(pending.release());   // report() takes it
    return;
  }
  before.reset();
  (*pending)(std::unexpected{std::move(sent).error()});
}

Result<void> LogWriter::enqueue(const std::string& topic, const std::string& key,
                                const std::optional<std::string>& value, std::string_view mark, Done* pending) {
  MR_TRY(const auto current, healthy_client());
  rd_kafka_topic_t* handle = current->topic(topic);
  if (handle == nullptr) return fail("Topic '" + topic + "' cannot be used: " + rd_kafka_err2str(rd_kafka_last_error()));
  rd_kafka_headers_t* headers = mark.empty() ? nullptr : rd_kafka_headers_new(1);
  if (headers != nullptr)
    rd_kafka_header_add(headers, k_mark.data(), static_cast<ssize_t>(k_mark.size()), mark.data(), static_cast<ssize_t>(mark.size()));
  char* const bytes = value ? const_cast<char*>(value->data()) : nullptr;   // copied, not written to
  const std::size_t size = value ? value->size() : 0;
  const auto code = rd_kafka_producev(current->handle.get(), RD_KAFKA_V_RKT(handle),
                                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                                      RD_KAFKA_V_VALUE(bytes, size), RD_KAFKA_V_OPAQUE(pending),
                                      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  return fail("Record could not be written to topic '" + topic + "': " + rd_kafka_err2str(code),
              code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? Retry::no : Retry::yes);
}

Result<std::vector<std::int64_t>> LogWriter::ends(const std::vector<TopicSize>& topics, int timeout_ms) {
  const auto current = client();
  if (!current) return stopping();
  PartitionsPtr list{rd_kafka_topic_partition_list_new(32)};
  for (const auto& [topic, partitions] : topics)
    for (std::size_t i = 0; i < partitions; ++i)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(i))->offset =
          RD_KAFKA_OFFSET_END;   // as a timestamp: the end
  const std::string what = "Unable to get end offsets for topic '" + topics.front().topic + "': ";
  if (const auto code = rd_kafka_offsets_for_times(current->handle.get(), list.get(), timeout_ms))
    return fail(what + rd_kafka_err2str(code), Retry::yes);
  std::vector<std::int64_t> out;
  for (const auto& [topic, partitions] : topics)
    for (std::size_t i = 0; i < partitions; ++i) {
      const auto* answer = rd_kafka_topic_partition_list_find(list.get(), topic.c_str(), static_cast<std::int32_t>(i));
      if (answer == nullptr || answer->err != RD_KAFKA_RESP_ERR_NO_ERROR || answer->offset < 0)
        return fail(what + rd_kafka_err2str(answer == nullptr ? RD_KAFKA_RESP_ERR__FAIL : answer->err), Retry::yes);
      out.push_back(answer->offset);
    }
  return out;
}

Result<std::vector<std::string>> LogWriter::group_members(const std::string& group, std::string_view protocol_type,
                                                          int timeout_ms) {
  const auto current = client();
  if (!current) return stopping();
  return kafka::group_members(current->handle.get(), group, protocol_type, timeout_ms);
}

void LogWriter::serve() {
  wake_.drain();
  const auto current = client();
  if (!current) return;
  rd_kafka_t* handle = current->handle.get();
  // After a fatal error nothing moves any more: the waiting records get their error now, not at the next write.
  if (rd_kafka_fatal_error(handle, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR && rd_kafka_outq_len(handle) > 0)
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  rd_kafka_poll(handle, 0);
}

}  // namespace millrace::kafka
