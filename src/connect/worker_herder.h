// WorkerHerder is the Herder of both modes; they differ in where configs, statuses and offsets are kept.
// One thread executes all that changes anything, in order; reads come from WorkerState and wait for nobody.
// Threads: as Herder says. Lifetime: stop() before destruction, else the destructor stops.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connect/connector_runs.h"
#include "connect/herder.h"
#include "connect/herder_request.h"
#include "connect/mailbox.h"
#include "connect/offset_store.h"
#include "connect/stage.h"
#include "connect/worker_state.h"
#include "core/wake.h"
#include "kafka/topic_log.h"

namespace millrace {

// Members end in the reverse order: nothing outlives the connection to Kafka.
struct WorkerStorage {
  std::unique_ptr<kafka::KafkaLogs> kafka;   // none where nothing is kept in Kafka
  std::unique_ptr<kafka::TopicLog> config, status;
  std::unique_ptr<OffsetStore> offsets;
};

struct HerderParts {
  // Opens the storage and reads it to its end; may take as long as the brokers are away, until `stop`.
  std::function<Result<std::shared_ptr<WorkerStorage>>(std::shared_ptr<WorkerState> state,
                                                       const StopSignal& stop)> open_storage;
  std::function<Result<std::string>(WorkerStorage& storage, int timeout_ms)> find_cluster_id;
  // Workers of Kafka Connect that do this group's work now; none set: there cannot be any.
  std::function<Result<std::vector<std::string>>(WorkerStorage& storage, int timeout_ms)> other_workers;
  TaskFactory make_task;
  SourceLookup find_source;
  std::function<Reply<ValidationResult>(const std::string& name, const RawConfig& config,
                                        const WorkerConfig& worker)> validate;
  std::vector<RawConfig> first_connectors;   // of the command line: named, and valid but for their databases
  std::string log_category;
  std::chrono::milliseconds request_timeout{90'000};
};

class WorkerHerder final : public Herder {
 public:
  WorkerHerder(WorkerConfig worker, HerderParts parts);
  ~WorkerHerder() override;

  Health health() override;
  std::string cluster_id() override;
  WorkerMetrics metrics() override;
  Reply<std::vector<std::string>> connectors() override;
  Reply<ConnectorInfo> connector(const std::string& name) override;
  Reply<ConnectorStatus> status(const std::string& name) override;
  Reply<TaskStatus> task_status(const std::string& name, int task) override;
  Reply<std::vector<TaskInfo>> tasks(const std::string& name) override;
  Reply<std::vector<std::string>> topics(const std::string& name) override;
  Reply<void> reset_topics(const std::string& name) override;
  Reply<CreatedConnector> put_connector(const std::string& name, RawConfig config, bool allow_replace,
                                        std::optional<TargetState> initial_state) override;
  Reply<CreatedConnector> patch_connector(const std::string& name, const RawConfig& patch) override;
  Reply<void> delete_connector(const std::string& name) override;
  Reply<void> set_target_state(const std::string& name, TargetState state) override;
  Reply<std::optional<ConnectorStatus>> restart(const std::string& name, bool include_tasks,
                                                bool only_failed) override;
  Reply<void> restart_task(const std::string& name, int task) override;
  Reply<ConnectorOffsets> offsets(const std::string& name) override;
  Reply<std::string> alter_offsets(const std::string& name,
                                   const std::optional<ConnectorOffsets>& offsets) override;
  Reply<ValidationResult> validate(const std::string& plugin, const RawConfig& config) override;
  void start(std::function<void(const Error&)> on_fatal) override;
  void stop() override;

 private:
  // Runs `work` on the herder's thread and waits for its answer, which may come after it has returned.
  template <typename T>
  Reply<T> ask(std::string what, std::function<void(HerderAnswer<T>)> work);
  template <typename T>
  Reply<T> ask_now(std::string what, std::function<Reply<T>()> work);

  void run(const std::function<void(const Error&)>& on_fatal);
  bool open(const std::function<void(const Error&)>& on_fatal);
  void wait_for_other_workers();
  void serve();
  void follow_change(const ConfigChange& change);
  void find_cluster_id();
  void create_first_connectors();
  Reply<void> ready() const;
  Reply<void> check_config(const std::string& name, const RawConfig& config) const;

  // The bodies of the requests, on the herder's thread.
  Reply<CreatedConnector> write_connector(const std::string& name, const RawConfig& config, bool allow_replace,
                                          std::optional<TargetState> initial_state);
  Reply<void> write_target_state(const std::string& name, TargetState state);
  Reply<std::optional<ConnectorStatus>> write_restart(const std::string& name, bool include_tasks,
                                                      bool only_failed);
  Reply<void> begin_task_restart(const std::string& name, int task);
  Reply<void> check_stopped(const std::string& name) const;
  Reply<ConnectorOffsets> offsets_to_write(const std::string& name, const std::optional<ConnectorOffsets>& asked);
  Reply<void> write_offsets(const ConnectorOffsets& keys_and_values);
  std::optional<ConnectorStatus> planned_restart(const std::string& name, bool include_tasks, bool only_failed);

  const WorkerConfig worker_;
  HerderParts parts_;
  std::shared_ptr<WorkerState> state_;
  std::shared_ptr<Mailbox> mailbox_;
  const std::shared_ptr<FigureBoard> figures_ = std::make_shared<FigureBoard>();
  std::shared_ptr<WorkerStorage> storage_;
  std::unique_ptr<ConfigWriter> config_;
  std::unique_ptr<StatusWriter> status_;
  std::unique_ptr<ConnectorRuns> runs_;
  Stage stage_;
  StopSignal stop_;
  std::atomic<bool> ready_{false}, broken_{false};
  std::mutex mutex_;                       // of the three below
  std::condition_variable stopping_;
  std::string cluster_id_;
  bool stopped_ = false;
  std::thread thread_, identity_;
};

}  // namespace millrace
