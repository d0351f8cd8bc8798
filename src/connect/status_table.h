// StatusTable is what Connect's status topic says: states of connectors and tasks, and the topics that
// connectors have written to. It also makes the records, in Connect's own bytes.
// Threads: one at a time; the owner locks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connect/config_table.h"

namespace millrace {

struct StoredStatus {
  std::string state;
  std::string trace;        // empty: none
  std::string worker_id;
  int generation = 0;

  bool operator==(const StoredStatus&) const = default;
};

class StatusTable {
 public:
  void apply(std::string_view key, std::optional<std::string_view> value);

  const StoredStatus* connector(const std::string& name) const;
  const StoredStatus* task(const std::string& connector, int id) const;
  // By id; empty when there are none.
  const std::map<int, StoredStatus>& tasks(const std::string& connector) const;
  std::vector<std::string> topics(const std::string& connector) const;
  bool has_topic(const std::string& connector, const std::string& topic) const;

  void set_connector(const std::string& name, StoredStatus status);
  void set_task(const std::string& connector, int id, StoredStatus status);
  void remove_connector(const std::string& name);
  void remove_task(const std::string& connector, int id);
  void add_topic(const std::string& connector, const std::string& topic);
  void remove_topic(const std::string& connector, const std::string& topic);

  // Of all records ever seen: a worker's own must be higher, or Java workers would not believe it.
  int generation_max() const { return generation_max_; }

 private:
  void apply_topic(std::string_view key, std::optional<std::string_view> value);

  std::map<std::string, StoredStatus> connectors_;
  std::map<std::string, std::map<int, StoredStatus>> tasks_;
  std::map<std::string, std::set<std::string>> topics_;
  int generation_max_ = 0;
};

std::string connector_status_key(const std::string& connector);
std::string task_status_key(const std::string& connector, int task);
std::string topic_status_key(const std::string& connector, const std::string& topic);
std::string status_text(const StoredStatus& status);
std::string topic_status_text(const std::string& connector, const std::string& topic, int task,
                              std::int64_t discovered_ms);
// Connector and number of a task's status key; none: another kind of key.
std::optional<std::pair<std::string, int>> split_task_status_key(std::string_view key);
// None: not a status.
std::optional<StoredStatus> parse_status(std::string_view text);

}  // namespace millrace
