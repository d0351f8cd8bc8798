// The settings that Kafka Connect 4.0 gives every source connector, in the order and with the attributes in which
// its REST validation gives them.
#include "connect/connector_validation.h"
#include "core/config_values.h"
#include "core/java_hash.h"

namespace millrace {
namespace {

std::string check_name(const std::string& name, const std::string* value) {
  if (value == nullptr) return {};
  if (value->empty()) return invalid_value("", name, "String may not be empty");
  std::vector<std::string> controls;
  for (std::string_view rest = *value; !rest.empty();) {
    const char32_t c = next_code_point(rest).value;
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) controls.push_back(std::to_string(static_cast<unsigned>(c)));
  }
  if (controls.empty()) return {};
  return invalid_value(*value, name, "String may not contain control sequences but had the following ASCII chars: " +
                                         joined(controls, ", "));
}

std::vector<ConfigKey> keys() {
  return {
        {.name = "name", .type = ConfigType::string, .required = true, .importance = Importance::high,
       .documentation = "Name of the connector, unique in the cluster.",
       .group = "Common", .order = 1, .width = Width::medium, .display_name = "Connector name",
       .validator = check_name},
        {.name = "connector.class", .type = ConfigType::string, .required = true, .importance = Importance::high,
       .documentation = "Class of the connector: its full name, its last part, or that without the word "
                        "Connector.",
       .group = "Common", .order = 2, .width = Width::wide, .display_name = "Connector class"},
        {.name = "tasks.max", .type = ConfigType::int32, .default_text = "1", .importance = Importance::high,
       .documentation = "Most tasks that the connector may have.",
       .group = "Common", .order = 3, .width = Width::narrow, .display_name = "Tasks max",
       .validator = at_least(1)},
        {.name = "tasks.max.enforce", .type = ConfigType::boolean, .default_text = "true",
       .importance = Importance::low,
       .documentation = "Refuse more tasks than tasks.max. Deprecated in Kafka Connect.",
       .group = "Common", .order = 4, .width = Width::narrow, .display_name = "Enforce tasks max"},
        {.name = "key.converter", .type = ConfigType::class_name, .importance = Importance::low,
       .documentation = "Class that turns record keys into bytes. Default: the worker's.",
       .group = "Common", .order = 5, .width = Width::narrow, .display_name = "Key converter class"},
        {.name = "value.converter", .type = ConfigType::class_name, .importance = Importance::low,
       .documentation = "Class that turns record values into bytes. Default: the worker's.",
       .group = "Common", .order = 6, .width = Width::narrow, .display_name = "Value converter class"},
        {.name = "header.converter", .type = ConfigType::class_name, .importance = Importance::low,
       .documentation = "Class that turns header values into bytes. Default: the worker's.",
       .group = "Common", .order = 7, .width = Width::narrow, .display_name = "Header converter class"},
        {.name = "transforms", .type = ConfigType::list, .default_text = "", .importance = Importance::low,
       .documentation = "Names of the transformations that every record goes through, in this order.",
       .group = "Transforms", .order = 8, .width = Width::wide, .display_name = "Transforms",
       .validator = unique_list()},
        {.name = "predicates", .type = ConfigType::list, .default_text = "", .importance = Importance::low,
       .documentation = "Names of the predicates that transformations refer to.",
       .group = "Predicates", .order = 9, .width = Width::wide, .display_name = "Predicates",
       .validator = unique_list()},
        {.name = "config.action.reload", .type = ConfigType::string, .default_text = "restart",
       .importance = Importance::low,
       .documentation = "What a changed value of a config provider does: 'restart' the connector, or 'none'.",
       .group = "Common", .order = 10, .width = Width::medium, .display_name = "Reload Action",
       .validator = one_of({"none", "restart"})},
        {.name = "errors.retry.timeout", .type = ConfigType::int64, .default_text = "0",
       .importance = Importance::medium,
       .documentation = "How long, in milliseconds, a failed operation is tried again. 0: not at all, -1: for "
                        "ever.",
       .group = "Error Handling", .order = 1, .width = Width::medium,
       .display_name = "Retry Timeout for Errors"},
        {.name = "errors.retry.delay.max.ms", .type = ConfigType::int64, .default_text = "60000",
       .importance = Importance::medium,
       .documentation = "Longest pause in milliseconds between two tries.",
       .group = "Error Handling", .order = 2, .width = Width::medium,
       .display_name = "Maximum Delay Between Retries for Errors"},
        {.name = "errors.tolerance", .type = ConfigType::string, .default_text = "none",
       .importance = Importance::medium,
       .documentation = "'none': an error fails the task. 'all': the record is skipped.",
       .group = "Error Handling", .order = 3, .width = Width::narrow, .display_name = "Error Tolerance",
       .validator = one_of({"none", "all"})},
        {.name = "errors.log.enable", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::medium,
       .documentation = "Log each failed record's error.",
       .group = "Error Handling", .order = 4, .width = Width::narrow, .display_name = "Log Errors"},
        {.name = "errors.log.include.messages", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::medium,
       .documentation = "Log the failed record too. Its content then is in the log.",
       .group = "Error Handling", .order = 5, .width = Width::narrow, .display_name = "Log Error Details"},
        {.name = "topic.creation.groups", .type = ConfigType::list, .default_text = "",
       .importance = Importance::low,
       .documentation = "Names of the groups of topics whose settings at creation differ from the default "
                        "group's.",
       .group = "Topic Creation", .order = 1, .width = Width::wide, .display_name = "Topic Creation Groups",
       .validator = unique_list()},
        {.name = "exactly.once.support", .type = ConfigType::string, .default_text = "requested",
       .importance = Importance::medium,
       .documentation = "'required': refuse the connector unless exactly-once delivery is certain. "
                        "'requested': only if the worker can.",
       .group = "Exactly Once Support", .order = 2, .width = Width::narrow,
       .display_name = "Exactly once support",
       .validator = one_of_any_case({"REQUESTED", "REQUIRED"})},
        {.name = "transaction.boundary", .type = ConfigType::string, .default_text = "poll",
       .importance = Importance::medium,
       .documentation = "What ends a transaction of the producer: 'poll' each batch, 'interval' a time, "
                        "'connector' the connector itself.",
       .group = "Exactly Once Support", .order = 3, .width = Width::narrow,
       .display_name = "Transaction Boundary",
       .validator = one_of_any_case({"POLL", "INTERVAL", "CONNECTOR"})},
        {.name = "transaction.boundary.interval.ms", .type = ConfigType::int64, .importance = Importance::low,
       .documentation = "Length in milliseconds of a transaction when transaction.boundary is interval. "
                        "Default: the worker's offset.flush.interval.ms.",
       .group = "Exactly Once Support", .order = 4, .width = Width::narrow,
       .display_name = "Transaction boundary interval",
       .validator = at_least_if_given(0)},
        {.name = "offsets.storage.topic", .type = ConfigType::string, .importance = Importance::low,
       .documentation = "Topic for this connector's offsets, apart from the worker's.",
       .group = "offsets.topic", .order = 1, .width = Width::wide, .display_name = "Offsets topic",
       .validator = non_empty_string()},
  };
}

}  // namespace

const ConfigDef& source_connector_config_def() {
  static const ConfigDef definition{keys()};
  return definition;
}

}  // namespace millrace
