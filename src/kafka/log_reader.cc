#include "kafka/log_reader.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/log.h"

namespace millrace::kafka {
namespace {

constexpr int k_idle_ms = 1000;   // librdkafka's wake-ups make this a safety net only
constexpr std::size_t k_batch = 256;

std::string text_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

std::string_view mark_of(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, k_mark.data(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr) return {};
  return {static_cast<const char*>(value), size};
}

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::create(ClientSettings settings, LogWriter& writer) {
  const ClientSettings fixed{
      {"enable.partition.eof", "true"},    // shows the end behind transaction markers, which are no records
      {"auto.offset.reset", "earliest"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"isolation.level", "read_committed"},
      {"fetch.wait.max.ms", "500"},
      {"fetch.min.bytes", "1"},
      {"fetch.max.bytes", "1048576"},            // of one answer, all partitions; a larger batch comes alone
      {"max.partition.fetch.bytes", "262144"},
      {"queued.min.messages", "500"},
      {"queued.max.messages.kbytes", "256"}};    // of each partition
  settings.insert(settings.end(), fixed.begin(), fixed.end());
  std::unique_ptr<LogReader> reader{new LogReader{writer}};
  MR_TRY(ConfPtr conf, make_conf(settings));
  rd_kafka_conf_set_opaque(conf.get(), reader.get());
  rd_kafka_conf_set_error_cb(conf.get(), report_trouble);
  MR_TRY(reader->client_, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  reader->main_queue_.reset(rd_kafka_queue_get_main(reader->client_.get()));
  reader->records_.reset(rd_kafka_queue_new(reader->client_.get()));
  constexpr std::uint64_t k_one = 1;   // an eventfd takes 8 bytes
  rd_kafka_queue_io_event_enable(reader->main_queue_.get(), reader->wake_.fd(), &k_one, sizeof k_one);
  rd_kafka_queue_io_event_enable(reader->records_.get(), reader->wake_.fd(), &k_one, sizeof k_one);
  reader->thread_ = std::jthread{[self = reader.get()] { self->run(); }};
  return reader;
}

LogReader::~LogReader() { close(); }

void LogReader::close() {
  stop_.request();
  if (thread_.joinable()) thread_.join();
  std::vector<std::shared_ptr<FollowedTopic>> topics;
  {
    const std::scoped_lock lock{mutex_};
    topics.swap(topics_);
  }
  moved_.notify_all();
  for (const auto& topic : topics) {
    for (std::size_t i = 0; i < topic->positions.size(); ++i)
      rd_kafka_consume_stop(topic->handle.get(), static_cast<std::int32_t>(i));
    topic->handle.reset();   // a log may outlive the reader
  }
}

std::string LogReader::trouble() {
  const std::scoped_lock lock{mutex_};
  return trouble_.text();
}

Result<std::shared_ptr<FollowedTopic>> LogReader::follow(const std::string& topic) {
  auto followed = std::make_shared<FollowedTopic>();
  followed->name = topic;
  followed->handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (!followed->handle)
    return fail("Topic '" + topic + "' cannot be used: " + rd_kafka_err2str(rd_kafka_last_error()));
  return followed;
}

Result<void> LogReader::start(const std::vector<std::shared_ptr<FollowedTopic>>& topics,
                              const std::vector<std::int64_t>& ends) {
  {
    const std::scoped_lock lock{mutex_};
    topics_ = topics;
    trouble_.clear();
  }
  struct Start {
    const FollowedTopic* topic;
    std::size_t partition;
    bool empty;
  };
  std::vector<Start> starts;
  for (const auto& topic : topics)
    for (std::size_t i = 0; i < topic->positions.size(); ++i)
      starts.push_back({topic.get(), i, ends[starts.size()] == 0});
  // A fetch of empty partitions waits at the broker, and those that come too late for it wait as well: records
  // go first, then the small topics, which somebody waits for.
  std::ranges::stable_sort(starts, {}, [](const Start& start) {
    return std::pair{start.empty, start.topic->positions.size()};
  });
  for (const Start& start : starts)
    if (rd_kafka_consume_start_queue(start.topic->handle.get(), static_cast<std::int32_t>(start.partition), 0,
                                     records_.get()) != 0)
      return fail("Topic '" + start.topic->name + "' cannot be read: " + rd_kafka_err2str(rd_kafka_last_error()));
  return {};
}

bool LogReader::wait_for(const FollowedTopic& topic, const std::vector<std::int64_t>& targets, Deadline deadline) {
  std::unique_lock lock{mutex_};
  const auto reached = [&] {
    return std::ranges::equal(topic.positions, targets, [](auto position, auto target) { return position >= target; });
  };
  moved_.wait_until(lock, deadline, [&] { return reached() || stop_.requested(); });
  return reached();
}

void LogReader::run() {
  std::array<pollfd, 3> fds{pollfd{wake_.fd(), POLLIN, 0}, pollfd{writer_.fd(), POLLIN, 0},
                            pollfd{stop_.fd(), POLLIN, 0}};
  while (!stop_.requested()) {
    ::poll(fds.data(), fds.size(), k_idle_ms);
    wake_.drain();
    writer_.serve();
    rd_kafka_poll(client_.get(), 0);
    drain();
  }
}

void LogReader::drain() {
  std::array<rd_kafka_message_t*, k_batch> messages{};
  for (ssize_t count = k_batch; count == static_cast<ssize_t>(k_batch) && !stop_.requested();) {
    count = rd_kafka_consume_batch_queue(records_.get(), 0, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) {
      const MessagePtr message{messages[static_cast<std::size_t>(i)]};
      take(*message);
    }
    if (count > 0) moved_.notify_all();
  }
}

void LogReader::take(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    complain(message);
    return;
  }
  const std::string_view name = rd_kafka_topic_name(message.rkt);
  std::shared_ptr<FollowedTopic> topic;
  {
    const std::scoped_lock lock{mutex_};
    const auto at = std::ranges::find_if(topics_, [&](const auto& followed) { return followed->name == name; });
    if (at == topics_.end()) return;
    topic = *at;
  }
  const bool record = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (record) {
    LogRecord out{.key = {static_cast<const char*>(message.key), message.key_len},
                  .mark = mark_of(message),
                  .partition = message.partition,
                  .kafka_offset = message.offset};
    if (message.payload != nullptr) out.value = std::string_view{static_cast<const char*>(message.payload), message.len};
    const std::scoped_lock lock{topic->calling};
    if (topic->on_record) topic->on_record(out);
  }
  const std::scoped_lock lock{mutex_};
  trouble_.clear();
  auto& position = topic->positions.at(static_cast<std::size_t>(message.partition));
  position = std::max(position, message.offset + (record ? 1 : 0));
}

void LogReader::complain(const rd_kafka_message_t& message) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_complaint_) return;
  next_complaint_ = now + std::chrono::minutes{1};
  logger("org.apache.kafka.connect.util.KafkaBasedLog")
      ->warn("Reading topic '{}' partition {} has trouble and goes on: {}",
             message.rkt == nullptr ? "?" : rd_kafka_topic_name(message.rkt), message.partition,
             text_of(message.payload, message.len));
}

void LogReader::report_trouble(rd_kafka_t*, int code, const char* reason, void* opaque) {
  auto& self = *static_cast<LogReader*>(opaque);
  const std::scoped_lock lock{self.mutex_};
  self.trouble_.note(static_cast<rd_kafka_resp_err_t>(code), reason);
}

}  // namespace millrace::kafka
