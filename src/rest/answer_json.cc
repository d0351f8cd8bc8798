#include "rest/answer_json.h"

#include <fmt/format.h>

#include <optional>

#include "core/java_hash.h"
#include "core/json_text.h"

namespace millrace {
namespace {

// Writes '[' or '{', commas and the end around the parts of an array or object.
class Enclosed {
 public:
  Enclosed(std::string& out, char open, char close) : out_{out}, next_{open}, open_{open}, close_{close} {}
  ~Enclosed() {
    if (next_ == open_) out_ += open_;
    out_ += close_;
  }
  Enclosed(const Enclosed&) = delete;
  Enclosed& operator=(const Enclosed&) = delete;

  std::string& part() {
    out_ += next_;
    next_ = ',';
    return out_;
  }
  std::string& field(std::string_view name) {
    append_json_string(part(), name);
    return out_ += ':';
  }

 private:
  std::string& out_;
  char next_;
  char open_;
  char close_;
};

void append_text_or_null(std::string& out, const std::optional<std::string>& text) {
  if (text) append_json_string(out, *text);
  else out += "null";
}

void append_names(std::string& out, const std::vector<std::string>& names) {
  Enclosed array{out, '[', ']'};
  for (const std::string& name : names) append_json_string(array.part(), name);
}

void append_config(std::string& out, const RawConfig& config, MapOrder order) {
  Enclosed object{out, '{', '}'};
  const auto put = [&](const auto& entry) { append_text_or_null(object.field(entry.first), entry.second); };
  if (order == MapOrder::as_given) {
    for (const auto& entry : config) put(entry);
    return;
  }
  std::vector<std::string> names;
  names.reserve(config.size());
  for (const auto& entry : config) names.push_back(entry.first);
  for (const std::size_t index : java_hash_map_order(names)) put(config[index]);
}

void append_task_id(std::string& out, std::string_view connector, int task) {
  out += R"({"connector":)";
  append_json_string(out, connector);
  out += fmt::format(R"(,"task":{}}})", task);
}

void append_state(Enclosed& object, const std::string& state, const std::string& worker_id,
                  const std::string& trace) {
  append_json_string(object.field("state"), state);
  append_json_string(object.field("worker_id"), worker_id);
  if (!trace.empty()) append_json_string(object.field("trace"), trace);
}

void append_task_status(std::string& out, const TaskStatus& task) {
  Enclosed object{out, '{', '}'};
  object.field("id") += std::to_string(task.id);
  append_state(object, task.state, task.worker_id, task.trace);
}

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::boolean: return "BOOLEAN";
    case ConfigType::string: return "STRING";
    case ConfigType::int16: return "SHORT";
    case ConfigType::int32: return "INT";
    case ConfigType::int64: return "LONG";
    case ConfigType::float64: return "DOUBLE";
    case ConfigType::list: return "LIST";
    case ConfigType::class_name: return "CLASS";
    case ConfigType::password: return "PASSWORD";
  }
  return "STRING";
}

std::string_view importance_name(Importance importance) {
  return importance == Importance::high ? "HIGH" : importance == Importance::medium ? "MEDIUM" : "LOW";
}

std::string_view width_name(Width width) {
  switch (width) {
    case Width::none: return "NONE";
    case Width::narrow: return "SHORT";
    case Width::medium: return "MEDIUM";
    case Width::wide: return "LONG";
  }
  return "NONE";
}

void append_definition(std::string& out, const ConfigKey& key) {
  Enclosed object{out, '{', '}'};
  append_json_string(object.field("name"), key.name);
  append_json_string(object.field("type"), type_name(key.type));
  object.field("required") += key.required ? "true" : "false";
  append_text_or_null(object.field("default_value"), key.default_text);
  append_json_string(object.field("importance"), importance_name(key.importance));
  append_json_string(object.field("documentation"), key.documentation);
  append_text_or_null(object.field("group"), key.group.empty() ? std::nullopt : std::optional{key.group});
  append_json_string(object.field("width"), width_name(key.width));
  append_text_or_null(object.field("display_name"), key.display_name.empty() ? std::nullopt : std::optional{key.display_name});
  append_names(object.field("dependents"), key.dependents);
  object.field("order") += std::to_string(key.order);
}

void append_verdict(std::string& out, const ConfigVerdict& verdict) {
  Enclosed object{out, '{', '}'};
  std::string& definition = object.field("definition");
  if (verdict.definition) append_definition(definition, *verdict.definition);
  else definition += "null";
  Enclosed value{object.field("value"), '{', '}'};
  append_json_string(value.field("name"), verdict.name);
  const bool secret = verdict.value && verdict.definition && verdict.definition->type == ConfigType::password;
  append_text_or_null(value.field("value"), secret ? std::optional<std::string>{"[hidden]"} : verdict.value);
  append_names(value.field("recommended_values"),
               verdict.definition ? verdict.definition->allowed : std::vector<std::string>{});
  append_names(value.field("errors"), verdict.errors);
  value.field("visible") += verdict.definition && !verdict.definition->visible ? "false" : "true";
}

}  // namespace

std::string error_json(int code, std::string_view message) {
  std::string out = fmt::format(R"({{"error_code":{},"message":)", code);
  append_json_string(out, message);
  return out += '}';
}

std::string message_json(std::string_view message) {
  std::string out = R"({"message":)";
  append_json_string(out, message);
  return out += '}';
}

std::string names_json(const std::vector<std::string>& names) {
  std::string out;
  append_names(out, names);
  return out;
}

std::vector<std::string> in_java_order(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const std::size_t index : java_hash_map_order(names)) out.push_back(names[index]);
  return out;
}

std::string health_json(const Health& health) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    append_json_string(object.field("status"), health.status);
    append_json_string(object.field("message"), health.message);
  }
  return out;
}

std::string config_json(const RawConfig& config, MapOrder order) {
  std::string out;
  append_config(out, config, order);
  return out;
}

std::string info_json(const ConnectorInfo& info, MapOrder order) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    append_json_string(object.field("name"), info.name);
    append_config(object.field("config"), info.config, order);
    {
      Enclosed tasks{object.field("tasks"), '[', ']'};
      for (const int task : info.tasks) append_task_id(tasks.part(), info.name, task);
    }
    append_json_string(object.field("type"), info.type);
  }
  return out;
}

std::string status_json(const ConnectorStatus& status) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    append_json_string(object.field("name"), status.name);
    {
      Enclosed connector{object.field("connector"), '{', '}'};
      append_state(connector, status.state, status.worker_id, status.trace);
    }
    {
      Enclosed tasks{object.field("tasks"), '[', ']'};
      for (const TaskStatus& task : status.tasks) append_task_status(tasks.part(), task);
    }
    append_json_string(object.field("type"), status.type);
  }
  return out;
}

std::string task_status_json(const TaskStatus& task) {
  std::string out;
  append_task_status(out, task);
  return out;
}

std::string tasks_json(std::string_view connector, const std::vector<TaskInfo>& tasks) {
  std::string out;
  {
    Enclosed array{out, '[', ']'};
    for (const TaskInfo& task : tasks) {
      Enclosed object{array.part(), '{', '}'};
      append_task_id(object.field("id"), connector, task.id);
      append_config(object.field("config"), task.config, MapOrder::java_hash);
    }
  }
  return out;
}

std::string topics_json(std::string_view connector, const std::vector<std::string>& topics) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    Enclosed inner{object.field(connector), '{', '}'};
    append_names(inner.field("topics"), in_java_order(topics));
  }
  return out;
}

std::string offsets_json(const ConnectorOffsets& offsets) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    Enclosed array{object.field("offsets"), '[', ']'};
    for (const auto& [partition, offset] : offsets) {
      Enclosed entry{array.part(), '{', '}'};
      entry.field("partition") += partition;
      entry.field("offset") += offset.value_or("null");
    }
  }
  return out;
}

std::string definition_json(const ConfigKey& key) {
  std::string out;
  append_definition(out, key);
  return out;
}

std::string validation_json(const ValidationResult& result) {
  std::string out;
  {
    Enclosed object{out, '{', '}'};
    append_json_string(object.field("name"), result.name);
    object.field("error_count") += std::to_string(result.error_count);
    append_names(object.field("groups"), result.groups);
    Enclosed configs{object.field("configs"), '[', ']'};
    for (const ConfigVerdict& verdict : result.verdicts) append_verdict(configs.part(), verdict);
  }
  return out;
}

}  // namespace millrace
