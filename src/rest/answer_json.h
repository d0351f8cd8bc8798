// The JSON bodies of the REST API: compact, with the fields, their order and the escapes of Kafka Connect 4.0.
// Maps come in the order of the Java HashMap that Connect keeps them in, save where it keeps the request's.
// Threads: plain functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connect/herder.h"

namespace millrace {

enum class MapOrder : bool { java_hash, as_given };

std::string error_json(int code, std::string_view message);
std::string message_json(std::string_view message);
std::string names_json(const std::vector<std::string>& names);
// The names sorted as the iteration of a HashMap or HashSet that they were put into.
std::vector<std::string> in_java_order(const std::vector<std::string>& names);

std::string health_json(const Health& health);
std::string config_json(const RawConfig& config, MapOrder order);
std::string info_json(const ConnectorInfo& info, MapOrder order);
std::string status_json(const ConnectorStatus& status);
std::string task_status_json(const TaskStatus& task);
std::string tasks_json(std::string_view connector, const std::vector<TaskInfo>& tasks);
std::string topics_json(std::string_view connector, const std::vector<std::string>& topics);
std::string offsets_json(const ConnectorOffsets& offsets);
std::string definition_json(const ConfigKey& key);
std::string validation_json(const ValidationResult& result);

}  // namespace millrace
