#include "connect/topic_creation.h"

#include <memory>

#include "core/java_regex.h"

namespace millrace {
namespace {

constexpr std::string_view k_prefix = "topic.creation.";

Result<int> count(const Config& connector, const std::string& setting) {
  const std::string* text = connector.find(setting);
  if (text == nullptr)
    return fail("Missing required configuration \"" + setting + "\" which has no default value.", Retry::no, k_config_exception);
  const std::int64_t value = connector.integer(setting, 0);
  if (value == -1 || (value > 0 && value <= 32'767)) return static_cast<int>(value);
  return fail("Invalid value " + *text + " for configuration " + setting +
                  ": it must be a positive number, or -1 for the broker's default", Retry::no, k_config_exception);
}

// A list of Java expressions, of which one must match the whole name.
Result<std::function<bool(const std::string&)>> matcher(const Config& connector, const std::string& setting) {
  auto expressions = std::make_shared<std::vector<JavaRegex>>();
  for (const std::string& text : connector.list(setting)) {
    auto compiled = JavaRegex::compile(text);
    if (!compiled) return std::unexpected{std::move(compiled.error()).as_cause_of("Invalid value for configuration " + setting, k_config_exception)};
    expressions->push_back(std::move(*compiled));
  }
  return [expressions](const std::string& topic) {
    for (const JavaRegex& expression : *expressions)
      if (expression.matches(topic).value_or(false)) return true;
    return false;
  };
}

void take_topic_config(const Config& group, kafka::TopicCreation& creation) {
  for (const auto& [name, value] : group.entries())
    if (name != "include" && name != "exclude" && name != "partitions" && name != "replication.factor")
      creation.config.emplace_back(name, value);
}

}  // namespace

Result<TopicCreationRules> TopicCreationRules::create(const Config& connector, bool enabled) {
  TopicCreationRules rules;
  if (!enabled || connector.with_prefix_stripped(k_prefix).entries().empty()) return rules;
  kafka::TopicCreation fallback;
  MR_TRY(fallback.replication_factor, count(connector, "topic.creation.default.replication.factor"));
  MR_TRY(fallback.partitions, count(connector, "topic.creation.default.partitions"));
  for (const std::string& name : connector.list("topic.creation.groups")) {
    const std::string prefix = std::string{k_prefix} + name + ".";
    Group group{.creation = fallback};
    MR_TRY(group.includes, matcher(connector, prefix + "include"));
    MR_TRY(group.excludes, matcher(connector, prefix + "exclude"));
    if (connector.has(prefix + "replication.factor")) {
      MR_TRY(group.creation.replication_factor, count(connector, prefix + "replication.factor"));
    }
    if (connector.has(prefix + "partitions")) {
      MR_TRY(group.creation.partitions, count(connector, prefix + "partitions"));
    }
    take_topic_config(connector.with_prefix_stripped(prefix), group.creation);
    rules.groups_.push_back(std::move(group));
  }
  take_topic_config(connector.with_prefix_stripped("topic.creation.default."), fallback);
  rules.default_ = std::move(fallback);
  return rules;
}

std::optional<kafka::TopicCreation> TopicCreationRules::of_topic(const std::string& topic) const {
  for (const Group& group : groups_)
    if (group.includes(topic) && !group.excludes(topic)) return group.creation;
  return default_;
}

}  // namespace millrace
