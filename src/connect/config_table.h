// ConfigTable is what Connect's config topic says: the records in their order, turned into the connectors' configs,
// target states and task configs. It also makes the records, in Connect's own bytes.
// Threads: one at a time; the owner locks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/herder.h"

namespace millrace {

struct StoredConnector {
  RawConfig config;                    // in the topic's order
  TargetState target = TargetState::started;
  int task_count = 0;
  // False: compaction has eaten task records that a commit record counts on; the tasks must be made anew.
  bool consistent = true;
  std::map<int, RawConfig> task_configs;
  std::optional<RawConfig> applied;    // the config that the task configs were made from
  std::uint64_t config_revision = 0;   // grows with each connector record
  std::uint64_t tasks_revision = 0;    // grows when task configs take effect

  std::vector<int> tasks() const;
};

// A change that the worker has to act on.
struct ConfigChange {
  enum class Kind : std::uint8_t { none, connector, restart };
  Kind kind = Kind::none;
  std::string connector;
  bool include_tasks = false, only_failed = false;   // of a restart
};

struct LogEntry {
  std::string key;
  std::optional<std::string> value;

  bool operator==(const LogEntry&) const = default;
};

class ConfigTable {
 public:
  ConfigChange apply(std::string_view key, std::optional<std::string_view> value);

  const StoredConnector* find(const std::string& connector) const;
  std::vector<std::string> connectors() const;   // in the order of a Java HashMap

 private:
  ConfigChange apply_target_state(const std::string& connector, std::optional<std::string_view> value);
  ConfigChange apply_connector(const std::string& connector, std::optional<std::string_view> value);
  ConfigChange apply_task(std::string_view key, std::optional<std::string_view> value);
  ConfigChange apply_commit(const std::string& connector, std::optional<std::string_view> value);
  ConfigChange apply_restart(const std::string& connector, std::optional<std::string_view> value);
  void remove(const std::string& connector);

  std::map<std::string, StoredConnector, std::less<>> connectors_;
  // Both may come before the connector's own record.
  std::map<std::string, TargetState, std::less<>> targets_;
  std::map<std::string, std::map<int, RawConfig>, std::less<>> deferred_tasks_;
  std::vector<std::string> insertion_order_;
  std::uint64_t revision_ = 0;
};

std::string_view name_of(TargetState state);

LogEntry connector_entry(const std::string& connector, const RawConfig& config);
LogEntry target_state_entry(const std::string& connector, TargetState state);
LogEntry task_entry(const std::string& connector, int task, const RawConfig& config);
LogEntry commit_entry(const std::string& connector, int tasks);
LogEntry restart_entry(const std::string& connector, bool include_tasks, bool only_failed);
std::vector<LogEntry> removal_entries(const std::string& connector);

// What Debezium's taskConfigs() and Connect make of a connector's config: the same settings and task.class,
// references unresolved, in the order of the worker's HashMap.
RawConfig task_config(const RawConfig& connector_config, std::string_view task_class);
// Would Connect write these task configs (one task) and thereby restart the tasks?
bool tasks_differ(const StoredConnector& stored, const RawConfig& task);

}  // namespace millrace
