// Herder is the worker as its REST API sees it: connectors, their configs, tasks, states and offsets.
// Two kinds: distributed (Connect's three internal topics) and standalone (files, offsets in a file).
// Behaviour, texts and codes: docs/rest.md; source: Kafka Connect 4.0's Herder and its REST resources.
// Threads: any; calls block until the worker has done or refused the request (at most 90 s).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connect/worker_config.h"
#include "connect/worker_metrics.h"
#include "core/config.h"
#include "core/error.h"
#include "core/wake.h"

namespace millrace {

// What Connect answers instead: {"error_code":code,"message":message}.
struct RestError {
  int code = 500;
  std::string message;
};
template <typename T>
using Reply = std::expected<T, RestError>;
inline std::unexpected<RestError> refuse(int code, std::string message) {
  return std::unexpected{RestError{code, std::move(message)}};
}

// A connector's config as REST shows it: raw values ("${...}" unresolved), null values kept, request's key order.
using RawConfig = std::vector<std::pair<std::string, std::optional<std::string>>>;

enum class TargetState : std::uint8_t { started, paused, stopped };

struct TaskStatus {
  int id = 0;
  std::string state;       // RUNNING, PAUSED, FAILED, UNASSIGNED, RESTARTING
  std::string worker_id;
  std::string trace;       // empty: none
};
struct ConnectorStatus {
  std::string name;
  std::string state;       // and STOPPED
  std::string worker_id;
  std::string trace;
  std::vector<TaskStatus> tasks;   // sorted by id
  std::string type = "source";     // unknown: the config is gone, the status is not yet
};
struct ConnectorInfo {
  std::string name;
  RawConfig config;
  std::vector<int> tasks;
  std::string type = "source";
};
struct TaskInfo {
  int id = 0;
  RawConfig config;
};
struct CreatedConnector {
  bool created = false;    // 201, else 200
  ConnectorInfo info;
};
// JSON texts of partition and offset maps; offset none: null.
using ConnectorOffsets = std::vector<std::pair<std::string, std::optional<std::string>>>;

// One entry of a validation result: definition null for values that have errors but no definition.
struct ConfigVerdict {
  std::optional<ConfigKey> definition;
  std::string name;
  std::optional<std::string> value;
  std::vector<std::string> errors;
};
struct ValidationResult {
  std::string name;                    // connector.class as given
  int error_count = 0;
  std::vector<std::string> groups;
  std::vector<ConfigVerdict> verdicts;
};

struct Health {
  int code = 200;                      // 200, 503, 500
  std::string status, message;
};

class Herder {
 public:
  virtual ~Herder() = default;

  virtual Health health() = 0;                         // never blocks
  virtual std::string cluster_id() = 0;
  virtual WorkerMetrics metrics() = 0;                 // never blocks; no connectors while the worker starts
  virtual Reply<std::vector<std::string>> connectors() = 0;
  virtual Reply<ConnectorInfo> connector(const std::string& name) = 0;                 // 404 Connector c not found
  virtual Reply<ConnectorStatus> status(const std::string& name) = 0;                  // 404 No status found for connector c
  virtual Reply<TaskStatus> task_status(const std::string& name, int task) = 0;
  virtual Reply<std::vector<TaskInfo>> tasks(const std::string& name) = 0;
  virtual Reply<std::vector<std::string>> topics(const std::string& name) = 0;         // 403 when tracking is off
  virtual Reply<void> reset_topics(const std::string& name) = 0;
  // allow_replace false: POST /connectors (409 when it exists); true: PUT .../config.
  virtual Reply<CreatedConnector> put_connector(const std::string& name, RawConfig config, bool allow_replace,
                                                std::optional<TargetState> initial_state) = 0;
  virtual Reply<CreatedConnector> patch_connector(const std::string& name, const RawConfig& patch) = 0;  // null removes
  virtual Reply<void> delete_connector(const std::string& name) = 0;
  virtual Reply<void> set_target_state(const std::string& name, TargetState state) = 0;
  // none: neither flag was set (204); else the planned status (202).
  virtual Reply<std::optional<ConnectorStatus>> restart(const std::string& name, bool include_tasks, bool only_failed) = 0;
  virtual Reply<void> restart_task(const std::string& name, int task) = 0;
  virtual Reply<ConnectorOffsets> offsets(const std::string& name) = 0;
  // none: reset all. Gives the message of the answer.
  virtual Reply<std::string> alter_offsets(const std::string& name, const std::optional<ConnectorOffsets>& offsets) = 0;
  virtual Reply<ValidationResult> validate(const std::string& plugin, const RawConfig& config) = 0;

  // Begins work; returns at once. Failures that end the worker come through the callback (text, exit code).
  virtual void start(std::function<void(const Error&)> on_fatal) = 0;
  // Orderly: tasks end and store their offsets, statuses become UNASSIGNED; within 5 s.
  virtual void stop() = 0;
};


Result<std::unique_ptr<Herder>> make_distributed_herder(WorkerConfig worker);
// Connector configs given on the command line, raw, in order.
Result<std::unique_ptr<Herder>> make_standalone_herder(WorkerConfig worker, std::vector<RawConfig> connectors);

}  // namespace millrace
