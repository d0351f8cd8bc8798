// ConnectorRuns makes what runs agree with what the config topic says: reconcile(c) is called after every change
// of connector c and brings its connector state, task configs and task one step nearer; the steps that take time
// (a task's end) call it again when they are done.
// Threads: the herder's. Tasks are joined on threads of their own, so that none holds up another.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "connect/figure_board.h"
#include "connect/mailbox.h"
#include "connect/task_handle.h"
#include "connect/worker_config.h"
#include "connect/worker_state.h"

namespace millrace {

using SourceLookup = std::function<const SourceRegistration*(std::string_view connector_class)>;

struct RunsParts {
  std::shared_ptr<WorkerState> state;
  std::shared_ptr<Mailbox> mailbox;
  std::shared_ptr<void> storage;   // kept until the last task has ended
  OffsetStore* offsets = nullptr;
  ConfigWriter* config = nullptr;
  StatusWriter* status = nullptr;
  const WorkerConfig* worker = nullptr;
  TaskFactory make_task;
  SourceLookup find_source;
  std::string log_category;
  std::shared_ptr<FigureBoard> figures;
};

class ConnectorRuns {
 public:
  explicit ConnectorRuns(RunsParts parts);
  ~ConnectorRuns();

  void reconcile(const std::string& name);
  // As a restart record of the config topic asks.
  void restart(const std::string& name, bool include_tasks, bool only_failed);
  Result<void> restart_connector(const std::string& name);
  void restart_task(const std::string& name);

  // Offsets may be changed: no task of this connector runs, and none will start before release_offsets().
  void hold_offsets(const std::string& name, std::function<void()> held);
  void release_offsets(const std::string& name);

  // What failed for a moment is tried again; to be called by next_tick().
  void tick();
  std::chrono::steady_clock::time_point next_tick() const;

  // All tasks are told to end, all statuses become UNASSIGNED, nothing starts any more.
  void shut_down();
  bool all_gone() const;

 private:
  enum class Phase : std::uint8_t { none, active, stopped, failed };

  struct Run {
    Phase phase = Phase::none;               // of the connector, not of its task
    std::uint64_t begun_revision = 0;        // the config that the phase belongs to
    const SourceRegistration* source = nullptr;
    std::shared_ptr<TaskHandle> task;
    std::uint64_t incarnation = 0;           // of the task: what an older one reports is no news
    std::uint64_t task_revision = 0;         // the task configs that it runs with
    std::uint64_t failed_revision = 0;       // task configs whose task has failed: not started again by itself
    bool paused = false;
    int leaving = 0;                         // tasks that are ending
    std::chrono::steady_clock::time_point leaving_since;
    bool leaving_reported = false;
    int offset_holds = 0;
    std::vector<std::function<void()>> waiting;   // for leaving == 0
  };

  struct Joiner {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };

  void begin_connector(const std::string& name, const StoredConnector& stored, Run& run);
  void publish_task(const std::string& name, const StoredConnector& stored, const Run& run);
  void follow_task(const std::string& name, const StoredConnector& stored, Run& run);
  void start_task(const std::string& name, const StoredConnector& stored, Run& run);
  void settle_stopped(const std::string& name, Run& run);
  void dismiss(const std::string& name);
  void end_task(const std::string& name, Run& run);
  void on_task_state(const std::string& name, std::uint64_t incarnation, TaskState state,
                     const std::string& trace);
  void on_task_gone(const std::string& name);
  void fail_task(const std::string& name, Run& run, const std::string& trace);
  void reap();
  Result<const SourceRegistration*> source_of(const Config& config) const;
  TaskListener listener(const std::string& name, std::uint64_t incarnation);

  RunsParts parts_;
  std::map<std::string, Run> runs_;
  std::map<std::string, std::chrono::steady_clock::time_point> retries_;
  std::vector<Joiner> joiners_;
  std::uint64_t next_incarnation_ = 0;
  bool closing_ = false;
};

}  // namespace millrace
