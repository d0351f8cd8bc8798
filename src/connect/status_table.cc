#include "connect/status_table.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/log.h"

namespace millrace {

namespace {

constexpr std::string_view k_connector_status = "status-connector-", k_task_status = "status-task-",
                           k_topic = "status-topic-", k_topic_separator = ":connector-";

void skip_status_record(std::string_view key, std::string_view reason) {
  logger("org.apache.kafka.connect.storage.KafkaStatusBackingStore")
      ->warn("Skipped the record '{}' of the status topic: {}", key, reason);
}

}  // namespace

void StatusTable::apply(std::string_view key, std::optional<std::string_view> value) {
  if (key.starts_with(k_topic)) return apply_topic(key, value);
  const bool of_connector = key.starts_with(k_connector_status);
  if (!of_connector && !key.starts_with(k_task_status)) return skip_status_record(key, "the key is of no known kind");
  std::optional<StoredStatus> status;
  if (value) {
    status = parse_status(*value);
    if (!status) return skip_status_record(key, "the value is no status");
  }
  if (of_connector) {
    const std::string name{key.substr(k_connector_status.size())};
    if (status) set_connector(name, std::move(*status));
    else remove_connector(name);
    return;
  }
  const auto task = split_task_status_key(key);
  if (!task) return skip_status_record(key, "the key does not end in a task number");
  if (status) set_task(task->first, task->second, std::move(*status));
  else remove_task(task->first, task->second);
}

void StatusTable::apply_topic(std::string_view key, std::optional<std::string_view> value) {
  const auto name = key.substr(k_topic.size());
  const auto separator = name.find(k_topic_separator);   // a topic's name has no ':'
  if (separator == std::string_view::npos) return skip_status_record(key, "the key names no connector");
  const std::string topic{name.substr(0, separator)};
  const std::string connector{name.substr(separator + k_topic_separator.size())};
  if (value) add_topic(connector, topic);
  else remove_topic(connector, topic);
}

const StoredStatus* StatusTable::connector(const std::string& name) const {
  const auto at = connectors_.find(name);
  return at == connectors_.end() ? nullptr : &at->second;
}

const StoredStatus* StatusTable::task(const std::string& connector, int id) const {
  const auto& all = tasks(connector);
  const auto at = all.find(id);
  return at == all.end() ? nullptr : &at->second;
}

const std::map<int, StoredStatus>& StatusTable::tasks(const std::string& connector) const {
  static const std::map<int, StoredStatus> none;
  const auto at = tasks_.find(connector);
  return at == tasks_.end() ? none : at->second;
}

std::vector<std::string> StatusTable::topics(const std::string& connector) const {
  const auto at = topics_.find(connector);
  if (at == topics_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

bool StatusTable::has_topic(const std::string& connector, const std::string& topic) const {
  const auto at = topics_.find(connector);
  return at != topics_.end() && at->second.contains(topic);
}

void StatusTable::set_connector(const std::string& name, StoredStatus status) {
  generation_max_ = std::max(generation_max_, status.generation);
  connectors_.insert_or_assign(name, std::move(status));
}

void StatusTable::set_task(const std::string& connector, int id, StoredStatus status) {
  generation_max_ = std::max(generation_max_, status.generation);
  tasks_[connector].insert_or_assign(id, std::move(status));
}

void StatusTable::remove_connector(const std::string& name) { connectors_.erase(name); }

void StatusTable::remove_task(const std::string& connector, int id) {
  const auto at = tasks_.find(connector);
  if (at == tasks_.end()) return;
  at->second.erase(id);
  if (at->second.empty()) tasks_.erase(at);
}

void StatusTable::add_topic(const std::string& connector, const std::string& topic) {
  topics_[connector].insert(topic);
}

void StatusTable::remove_topic(const std::string& connector, const std::string& topic) {
  const auto at = topics_.find(connector);
  if (at == topics_.end()) return;
  at->second.erase(topic);
  if (at->second.empty()) topics_.erase(at);
}

std::string connector_status_key(const std::string& connector) {
  return std::string{k_connector_status} + connector;
}

std::string task_status_key(const std::string& connector, int task) {
  return std::string{k_task_status} + connector + "-" + std::to_string(task);
}

// The number is what follows the last dash: connectors' names may have dashes too.
std::optional<std::pair<std::string, int>> split_task_status_key(std::string_view key) {
  if (!key.starts_with(k_task_status)) return std::nullopt;
  const auto name = key.substr(k_task_status.size());
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == name.size()) return std::nullopt;
  int id = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + dash + 1, end, id);
  if (parsed.ec != std::errc{} || parsed.ptr != end || id < 0) return std::nullopt;
  return std::pair{std::string{name.substr(0, dash)}, id};
}

std::string topic_status_key(const std::string& connector, const std::string& topic) {
  return std::string{k_topic} + topic + std::string{k_topic_separator} + connector;
}

std::string status_text(const StoredStatus& status) {
  std::string text = R"({"state":)";
  append_json_string(text, status.state);
  text += R"(,"trace":)";
  if (status.trace.empty()) text += "null";
  else append_json_string(text, status.trace);
  text += R"(,"worker_id":)";
  append_json_string(text, status.worker_id);
  text += R"(,"generation":)";
  text += std::to_string(status.generation);
  text += '}';
  return text;
}

std::string topic_status_text(const std::string& connector, const std::string& topic, int task,
                              std::int64_t discovered_ms) {
  std::string text = R"({"topic":{"name":)";
  append_json_string(text, topic);
  text += R"(,"connector":)";
  append_json_string(text, connector);
  text += R"(,"task":)" + std::to_string(task);
  text += R"(,"discoverTimestamp":)" + std::to_string(discovered_ms) + "}}";
  return text;
}

std::optional<StoredStatus> parse_status(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto member = [&](const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
  };
  StoredStatus status{.state = member("state"), .trace = member("trace"), .worker_id = member("worker_id")};
  const auto generation = object.find("generation");
  if (generation != object.end() && generation->is_number_integer())
    status.generation = generation->get<int>();
  if (status.state.empty()) return std::nullopt;
  return status;
}

}  // namespace millrace
