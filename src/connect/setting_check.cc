#include "connect/setting_check.h"

#include <algorithm>
#include <utility>

#include "core/config_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_null_value = "Null value can not be supplied as the configuration value.";

}  // namespace

bool CheckedSettings::has(std::string_view name) const {
  return std::ranges::any_of(raw, [&](const auto& entry) { return entry.first == name; });
}

ConfigVerdict CheckedSettings::verdict_of(const ConfigKey& key, const std::string& prefix) const {
  const std::string name = prefix + key.name;
  const std::string* text = resolved.find(name);
  CheckedValue checked = check_value(key, prefix, has(name), text);
  if (text == nullptr && has(name)) checked.errors.emplace_back(k_null_value);
  if (text != nullptr && checked.value && *text != given.get(name)) checked.value = given.get(name);
  ConfigVerdict verdict{.definition = key, .name = name, .value = std::move(checked.value), .errors = std::move(checked.errors)};
  verdict.definition->name = name;
  return verdict;
}

std::string missing_class(const std::string& class_name) {
  for (const std::string_view scripted : {"io.debezium.transforms.Filter", "io.debezium.transforms.ContentBasedRouter"})
    if (class_name == scripted)
      return "Class " + class_name + " is not available in millrace: it runs scripts of a Java language (JSR 223). Where its condition "
             "looks at topic, header or tombstones only, use org.apache.kafka.connect.transforms.Filter with a predicate.";
  // Classes that exist in Java's world and not here get words of their own.
  for (const std::string_view family : {"org.apache.kafka.connect.", "io.debezium.", "io.confluent.", "io.apicurio.",
                                        "io.aiven.", "com.github.jcustenborder."})
    if (class_name.starts_with(family)) return "Class " + class_name + " is not available in this version of millrace.";
  return "Class " + class_name + " could not be found.";
}

}  // namespace millrace
