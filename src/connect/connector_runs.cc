#include "connect/connector_runs.h"

#include <algorithm>

#include "connect/raw_config.h"
#include "core/log.h"

namespace millrace {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view k_running = "RUNNING", k_paused = "PAUSED", k_stopped = "STOPPED",
                           k_failed = "FAILED", k_unassigned = "UNASSIGNED",
                           k_restarting = "RESTARTING";
constexpr auto k_publish_retry = std::chrono::seconds{1};
constexpr auto k_leave_patience = std::chrono::seconds{5};   // what a task may need to end

}  // namespace

ConnectorRuns::ConnectorRuns(RunsParts parts) : parts_{std::move(parts)} {}

ConnectorRuns::~ConnectorRuns() {
  for (auto& [name, run] : runs_)
    if (run.task) end_task(name, run);
  for (Joiner& joiner : joiners_) {
    // One that still hangs keeps all it uses alive itself; the process is about to end.
    if (joiner.done->load()) joiner.thread.join();
    else joiner.thread.detach();
  }
}

void ConnectorRuns::reconcile(const std::string& name) {
  if (closing_) return;
  auto stored = parts_.state->connector(name);
  if (!stored) return dismiss(name);
  Run& run = runs_[name];
  if (stored->target == TargetState::stopped) return settle_stopped(name, run);
  begin_connector(name, *stored, run);
  if (stored->target == TargetState::started && run.phase == Phase::active) {
    publish_task(name, *stored, run);
    stored = parts_.state->connector(name);
    if (!stored) return dismiss(name);
  }
  follow_task(name, *stored, run);
}

Result<const SourceRegistration*> ConnectorRuns::source_of(const Config& config) const {
  const std::string connector_class = config.get("connector.class");
  const SourceRegistration* source = parts_.find_source(connector_class);
  if (source == nullptr)
    return fail("Failed to find any class that implements Connector and which name matches " +
                connector_class + "; this program runs the connectors that GET /connector-plugins lists");
  return source;
}

void ConnectorRuns::begin_connector(const std::string& name, const StoredConnector& stored, Run& run) {
  const bool begun = run.phase == Phase::active || run.phase == Phase::failed;
  if (!begun || run.begun_revision != stored.config_revision) {
    run.begun_revision = stored.config_revision;
    auto config = parts_.worker->providers.resolve(to_config(stored.config));
    const auto source = config ? source_of(*config) : std::unexpected{std::move(config).error()};
    run.phase = source ? Phase::active : Phase::failed;
    if (source) {
      run.source = *source;
    } else {
      logger(parts_.log_category)->error("Failed to start connector '{}': {}", name, source.error().text);
      parts_.status->set_connector(name, k_failed, source.error().trace());
    }
  }
  if (run.phase == Phase::active)
    parts_.status->set_connector(name, stored.target == TargetState::paused ? k_paused : k_running);
}

void ConnectorRuns::publish_task(const std::string& name, const StoredConnector& stored, const Run& run) {
  const RawConfig task = task_config(stored.config, run.source->task_class);
  if (!tasks_differ(stored, task)) return;
  const auto written = parts_.config->write({task_entry(name, 0, task), commit_entry(name, 1)});
  if (written) return;
  logger(parts_.log_category)->error("Failed to write the task config of connector '{}', trying again: {}",
                                     name, written.error().text);
  retries_[name] = Clock::now() + k_publish_retry;
}

void ConnectorRuns::follow_task(const std::string& name, const StoredConnector& stored, Run& run) {
  const bool wanted = !stored.tasks().empty();
  const bool paused = stored.target == TargetState::paused;
  if (run.task && (!wanted || run.task_revision != stored.tasks_revision)) {
    end_task(name, run);
    parts_.status->set_task(name, 0, k_unassigned);
  }
  if (run.task) {
    if (run.paused != paused) run.task->set_paused(paused);
    run.paused = paused;
    return;
  }
  if (run.leaving > 0) return;   // its end calls reconcile() again
  parts_.status->remove_tasks(name, wanted ? stored.task_count : 0);
  if (!wanted || run.offset_holds > 0 || run.failed_revision == stored.tasks_revision) return;
  start_task(name, stored, run);
}

void ConnectorRuns::start_task(const std::string& name, const StoredConnector& stored, Run& run) {
  run.task_revision = stored.tasks_revision;
  run.paused = stored.target == TargetState::paused;
  auto config = parts_.worker->providers.resolve(to_config(stored.task_configs.at(0)));
  if (!config) return fail_task(name, run, config.error().trace());
  const auto source = source_of(*config);
  if (!source) return fail_task(name, run, source.error().trace());
  run.incarnation = ++next_incarnation_;
  auto figures = std::make_shared<TaskFigures>();
  parts_.figures->put(name, figures);
  run.task = parts_.make_task({.connector = name,
                               .id = 0,
                               .config = std::move(*config),
                               .worker = parts_.worker->settings,
                               .source = *source,
                               .offsets = parts_.offsets,
                               .start_paused = run.paused,
                               .listener = listener(name, run.incarnation),
                               .figures = std::move(figures)});
  logger(parts_.log_category)->info("Starting task {}-0", name);
  run.task->start();
}

// The task's thread only posts; the mailbox may be closed by then.
TaskListener ConnectorRuns::listener(const std::string& name, std::uint64_t incarnation) {
  return {.on_state = [this, name, incarnation, mailbox = parts_.mailbox](TaskState state,
                                                                         const std::string& trace) {
            mailbox->post([this, name, incarnation, state, trace] {
              on_task_state(name, incarnation, state, trace);
            });
          },
          .on_topic = [this, name, mailbox = parts_.mailbox](const std::string& topic) {
            mailbox->post([this, name, topic] {
              if (parts_.worker->settings.boolean("topic.tracking.enable", true) && runs_.contains(name))
                parts_.status->add_topic(name, topic, 0);
            });
          }};
}

void ConnectorRuns::on_task_state(const std::string& name, std::uint64_t incarnation, TaskState state,
                                  const std::string& trace) {
  const auto at = runs_.find(name);
  if (at == runs_.end() || !at->second.task || at->second.incarnation != incarnation) {
    if (state == TaskState::failed)
      logger(parts_.log_category)->warn("Task {}-0 failed while it was ending: {}", name, trace);
    return;
  }
  Run& run = at->second;
  switch (state) {
    case TaskState::running: parts_.status->set_task(name, 0, k_running); break;
    case TaskState::paused: parts_.status->set_task(name, 0, k_paused); break;
    case TaskState::failed:
      fail_task(name, run, trace);
      end_task(name, run);
      break;
    case TaskState::stopped: break;   // told by the thread that joins it
  }
}

void ConnectorRuns::fail_task(const std::string& name, Run& run, const std::string& trace) {
  run.failed_revision = run.task_revision;
  logger(parts_.log_category)->error("Task {}-0 has failed and stays so until it is restarted: {}", name, trace);
  parts_.status->set_task(name, 0, k_failed, trace);
}

void ConnectorRuns::end_task(const std::string& name, Run& run) {
  run.task->request_stop();
  parts_.figures->remove(name);
  if (run.leaving++ == 0) {
    run.leaving_since = Clock::now();
    run.leaving_reported = false;
  }
  auto done = std::make_shared<std::atomic<bool>>(false);
  std::thread thread{[this, name, done, task = std::move(run.task), mailbox = parts_.mailbox,
                      storage = parts_.storage]() mutable {
    task->join();
    task.reset();
    storage.reset();
    done->store(true);
    mailbox->post([this, name] { on_task_gone(name); });
  }};
  run.task.reset();
  joiners_.push_back({std::move(thread), std::move(done)});
}

void ConnectorRuns::on_task_gone(const std::string& name) {
  reap();
  const auto at = runs_.find(name);
  if (at == runs_.end() || --at->second.leaving > 0) return;
  for (auto& ready : std::exchange(at->second.waiting, {})) ready();
  reconcile(name);
}

void ConnectorRuns::reap() {
  std::erase_if(joiners_, [](Joiner& joiner) {
    if (!joiner.done->load()) return false;
    joiner.thread.join();
    return true;
  });
}

void ConnectorRuns::settle_stopped(const std::string& name, Run& run) {
  if (run.task) {
    end_task(name, run);
    parts_.status->set_task(name, 0, k_unassigned);
  }
  run.phase = Phase::stopped;
  run.failed_revision = 0;
  parts_.status->set_connector(name, k_stopped);
  if (run.leaving == 0) parts_.status->remove_tasks(name, 0);
}

void ConnectorRuns::dismiss(const std::string& name) {
  const auto at = runs_.find(name);
  if (at == runs_.end()) return parts_.status->remove_connector(name);
  Run& run = at->second;
  if (run.task) {
    end_task(name, run);
    parts_.status->set_task(name, 0, k_unassigned);
  }
  parts_.status->set_connector(name, k_unassigned);
  run.phase = Phase::none;
  run.failed_revision = 0;
  // Who sees no status any more may rely on the task's end: its slot and its connections are free.
  if (run.leaving > 0 || run.offset_holds > 0) return;
  parts_.status->remove_connector(name);
  retries_.erase(name);
  runs_.erase(at);
}

void ConnectorRuns::restart(const std::string& name, bool include_tasks, bool only_failed) {
  const auto connector = parts_.state->connector_status(name);
  if (closing_ || !parts_.state->has_connector(name) || !connector) return;
  Run& run = runs_[name];
  if (!only_failed || connector->state == k_failed) {
    parts_.status->set_connector(name, k_restarting);
    run.phase = Phase::none;
  }
  if (include_tasks)
    for (const auto& [id, task] : parts_.state->task_statuses(name)) {
      if (only_failed && task.state != k_failed) continue;
      if (run.task) end_task(name, run);
      run.failed_revision = 0;
      parts_.status->set_task(name, id, k_restarting);
    }
  reconcile(name);
}

Result<void> ConnectorRuns::restart_connector(const std::string& name) {
  runs_[name].phase = Phase::none;
  reconcile(name);
  if (runs_[name].phase == Phase::failed) return fail("Failed to start connector: " + name);
  return {};
}

void ConnectorRuns::restart_task(const std::string& name) {
  Run& run = runs_[name];
  if (run.task) {
    end_task(name, run);
    parts_.status->set_task(name, 0, k_unassigned);
  }
  run.failed_revision = 0;
  reconcile(name);
}

void ConnectorRuns::hold_offsets(const std::string& name, std::function<void()> held) {
  Run& run = runs_[name];
  ++run.offset_holds;
  if (run.task || run.leaving > 0) run.waiting.push_back(std::move(held));
  else held();
}

void ConnectorRuns::release_offsets(const std::string& name) {
  const auto at = runs_.find(name);
  if (at == runs_.end()) return;
  --at->second.offset_holds;
  reconcile(name);
}

void ConnectorRuns::tick() {
  const auto now = Clock::now();
  std::vector<std::string> due;
  std::erase_if(retries_, [&](const auto& retry) {
    if (retry.second <= now) due.push_back(retry.first);
    return retry.second <= now;
  });
  for (const std::string& name : due) reconcile(name);
  for (auto& [name, run] : runs_)
    if (run.leaving > 0 && !run.leaving_reported && now - run.leaving_since > k_leave_patience) {
      run.leaving_reported = true;
      logger(parts_.log_category)->warn("Task {}-0 has not ended within 5 s; its successor waits for it", name);
    }
}

Clock::time_point ConnectorRuns::next_tick() const {
  auto next = Clock::now() + std::chrono::minutes{1};
  for (const auto& [name, when] : retries_) next = std::min(next, when);
  for (const auto& [name, run] : runs_)
    if (run.leaving > 0 && !run.leaving_reported)
      next = std::min(next, run.leaving_since + k_leave_patience + std::chrono::milliseconds{10});
  return next;
}

void ConnectorRuns::shut_down() {
  closing_ = true;
  // First all of them, so that they end side by side.
  for (auto& [name, run] : runs_)
    if (run.task) run.task->request_stop();
  for (auto& [name, run] : runs_) {
    if (run.task) {
      end_task(name, run);
      parts_.status->set_task(name, 0, k_unassigned);
    }
    if (run.phase != Phase::none) parts_.status->set_connector(name, k_unassigned);
  }
}

bool ConnectorRuns::all_gone() const {
  return std::ranges::all_of(runs_, [](const auto& run) { return run.second.leaving == 0; });
}

}  // namespace millrace
