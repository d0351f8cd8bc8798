// FakeHerder is a Herder in memory for the tests of the REST API: it keeps what it is given and answers with
// Kafka Connect's sentences. A task runs at once. Threads: any.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "connect/herder.h"
#include "connect/raw_config.h"

namespace millrace {

class FakeHerder final : public Herder {
 public:
  std::vector<std::string> calls;                 // what was asked, in order
  Health health_now{200, "healthy", "Worker has completed startup and is ready to handle requests."};
  std::string trace;                              // of every task
  ValidationResult verdict;
  WorkerMetrics metrics_now;
  std::optional<ConnectorOffsets> altered;

  // The next calls of delete_connector() wait until open_gate().
  void close_gate() { set_gate(false); }
  void open_gate() { set_gate(true); }
  void wait_until_held(int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return held_ >= count; });
  }

  Health health() override { return health_now; }
  WorkerMetrics metrics() override { return metrics_now; }
  std::string cluster_id() override { return "MkU3OEVBNTcwNTJENDM2Qg"; }
  Reply<std::vector<std::string>> connectors() override {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> names;
    for (const auto& [name, connector] : connectors_) names.push_back(name);
    return names;
  }
  Reply<ConnectorInfo> connector(const std::string& name) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Connector " + name + " not found");
    return info(name);
  }
  Reply<ConnectorStatus> status(const std::string& name) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("No status found for connector " + name);
    return status_of(name);
  }
  Reply<TaskStatus> task_status(const std::string& name, int task) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name) || task != 0)
      return not_found("No status found for task " + name + "-" + std::to_string(task));
    return TaskStatus{0, "RUNNING", "127.0.0.1:8083", trace};
  }
  Reply<std::vector<TaskInfo>> tasks(const std::string& name) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Connector " + name + " not found");
    return std::vector<TaskInfo>{{0, connectors_[name].config}};
  }
  Reply<std::vector<std::string>> topics(const std::string& name) override {
    const std::scoped_lock lock{mutex_};
    return connectors_.contains(name) ? std::vector<std::string>{"postgres.public.users"} : std::vector<std::string>{};
  }
  Reply<void> reset_topics(const std::string& name) override { return note("reset topics " + name); }
  Reply<CreatedConnector> put_connector(const std::string& name, RawConfig config, bool allow_replace,
                                        std::optional<TargetState> initial_state) override {
    const std::scoped_lock lock{mutex_};
    if (find_setting(config, "connector.class") == nullptr)
      return refuse(400, "Connector config {name=" + name + "} contains no connector type");
    const bool known = connectors_.contains(name);
    if (known && !allow_replace) return refuse(409, "Connector " + name + " already exists");
    Connector& connector = connectors_[name];
    connector.config = std::move(config);
    connector.state = initial_state.value_or(TargetState::started);
    CreatedConnector created{!known, info(name)};
    if (!known) created.info.tasks.clear();
    return created;
  }
  Reply<CreatedConnector> patch_connector(const std::string& name, const RawConfig& patch) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Connector " + name + " not found");
    RawConfig& config = connectors_[name].config;
    for (const auto& [setting, value] : patch) {
      if (value) put_setting(config, setting, value);
      else std::erase_if(config, [&](const auto& entry) { return entry.first == setting; });
    }
    return CreatedConnector{false, info(name)};
  }
  Reply<void> delete_connector(const std::string& name) override {
    std::unique_lock lock{mutex_};
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return gate_open_; });
    --held_;
    if (connectors_.erase(name) == 0) return not_found("Connector " + name + " not found");
    return {};
  }
  Reply<void> set_target_state(const std::string& name, TargetState state) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Unknown connector " + name);
    connectors_[name].state = state;
    return {};
  }
  Reply<std::optional<ConnectorStatus>> restart(const std::string& name, bool include_tasks,
                                                bool only_failed) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Unknown connector: " + name);
    calls.push_back("restart " + name + (include_tasks ? " tasks" : "") + (only_failed ? " failed" : ""));
    if (!include_tasks && !only_failed) return std::nullopt;
    ConnectorStatus planned = status_of(name);
    planned.state = "RESTARTING";
    for (TaskStatus& task : planned.tasks) task.state = "RESTARTING";
    return planned;
  }
  Reply<void> restart_task(const std::string& name, int task) override {
    if (task != 0) return not_found("Unknown task: " + name + "-" + std::to_string(task));
    return note("restart task " + name);
  }
  Reply<ConnectorOffsets> offsets(const std::string& name) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Connector " + name + " not found");
    return ConnectorOffsets{{R"({"server":"postgres"})", R"({"lsn":2710194880,"snapshot":true})"}};
  }
  Reply<std::string> alter_offsets(const std::string& name, const std::optional<ConnectorOffsets>& offsets) override {
    const std::scoped_lock lock{mutex_};
    if (!connectors_.contains(name)) return not_found("Connector " + name + " not found");
    altered = offsets;
    return std::string{offsets ? "altered" : "reset"};
  }
  Reply<ValidationResult> validate(const std::string&, const RawConfig& config) override {
    if (config.empty()) return refuse(400, "Connector config {} contains no connector type");
    return verdict;
  }
  void start(std::function<void(const Error&)>) override {}
  void stop() override {}

 private:
  struct Connector {
    RawConfig config;
    TargetState state = TargetState::started;
  };

  static std::unexpected<RestError> refuse(int code, std::string message) {
    return std::unexpected{RestError{code, std::move(message)}};
  }
  static std::unexpected<RestError> not_found(std::string message) { return refuse(404, std::move(message)); }

  void set_gate(bool open) {
    const std::scoped_lock lock{mutex_};
    gate_open_ = open;
    changed_.notify_all();
  }
  Reply<void> note(std::string call) {
    const std::scoped_lock lock{mutex_};
    calls.push_back(std::move(call));
    return {};
  }
  ConnectorInfo info(const std::string& name) { return {name, connectors_[name].config, {0}}; }
  ConnectorStatus status_of(const std::string& name) {
    const TargetState state = connectors_[name].state;
    const std::string word = state == TargetState::started  ? "RUNNING"
                             : state == TargetState::paused ? "PAUSED"
                                                            : "STOPPED";
    ConnectorStatus status{name, word, "127.0.0.1:8083", "", {}};
    if (state != TargetState::stopped) status.tasks.push_back({0, word, "127.0.0.1:8083", trace});
    return status;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool gate_open_ = true;
  int held_ = 0;
  std::map<std::string, Connector> connectors_;
};

}  // namespace millrace
