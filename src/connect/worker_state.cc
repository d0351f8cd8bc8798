#include "connect/worker_state.h"

#include <algorithm>

#include "core/log.h"
#include "core/wall_clock.h"

namespace millrace {

using Clock = std::chrono::steady_clock;

void WorkerState::on_config(const kafka::LogRecord& record) {
  ConfigChange change;
  std::function<void(ConfigChange)> listener;
  {
    const std::scoped_lock lock{mutex_};
    change = config_.apply(record.key, record.value);
    listener = listener_;
  }
  if (listener && change.kind != ConfigChange::Kind::none) listener(std::move(change));
  // Only now: who waits for this record must find its change already told.
  {
    const std::scoped_lock lock{mutex_};
    config_position_ = record.kafka_offset;
  }
  changed_.notify_all();
}

void WorkerState::on_status(const kafka::LogRecord& record) {
  const std::scoped_lock lock{mutex_};
  if (!listener_) return status_.apply(record.key, record.value);
  // From here on the table is ahead of the topic for what we write; only other workers bring news.
  constexpr std::string_view k_connector = "status-connector-";
  if (!record.value) return;
  const auto status = parse_status(*record.value);
  if (!status || status->worker_id == worker_id_) return;
  if (record.key.starts_with(k_connector)) {
    const std::string name{record.key.substr(k_connector.size())};
    if (believe(*status, status_.connector(name))) status_.set_connector(name, *status);
    return;
  }
  const auto task = split_task_status_key(record.key);
  if (task && believe(*status, status_.task(task->first, task->second)))
    status_.set_task(task->first, task->second, *status);
}

bool WorkerState::believe(const StoredStatus& status, const StoredStatus* present) const {
  return present == nullptr || present->worker_id != worker_id_ || status.generation > present->generation;
}

void WorkerState::follow(std::function<void(ConfigChange)> changed) {
  const std::scoped_lock lock{mutex_};
  generation_ = status_.generation_max() + 1;
  listener_ = std::move(changed);
}

int WorkerState::generation() const {
  const std::scoped_lock lock{mutex_};
  return generation_;
}

std::vector<std::string> WorkerState::connectors() const {
  const std::scoped_lock lock{mutex_};
  return config_.connectors();
}

std::optional<StoredConnector> WorkerState::connector(const std::string& name) const {
  const std::scoped_lock lock{mutex_};
  const StoredConnector* stored = config_.find(name);
  return stored == nullptr ? std::nullopt : std::optional{*stored};
}

bool WorkerState::has_connector(const std::string& name) const {
  const std::scoped_lock lock{mutex_};
  return config_.find(name) != nullptr;
}

std::optional<StoredStatus> WorkerState::connector_status(const std::string& name) const {
  const std::scoped_lock lock{mutex_};
  const StoredStatus* stored = status_.connector(name);
  return stored == nullptr ? std::nullopt : std::optional{*stored};
}

std::map<int, StoredStatus> WorkerState::task_statuses(const std::string& connector) const {
  const std::scoped_lock lock{mutex_};
  return status_.tasks(connector);
}

std::vector<std::string> WorkerState::topics(const std::string& connector) const {
  const std::scoped_lock lock{mutex_};
  return status_.topics(connector);
}

bool WorkerState::set_connector_status(const std::string& name, const StoredStatus& status) {
  const std::scoped_lock lock{mutex_};
  const StoredStatus* present = status_.connector(name);
  if (present != nullptr && *present == status) return false;
  status_.set_connector(name, status);
  return true;
}

bool WorkerState::set_task_status(const std::string& connector, int id, const StoredStatus& status) {
  const std::scoped_lock lock{mutex_};
  const StoredStatus* present = status_.task(connector, id);
  if (present != nullptr && *present == status) return false;
  status_.set_task(connector, id, status);
  return true;
}

bool WorkerState::remove_connector_status(const std::string& name) {
  const std::scoped_lock lock{mutex_};
  if (status_.connector(name) == nullptr) return false;
  status_.remove_connector(name);
  return true;
}

bool WorkerState::remove_task_status(const std::string& connector, int id) {
  const std::scoped_lock lock{mutex_};
  if (status_.task(connector, id) == nullptr) return false;
  status_.remove_task(connector, id);
  return true;
}

bool WorkerState::add_topic(const std::string& connector, const std::string& topic) {
  const std::scoped_lock lock{mutex_};
  if (status_.has_topic(connector, topic)) return false;
  status_.add_topic(connector, topic);
  return true;
}

void WorkerState::remove_topic(const std::string& connector, const std::string& topic) {
  const std::scoped_lock lock{mutex_};
  status_.remove_topic(connector, topic);
}

bool WorkerState::wait_for(Clock::time_point deadline, const std::function<bool(std::int64_t)>& done) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, deadline, [&] { return abandoned_ || done(config_position_); });
  return done(config_position_);
}

void WorkerState::abandon() {
  notify([&] { abandoned_ = true; });
}

void WorkerState::notify(const std::function<void()>& change) {
  {
    const std::scoped_lock lock{mutex_};
    change();
  }
  changed_.notify_all();
}

Result<void> ConfigWriter::write(const std::vector<LogEntry>& entries) {
  // Connect's READ_WRITE_TOTAL_TIMEOUT_MS.
  constexpr auto k_timeout = std::chrono::seconds{30};
  struct Batch {
    std::size_t open;
    std::int64_t last = -1;
    std::optional<Error> error{};
  };
  const auto batch = std::make_shared<Batch>(entries.size());
  for (const LogEntry& entry : entries)
    log_.write(entry.key, entry.value, {}, [batch, state = state_](Result<std::int64_t> written) {
      state->notify([&] {
        --batch->open;
        if (written) batch->last = std::max(batch->last, *written);
        else if (!batch->error) batch->error = std::move(written).error();
      });
    });
  std::optional<Error> error;
  const bool read_back = state_->wait_for(Clock::now() + k_timeout, [&](std::int64_t position) {
    error = batch->error;
    return error || (batch->open == 0 && position >= batch->last);
  });
  if (error) return std::unexpected{std::move(*error).as_cause_of(
      "Error writing connector configuration to Kafka", k_connect_exception)};
  if (read_back) return {};
  return fail("Error writing connector configuration to Kafka: the brokers did not acknowledge it within 30 s, "
              "or the worker is stopping; look at bootstrap.servers and the brokers, then ask again",
              Retry::yes);
}

struct StatusWriter::Progress {
  std::mutex mutex;
  std::condition_variable acknowledged;
  std::size_t open = 0;
  std::map<std::string, std::uint64_t> newest{};   // by key, of writes that Kafka does not have yet
  std::uint64_t next = 0;
};

StatusWriter::StatusWriter(kafka::TopicLog& log, std::shared_ptr<WorkerState> state,
                           std::shared_ptr<Mailbox> mailbox)
    : log_{log}, state_{std::move(state)}, mailbox_{std::move(mailbox)},
      progress_{std::make_shared<Progress>()} {}

StoredStatus StatusWriter::status(std::string_view text, const std::string& trace) const {
  return {.state = std::string{text}, .trace = trace, .worker_id = state_->worker_id(),
          .generation = state_->generation()};
}

void StatusWriter::set_connector(const std::string& name, std::string_view text, const std::string& trace) {
  const StoredStatus now = status(text, trace);
  if (state_->set_connector_status(name, now)) write(connector_status_key(name), status_text(now));
}

void StatusWriter::set_task(const std::string& connector, int id, std::string_view text,
                            const std::string& trace) {
  const StoredStatus now = status(text, trace);
  if (state_->set_task_status(connector, id, now)) write(task_status_key(connector, id), status_text(now));
}

void StatusWriter::remove_tasks(const std::string& connector, int from) {
  for (const auto& [id, present] : state_->task_statuses(connector))
    if (id >= from && state_->remove_task_status(connector, id))
      write(task_status_key(connector, id), std::nullopt);
}

void StatusWriter::remove_connector(const std::string& name) {
  remove_tasks(name, 0);
  remove_topics(name);
  if (state_->remove_connector_status(name)) write(connector_status_key(name), std::nullopt);
}

void StatusWriter::add_topic(const std::string& connector, const std::string& topic, int task) {
  if (!state_->add_topic(connector, topic)) return;
  write(topic_status_key(connector, topic), topic_status_text(connector, topic, task, wall_clock_ms()));
}

void StatusWriter::remove_topics(const std::string& connector) {
  for (const std::string& topic : state_->topics(connector)) {
    state_->remove_topic(connector, topic);
    write(topic_status_key(connector, topic), std::nullopt);
  }
}

void StatusWriter::write(std::string key, std::optional<std::string> value) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock{progress_->mutex};
    number = progress_->newest[key] = ++progress_->next;
    ++progress_->open;
  }
  auto again = [this, key, value, number, progress = progress_]() mutable {
    {
      const std::scoped_lock lock{progress->mutex};
      const auto newest = progress->newest.find(key);
      if (newest == progress->newest.end() || newest->second != number) return;   // a newer one is on its way
    }
    write(std::move(key), std::move(value));
  };
  log_.write(key, value, {},
             [key, number, again = std::move(again), progress = progress_,
              mailbox = mailbox_](Result<std::int64_t> written) {
               const bool retry = !written && written.error().retriable();
               if (!written)
                 logger("org.apache.kafka.connect.storage.KafkaStatusBackingStore")
                     ->error("The status '{}' was not written: {}", key, written.error().text);
               if (retry) mailbox->post(again);
               {
                 const std::scoped_lock lock{progress->mutex};
                 --progress->open;
                 const auto newest = progress->newest.find(key);
                 if (!retry && newest != progress->newest.end() && newest->second == number)
                   progress->newest.erase(newest);
               }
               progress->acknowledged.notify_all();
             });
}

bool StatusWriter::wait_acknowledged(Clock::time_point deadline) {
  std::unique_lock lock{progress_->mutex};
  return progress_->acknowledged.wait_until(lock, deadline, [&] { return progress_->open == 0; });
}

}  // namespace millrace
