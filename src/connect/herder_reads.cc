// What REST reads: answered from WorkerState, on the asking thread.
#include "connect/raw_config.h"
#include "connect/worker_herder.h"

namespace millrace {

namespace {

TaskStatus shown(int id, const StoredStatus& stored) {
  return {.id = id, .state = stored.state, .worker_id = stored.worker_id, .trace = stored.trace};
}

}  // namespace

#define MR_READY()                                             \
  if (auto mr_ready = ready(); !mr_ready) return std::unexpected{std::move(mr_ready).error()}

WorkerMetrics WorkerHerder::metrics() {
  WorkerMetrics out{.worker_id = state_->worker_id(),
                    .client_id = worker_.settings.get("client.id", "connect-" + state_->worker_id())};
  if (!ready_.load()) return out;
  for (const std::string& name : state_->connectors()) {
    const auto stored = state_->connector(name);
    if (!stored) continue;
    const Config config = to_config(stored->config);
    const SourceRegistration* source = parts_.find_source(config.get("connector.class"));
    const auto status = state_->connector_status(name);
    ConnectorMetrics connector{.name = name,
                               .state = status ? status->state : "UNASSIGNED",
                               .connector_class = source == nullptr ? config.get("connector.class")
                                                                    : std::string{source->connector_class},
                               .version = source == nullptr ? "" : std::string{source->version},
                               .source = source == nullptr ? "" : std::string{source->metrics_name},
                               .topic_prefix = config.get("topic.prefix")};
    for (const auto& [id, task] : state_->task_statuses(name))
      connector.tasks.push_back({.id = id, .state = task.state, .figures = id == 0 ? figures_->find(name) : nullptr});
    out.connectors.push_back(std::move(connector));
  }
  return out;
}

Reply<std::vector<std::string>> WorkerHerder::connectors() {
  MR_READY();
  return state_->connectors();
}

Reply<ConnectorInfo> WorkerHerder::connector(const std::string& name) {
  MR_READY();
  auto stored = state_->connector(name);
  if (!stored) return refuse(404, "Connector " + name + " not found");
  return ConnectorInfo{.name = name, .config = in_hash_map_order(stored->config), .tasks = stored->tasks()};
}

Reply<ConnectorStatus> WorkerHerder::status(const std::string& name) {
  MR_READY();
  const auto stored = state_->connector_status(name);
  if (!stored) return refuse(404, "No status found for connector " + name);
  ConnectorStatus status{.name = name,
                         .state = stored->state,
                         .worker_id = stored->worker_id,
                         .trace = stored->trace,
                         .type = state_->has_connector(name) ? "source" : "unknown"};
  for (const auto& [id, task] : state_->task_statuses(name)) status.tasks.push_back(shown(id, task));
  return status;
}

Reply<TaskStatus> WorkerHerder::task_status(const std::string& name, int task) {
  MR_READY();
  const auto all = state_->task_statuses(name);
  const auto at = all.find(task);
  if (at == all.end()) return refuse(404, "No status found for task " + name + "-" + std::to_string(task));
  return shown(task, at->second);
}

Reply<std::vector<TaskInfo>> WorkerHerder::tasks(const std::string& name) {
  MR_READY();
  const auto stored = state_->connector(name);
  if (!stored) return refuse(404, "Connector " + name + " not found");
  std::vector<TaskInfo> infos;
  for (const int id : stored->tasks()) {
    const auto config = stored->task_configs.find(id);
    if (config == stored->task_configs.end()) continue;
    infos.push_back({.id = id, .config = in_hash_map_order(config->second)});
  }
  return infos;
}

Reply<std::vector<std::string>> WorkerHerder::topics(const std::string& name) {
  MR_READY();
  if (!worker_.settings.boolean("topic.tracking.enable", true))
    return std::unexpected{RestError{403, "Topic tracking is disabled."}};
  return state_->topics(name);
}

#undef MR_READY

}  // namespace millrace
