#include "connect/config_table.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "connect/raw_config.h"
#include "core/java_hash.h"
#include "core/log.h"

namespace millrace {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view k_target_state = "target-state-", k_connector = "connector-", k_task = "task-",
                           k_commit = "commit-", k_restart = "restart-connector-",
                           k_fencing = "tasks-fencing-", k_session_key = "session-key",
                           k_logger_cluster = "logger-cluster-";

void skip_config_record(std::string_view key, std::string_view reason) {
  logger("org.apache.kafka.connect.storage.KafkaConfigBackingStore")
      ->error("Skipped the record '{}' of the config topic: {}", key, reason);
}

// The object under a key; none when the text is something else.
std::optional<Json> parse_object(std::optional<std::string_view> value) {
  if (!value) return std::nullopt;
  Json parsed = Json::parse(*value, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

std::optional<RawConfig> properties_of(std::optional<std::string_view> value) {
  const auto object = parse_object(value);
  if (!object) return std::nullopt;
  const auto properties = object->find("properties");
  if (properties == object->end() || !properties->is_object()) return std::nullopt;
  RawConfig config;
  for (const auto& [name, setting] : properties->items()) {
    if (setting.is_null()) config.emplace_back(name, std::nullopt);
    else if (setting.is_string()) config.emplace_back(name, setting.get<std::string>());
    else config.emplace_back(name, setting.dump());
  }
  return config;
}

std::optional<TargetState> parse_target_state(std::optional<std::string_view> value) {
  const auto object = parse_object(value);
  if (!object) return std::nullopt;
  for (const char* field : {"state.v2", "state"}) {
    const auto state = object->find(field);
    if (state == object->end() || !state->is_string()) continue;
    const auto text = state->get<std::string>();
    if (text == "STARTED") return TargetState::started;
    if (text == "PAUSED") return TargetState::paused;
    if (text == "STOPPED") return TargetState::stopped;
    return std::nullopt;
  }
  return std::nullopt;
}

bool flag(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

}  // namespace

std::vector<int> StoredConnector::tasks() const {
  std::vector<int> ids;
  if (consistent)
    for (int id = 0; id < task_count; ++id) ids.push_back(id);
  return ids;
}

ConfigChange ConfigTable::apply(std::string_view key, std::optional<std::string_view> value) {
  const auto rest = [&](std::string_view prefix) { return std::string{key.substr(prefix.size())}; };
  // Connect tests the prefixes in this order.
  if (key.starts_with(k_target_state)) return apply_target_state(rest(k_target_state), value);
  if (key.starts_with(k_connector)) return apply_connector(rest(k_connector), value);
  if (key.starts_with(k_task)) return apply_task(key, value);
  if (key.starts_with(k_commit)) return apply_commit(rest(k_commit), value);
  if (key.starts_with(k_restart)) return apply_restart(rest(k_restart), value);
  // These serve a cluster of Java workers; they stay where they are.
  if (key.starts_with(k_fencing) || key == k_session_key || key.starts_with(k_logger_cluster)) return {};
  skip_config_record(key, "the key is of no known kind");
  return {};
}

ConfigChange ConfigTable::apply_target_state(const std::string& connector,
                                             std::optional<std::string_view> value) {
  const auto known = connectors_.find(connector);
  if (!value) {
    targets_.erase(connector);
    if (known != connectors_.end()) known->second.target = TargetState::started;
    return {};
  }
  const auto state = parse_target_state(value);
  if (!state) {
    skip_config_record("target-state-" + connector, "it names no state");
    return {};
  }
  targets_[connector] = *state;
  if (known == connectors_.end() || known->second.target == *state) return {};
  known->second.target = *state;
  return {.kind = ConfigChange::Kind::connector, .connector = connector};
}

ConfigChange ConfigTable::apply_connector(const std::string& connector,
                                          std::optional<std::string_view> value) {
  if (!value) {
    remove(connector);
    return {.kind = ConfigChange::Kind::connector, .connector = connector};
  }
  auto config = properties_of(value);
  if (!config) {
    skip_config_record("connector-" + connector, "it has no map \"properties\"");
    return {};
  }
  const auto [at, fresh] = connectors_.try_emplace(connector);
  if (fresh) {
    insertion_order_.push_back(connector);
    const auto target = targets_.find(connector);
    if (target != targets_.end()) at->second.target = target->second;
  }
  at->second.config = std::move(*config);
  at->second.config_revision = ++revision_;
  return {.kind = ConfigChange::Kind::connector, .connector = connector};
}

ConfigChange ConfigTable::apply_task(std::string_view key, std::optional<std::string_view> value) {
  const auto name = key.substr(k_task.size());
  const auto dash = name.rfind('-');
  int id = 0;
  if (dash == std::string_view::npos ||
      std::from_chars(name.data() + dash + 1, name.data() + name.size(), id).ptr !=
          name.data() + name.size() || dash + 1 == name.size() || id < 0) {
    skip_config_record(key, "the key does not end in a task number");
    return {};
  }
  auto config = properties_of(value);
  if (!config) {
    skip_config_record(key, "it has no map \"properties\"");
    return {};
  }
  deferred_tasks_[std::string{name.substr(0, dash)}][id] = std::move(*config);
  return {};
}

ConfigChange ConfigTable::apply_commit(const std::string& connector,
                                       std::optional<std::string_view> value) {
  const auto object = parse_object(value);
  const auto tasks = object ? object->find("tasks") : Json::const_iterator{};
  if (!object || tasks == object->end() || !tasks->is_number_integer()) {
    skip_config_record("commit-" + connector, "it has no number \"tasks\"");
    return {};
  }
  const auto known = connectors_.find(connector);
  if (known == connectors_.end()) {   // left behind by a deleted connector
    deferred_tasks_.erase(connector);
    return {};
  }
  StoredConnector& stored = known->second;
  const int count = tasks->get<int>();
  const std::map<int, RawConfig> deferred = std::exchange(deferred_tasks_[connector], {});
  bool complete = true;
  for (int id = 0; id < count; ++id) complete = complete && deferred.contains(id);
  if (complete) {
    for (const auto& [id, config] : deferred) stored.task_configs.insert_or_assign(id, config);
    stored.applied = stored.config;
  }
  stored.consistent = complete;
  stored.task_count = count;
  stored.tasks_revision = ++revision_;
  return {.kind = ConfigChange::Kind::connector, .connector = connector};
}

ConfigChange ConfigTable::apply_restart(const std::string& connector,
                                        std::optional<std::string_view> value) {
  const auto object = parse_object(value);
  if (!object) {
    if (value) skip_config_record("restart-connector-" + connector, "it is no map");
    return {};
  }
  return {.kind = ConfigChange::Kind::restart,
          .connector = connector,
          .include_tasks = flag(*object, "include-tasks"),
          .only_failed = flag(*object, "only-failed")};
}

void ConfigTable::remove(const std::string& connector) {
  connectors_.erase(connector);
  deferred_tasks_.erase(connector);
  std::erase(insertion_order_, connector);
}

const StoredConnector* ConfigTable::find(const std::string& connector) const {
  const auto at = connectors_.find(connector);
  return at == connectors_.end() ? nullptr : &at->second;
}

std::vector<std::string> ConfigTable::connectors() const {
  std::vector<std::string> names;
  for (const std::size_t index : java_hash_map_order(insertion_order_))
    names.push_back(insertion_order_[index]);
  return names;
}

std::string_view name_of(TargetState state) {
  switch (state) {
    case TargetState::started: return "STARTED";
    case TargetState::paused: return "PAUSED";
    case TargetState::stopped: return "STOPPED";
  }
  return "STARTED";
}

static std::string properties_text(const RawConfig& config) {
  std::string text = R"({"properties":)";
  append_json_object(text, config);
  text += '}';
  return text;
}

LogEntry connector_entry(const std::string& connector, const RawConfig& config) {
  return {"connector-" + connector, properties_text(config)};
}

LogEntry target_state_entry(const std::string& connector, TargetState state) {
  // "state" is for workers older than 3.5, which do not know STOPPED.
  const auto old = state == TargetState::stopped ? TargetState::paused : state;
  std::string text = R"({"state":")";
  text += name_of(old);
  text += R"(","state.v2":")";
  text += name_of(state);
  text += "\"}";
  return {"target-state-" + connector, std::move(text)};
}

LogEntry task_entry(const std::string& connector, int task, const RawConfig& config) {
  return {"task-" + connector + "-" + std::to_string(task), properties_text(config)};
}

LogEntry commit_entry(const std::string& connector, int tasks) {
  return {"commit-" + connector, R"({"tasks":)" + std::to_string(tasks) + "}"};
}

LogEntry restart_entry(const std::string& connector, bool include_tasks, bool only_failed) {
  std::string text = R"({"include-tasks":)";
  text += include_tasks ? "true" : "false";
  text += R"(,"only-failed":)";
  text += only_failed ? "true}" : "false}";
  return {"restart-connector-" + connector, std::move(text)};
}

std::vector<LogEntry> removal_entries(const std::string& connector) {
  return {{"connector-" + connector, std::nullopt}, {"target-state-" + connector, std::nullopt}};
}

RawConfig task_config(const RawConfig& connector_config, std::string_view task_class) {
  RawConfig config = in_copied_hash_map_order(in_hash_map_order(connector_config));
  put_setting(config, "task.class", std::string{task_class});
  return in_copied_hash_map_order(config);
}

bool tasks_differ(const StoredConnector& stored, const RawConfig& task) {
  if (!stored.consistent || stored.task_count != 1) return true;
  const auto present = stored.task_configs.find(0);
  if (present == stored.task_configs.end() || !same_settings(present->second, task)) return true;
  return !stored.applied || !same_settings(*stored.applied, stored.config);
}

}  // namespace millrace
