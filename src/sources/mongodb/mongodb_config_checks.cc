#include "sources/mongodb/mongodb_config_checks.h"

#include <string_view>

#include "core/java_regex.h"
#include "core/letters.h"
#include "core/setting_rules.h"
#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {
namespace {

using namespace setting;

// The same as when it is used, but for what the other options add.
void connection_string(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return problems.push_back("Missing connection string");
  Config alone;
  alone.set("mongodb.connection.string", *text);
  if (const auto settings = connection_settings(alone); !settings) problems.push_back(settings.error().text);
}

// Of names, where filters.match.mode does not make them literal.
void name_list(const Config& config, const std::string* text, Problems& problems) {
  if (lower(trimmed(config.get("filters.match.mode"))) != "literal") regex_list(config, text, problems);
}

void fields_match(const std::string* text, std::string_view pattern, const char* form, Problems& problems) {
  if (text == nullptr) return;
  const auto regex = JavaRegex::compile(pattern);
  for (const std::string_view part : java_split(*text, ','))
    if (!regex || !regex->matches(part).value_or(false))
      problems.push_back(std::string{part} + " has invalid format (expecting " + form + ")");
}

void excluded_fields(const Config&, const std::string* text, Problems& problems) {
  fields_match(text, R"([*|\w|\-|\s*]+(?:\.[*|\w|\-]+\.[*|\w|\-]+)+(\.[*|\w|\-]+)*\s*)",
               "<databaseName>.<collectionName>.<fieldName>.<nestedFieldName>", problems);
}
void renamed_fields(const Config&, const std::string* text, Problems& problems) {
  fields_match(text, R"([*|\w|\-|\s*]+(?:\.[*|\w|\-]+\.[*|\w|\-]+)+(\.[*|\w|\-]+)*:(?:[*|\w|\-]+)+\s*)",
               "<databaseName>.<collectionName>.<fieldName>.<nestedFieldName>:<newNestedFieldName>", problems);
}

constexpr char k_database_include[] = "database.include.list";
constexpr char k_collection_include[] = "collection.include.list";
constexpr char k_snapshot_mode[] = "snapshot.mode";

constexpr NamedRule k_rules[] = {
    {"topic.prefix", required},
    {"topic.prefix", topic_name},
    {"mongodb.connection.string", connection_string},
    {"mongodb.poll.interval.ms", positive_integer},
    {"mongodb.ssl.enabled", boolean},
    {"mongodb.ssl.invalid.hostname.allowed", boolean},
    {"max.batch.size", positive_integer},
    {"max.queue.size", queue_size},
    {"poll.interval.ms", positive_integer},
    {"max.queue.size.in.bytes", non_negative_long},
    {"skipped.operations", skipped_operations},
    {"snapshot.delay.ms", non_negative_long},
    {"streaming.delay.ms", non_negative_long},
    {"snapshot.include.collection.list", regex_list},
    {"snapshot.fetch.size", non_negative_integer},
    {"snapshot.max.threads", positive_integer},
    {"snapshot.mode.custom.name", custom_name<k_snapshot_mode>},
    {"retriable.restart.connector.wait.ms", positive_long},
    {"query.fetch.size", non_negative_integer},
    {"errors.max.retries", integer},
    {"tombstones.on.delete", boolean},
    {"heartbeat.interval.ms", non_negative_integer},
    {"signal.poll.interval.ms", positive_integer},
    {"notification.sink.topic.name", notification_topic},
    {"custom.metric.tags", pairs},
    {"database.include.list", name_list},
    {"database.exclude.list", excludes<k_database_include>},
    {"database.exclude.list", name_list},
    {"collection.include.list", name_list},
    {"collection.exclude.list", excludes<k_collection_include>},
    {"collection.exclude.list", name_list},
    {"field.exclude.list", excluded_fields},
    {"field.renames", renamed_fields},
};

}  // namespace

std::vector<std::string> check_key(const Config& config, const ConfigKey& key) { return setting::check(config, key, k_rules); }

}  // namespace millrace::mongodb
