// WorkerState is what the worker knows from its config and status topics. The logs' reader writes it, the herder
// acts on its changes, and REST reads it, so that no read ever waits for Kafka.
// Threads: any.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connect/config_table.h"
#include "connect/mailbox.h"
#include "connect/status_table.h"
#include "kafka/topic_log.h"

namespace millrace {

class WorkerState {
 public:
  explicit WorkerState(std::string worker_id) : worker_id_{std::move(worker_id)} {}

  void on_config(const kafka::LogRecord& record);
  void on_status(const kafka::LogRecord& record);

  // The logs have been read: from now on changes are told. Fixes this run's generation.
  void follow(std::function<void(ConfigChange)> changed);
  int generation() const;
  const std::string& worker_id() const { return worker_id_; }

  std::vector<std::string> connectors() const;
  std::optional<StoredConnector> connector(const std::string& name) const;
  bool has_connector(const std::string& name) const;
  std::optional<StoredStatus> connector_status(const std::string& name) const;
  std::map<int, StoredStatus> task_statuses(const std::string& connector) const;
  std::vector<std::string> topics(const std::string& connector) const;

  // Our own statuses show at once, before Kafka has them. False: nothing changed.
  bool set_connector_status(const std::string& name, const StoredStatus& status);
  bool set_task_status(const std::string& connector, int id, const StoredStatus& status);
  bool remove_connector_status(const std::string& name);
  bool remove_task_status(const std::string& connector, int id);
  bool add_topic(const std::string& connector, const std::string& topic);
  void remove_topic(const std::string& connector, const std::string& topic);

  // Waits until `done(position of the config log's reader)`, abandon() or the deadline; gives what done says then.
  bool wait_for(std::chrono::steady_clock::time_point deadline, const std::function<bool(std::int64_t)>& done);
  void notify(const std::function<void()>& change);   // runs it under the lock of wait_for
  void abandon();                                     // the worker ends: nobody waits any more

 private:
  bool believe(const StoredStatus& status, const StoredStatus* present) const;

  const std::string worker_id_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ConfigTable config_;
  StatusTable status_;
  std::int64_t config_position_ = -1;
  int generation_ = 0;
  bool abandoned_ = false;
  std::function<void(ConfigChange)> listener_;
};

// Writes records of the config topic and waits until they are read back: what was answered is what holds.
class ConfigWriter {
 public:
  ConfigWriter(kafka::TopicLog& log, std::shared_ptr<WorkerState> state)
      : log_{log}, state_{std::move(state)} {}

  // In order, all in flight at once. Errors: Kafka refused or did not answer in time, or the worker ends.
  Result<void> write(const std::vector<LogEntry>& entries);

 private:
  kafka::TopicLog& log_;
  std::shared_ptr<WorkerState> state_;
};

// Sets statuses in the state and writes them behind; the newest of each key is tried again until Kafka has it.
// Threads: the herder's.
class StatusWriter {
 public:
  StatusWriter(kafka::TopicLog& log, std::shared_ptr<WorkerState> state, std::shared_ptr<Mailbox> mailbox);

  void set_connector(const std::string& name, std::string_view text, const std::string& trace = "");
  void set_task(const std::string& connector, int id, std::string_view text, const std::string& trace = "");
  // Tasks with this number and above.
  void remove_tasks(const std::string& connector, int from);
  void remove_connector(const std::string& name);   // with its tasks and topics
  void add_topic(const std::string& connector, const std::string& topic, int task);
  void remove_topics(const std::string& connector);

  // Everything written so far is in Kafka.
  bool wait_acknowledged(std::chrono::steady_clock::time_point deadline);

 private:
  struct Progress;
  StoredStatus status(std::string_view text, const std::string& trace) const;
  void write(std::string key, std::optional<std::string> value);

  kafka::TopicLog& log_;
  std::shared_ptr<WorkerState> state_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Progress> progress_;
};

}  // namespace millrace
