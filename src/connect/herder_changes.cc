// What REST changes: checked on the asking thread, done on the herder's, in order.
#include "connect/connector_validation.h"
#include "connect/raw_config.h"
#include "connect/worker_herder.h"
#include "core/log.h"

namespace millrace {

namespace {

std::unexpected<RestError> not_found(const std::string& connector) {
  return refuse(404, "Connector " + connector + " not found");
}

std::unexpected<RestError> broken(const Error& error) {
  std::string text = error.text;
  if (error.cause) text += ": " + error.cause->text;
  return refuse(500, std::move(text));
}

// The config names the connector, as the path does.
Reply<RawConfig> named(const std::string& connector, RawConfig config) {
  const std::string* name = find_setting(config, "name");
  if (name != nullptr && *name != connector)
    return refuse(400, "Connector name configuration (" + *name +
                           ") doesn't match connector name in the URL (" + connector + ")");
  put_setting(config, "name", connector);
  return config;
}

}  // namespace

template <typename T>
Reply<T> WorkerHerder::ask(std::string what, std::function<void(HerderAnswer<T>)> work) {
  const auto request = std::make_shared<HerderRequest<T>>();
  mailbox_->post([this, what = std::move(what), work = std::move(work), answer = HerderAnswer<T>{request}] {
    if (!answer.wanted()) return;   // its client has been told that it failed: it must not happen after all
    stage_.begin(what);
    work(answer);
    stage_.end();
  });
  if (auto reply = request->wait(parts_.request_timeout)) return std::move(*reply);
  if (stop_.requested()) return refuse(503, "Worker is shutting down.");
  if (broken_.load()) return refuse(500, "The worker has failed and is ending. " + stage_.sentence());
  return refuse(500, "Request timed out. " + stage_.sentence());
}

template <typename T>
Reply<T> WorkerHerder::ask_now(std::string what, std::function<Reply<T>()> work) {
  return ask<T>(std::move(what), [work = std::move(work)](const HerderAnswer<T>& answer) { answer(work()); });
}

Reply<CreatedConnector> WorkerHerder::put_connector(const std::string& name, RawConfig config,
                                                    bool allow_replace,
                                                    std::optional<TargetState> initial_state) {
  auto complete = named(name, std::move(config));
  if (!complete) return std::unexpected{std::move(complete).error()};
  if (auto checked = check_config(name, *complete); !checked) return std::unexpected{std::move(checked).error()};
  return ask_now<CreatedConnector>(
      "writing a config for connector " + name, [=, this, config = std::move(*complete)] {
        return write_connector(name, config, allow_replace, initial_state);
      });
}

Reply<void> WorkerHerder::check_config(const std::string& name, const RawConfig& config) const {
  const auto result = parts_.validate(name, config, worker_);
  if (!result) return std::unexpected{result.error()};
  if (result->error_count > 0) return refuse(400, invalid_config_message(*result));
  return {};
}

Reply<ValidationResult> WorkerHerder::validate(const std::string& plugin, const RawConfig& config) {
  return parts_.validate(plugin, config, worker_);
}

Reply<CreatedConnector> WorkerHerder::write_connector(const std::string& name, const RawConfig& config,
                                                      bool allow_replace,
                                                      std::optional<TargetState> initial_state) {
  const auto present = state_->connector(name);
  if (present && !allow_replace) return refuse(409, "Connector " + name + " already exists");
  std::vector<LogEntry> entries;
  if (initial_state) entries.push_back(target_state_entry(name, *initial_state));
  entries.push_back(connector_entry(name, config));
  if (auto written = config_->write(entries); !written) return broken(written.error());
  return CreatedConnector{
      .created = !present,
      .info = {.name = name, .config = config, .tasks = present ? present->tasks() : std::vector<int>{}}};
}

Reply<CreatedConnector> WorkerHerder::patch_connector(const std::string& name, const RawConfig& patch) {
  if (auto ok = ready(); !ok) return std::unexpected{std::move(ok).error()};
  const auto stored = state_->connector(name);
  if (!stored) return not_found(name);
  RawConfig config = in_hash_map_order(stored->config);
  for (const auto& [setting, value] : patch) {
    if (value) put_setting(config, setting, value);
    else std::erase_if(config, [&](const auto& entry) { return entry.first == setting; });
  }
  return put_connector(name, in_copied_hash_map_order(config), true, std::nullopt);
}

Reply<void> WorkerHerder::delete_connector(const std::string& name) {
  return ask_now<void>("deleting connector " + name, [=, this]() -> Reply<void> {
    if (!state_->has_connector(name)) return not_found(name);
    if (auto written = config_->write(removal_entries(name)); !written) return broken(written.error());
    return {};
  });
}

Reply<void> WorkerHerder::set_target_state(const std::string& name, TargetState state) {
  return ask_now<void>("changing the state of connector " + name,
                       [=, this] { return write_target_state(name, state); });
}

Reply<void> WorkerHerder::write_target_state(const std::string& name, TargetState state) {
  const auto stored = state_->connector(name);
  if (!stored) return refuse(404, "Unknown connector " + name);
  std::vector<LogEntry> entries;
  // The tasks first: a running connector without tasks is healthy, a stopped one with tasks is not.
  if (state == TargetState::stopped && stored->task_count != 0) entries.push_back(commit_entry(name, 0));
  if (stored->target != state) entries.push_back(target_state_entry(name, state));
  if (entries.empty()) return {};
  if (auto written = config_->write(entries); !written) return broken(written.error());
  return {};
}

Reply<std::optional<ConnectorStatus>> WorkerHerder::restart(const std::string& name, bool include_tasks,
                                                            bool only_failed) {
  using Planned = std::optional<ConnectorStatus>;
  if (include_tasks || only_failed)
    return ask_now<Planned>("restarting connector " + name + " and its tasks",
                            [=, this] { return write_restart(name, include_tasks, only_failed); });
  return ask_now<Planned>("restarting connector " + name, [=, this]() -> Reply<Planned> {
    if (!state_->has_connector(name)) return refuse(404, "Unknown connector: " + name);
    if (auto restarted = runs_->restart_connector(name); !restarted) return broken(restarted.error());
    return Planned{};
  });
}

Reply<std::optional<ConnectorStatus>> WorkerHerder::write_restart(const std::string& name, bool include_tasks,
                                                                  bool only_failed) {
  if (!state_->has_connector(name)) return refuse(404, "Unknown connector: " + name);
  auto plan = planned_restart(name, include_tasks, only_failed);
  // The record itself starts it, as it does in a cluster of several workers.
  auto written = config_->write({restart_entry(name, include_tasks, only_failed)});
  if (!written) return broken(written.error());
  if (!plan) return refuse(404, "Status for connector " + name + " not found");
  return plan;
}

std::optional<ConnectorStatus> WorkerHerder::planned_restart(const std::string& name, bool include_tasks,
                                                             bool only_failed) {
  const auto chosen = [&](const std::string& state) { return !only_failed || state == "FAILED"; };
  const auto connector = state_->connector_status(name);
  if (!connector) return std::nullopt;
  ConnectorStatus plan{.name = name,
                       .state = chosen(connector->state) ? "RESTARTING" : connector->state,
                       .worker_id = connector->worker_id,
                       .trace = connector->trace};
  for (const auto& [id, task] : state_->task_statuses(name))
    plan.tasks.push_back({.id = id,
                          .state = include_tasks && chosen(task.state) ? "RESTARTING" : task.state,
                          .worker_id = task.worker_id,
                          .trace = task.trace});
  return plan;
}

Reply<void> WorkerHerder::restart_task(const std::string& name, int task) {
  return ask_now<void>("restarting task " + name + "-" + std::to_string(task),
                       [=, this] { return begin_task_restart(name, task); });
}

Reply<void> WorkerHerder::begin_task_restart(const std::string& name, int task) {
  const auto stored = state_->connector(name);
  if (!stored) return refuse(404, "Unknown connector: " + name);
  if (!stored->task_configs.contains(task))
    return refuse(404, "Unknown task: " + name + "-" + std::to_string(task));
  if (task >= static_cast<int>(stored->tasks().size()))   // known from before a stop, but nobody runs it
    return refuse(409, "Cannot complete request momentarily due to no known leader URL, likely because a "
                       "rebalance was underway.");
  runs_->restart_task(name);
  return {};
}

Reply<void> WorkerHerder::reset_topics(const std::string& name) {
  if (!worker_.settings.boolean("topic.tracking.enable", true))
    return refuse(403, "Topic tracking is disabled.");
  if (!worker_.settings.boolean("topic.tracking.allow.reset", true))
    return refuse(403, "Topic tracking reset is disabled.");
  return ask_now<void>("resetting the topics of connector " + name, [=, this]() -> Reply<void> {
    status_->remove_topics(name);
    return {};
  });
}

}  // namespace millrace
