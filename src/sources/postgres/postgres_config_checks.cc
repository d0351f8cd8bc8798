#include "sources/postgres/postgres_config_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/java_regex.h"
#include "core/letters.h"

namespace millrace::postgres {
namespace {

using Problems = std::vector<std::string>;

// Java's parseInt and parseLong: no blanks, a leading plus is fine.
template <typename Number>
std::optional<Number> java_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Number>
void expect_number(const std::string& text, std::optional<Number> least, const char* problem, Problems& problems) {
  const auto value = java_number<Number>(text);
  if (!value || (least && *value < *least)) problems.emplace_back(problem);
}

bool is_java_name(std::string_view text) {
  bool at_start = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80) != 0;
    const bool digit = c >= '0' && c <= '9';
    if (c == '.' ? at_start : !(letter || (digit && !at_start))) return false;
    at_start = c == '.';
  }
  return !at_start;
}

void check_type(const std::string& text, ConfigType type, Problems& problems) {
  switch (type) {
    case ConfigType::boolean:
      if (const std::string word = lower(trimmed(text)); word != "true" && word != "false")
        problems.emplace_back("Either 'true' or 'false' is expected");
      return;
    case ConfigType::int16: return expect_number<std::int16_t>(text, {}, "A short value is expected", problems);
    case ConfigType::int32: return expect_number<std::int32_t>(text, {}, "An integer is expected", problems);
    case ConfigType::int64: return expect_number<std::int64_t>(text, {}, "A long value is expected", problems);
    case ConfigType::class_name:
      if (!is_java_name(text)) problems.emplace_back("A Java class name is expected");
      return;
    default: return;
  }
}

void check_allowed(const std::string& text, const std::vector<std::string>& allowed, Problems& problems) {
  if (allowed.empty() || std::ranges::find(allowed, lower(trimmed(text))) != allowed.end()) return;
  std::string problem = "Value must be one of ";
  for (const std::string& value : allowed) problem += (&value == allowed.data() ? "" : ", ") + value;
  problems.push_back(std::move(problem));
}

// ---- rules of single options. `text` is null when the option is absent. ---------------------------------------

void required(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || trimmed(*text).empty()) problems.emplace_back("A value is required");
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}
constexpr const char* k_name_rule =
    " has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)";

void topic_name(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !is_name(*text)) problems.push_back(*text + k_name_rule);
}
void host_name(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !trimmed(*text).empty() && !is_name(*text)) problems.push_back(*text + k_name_rule);
}
void boolean(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) check_type(*text, ConfigType::boolean, problems);
}
void integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) check_type(*text, ConfigType::int32, problems);
}
void positive_integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr)
    expect_number<std::int32_t>(*text, 1, "A positive, non-zero integer value is expected", problems);
}
void non_negative_integer(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int32_t>(*text, 0, "An non-negative integer is expected", problems);
}
void positive_long(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int64_t>(*text, 1, "A positive, non-zero long value is expected", problems);
}
void non_negative_long(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr) expect_number<std::int64_t>(*text, 0, "A non-negative long value is expected", problems);
}

void regex_list(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  if (const auto list = RegexList::compile(*text); !list)
    problems.push_back("A comma-separated list of valid regular expressions is expected, but " + list.error().text);
}

void slot_name(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  const bool valid = !text->empty() && text->size() <= 63 && std::ranges::all_of(*text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!valid)
    problems.emplace_back("Valid replication slot name must contain only digits, lowercase characters and underscores "
                          "with length <= 63");
}

void queue_size(const Config& config, const std::string*, Problems& problems) {
  const auto queue = config.integer("max.queue.size", 8192);
  if (queue <= 0) problems.emplace_back("A positive queue size is required");
  if (queue <= config.integer("max.batch.size", 2048))
    problems.emplace_back("Must be larger than the maximum batch size");
}

// Java's String.split: empty parts at the end do not count.
std::vector<std::string_view> java_split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

void skipped_operations(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || *text == "none") return;
  bool none = false, some = false;
  for (const std::string_view part : java_split(*text, ',')) {
    const std::string_view operation = trimmed(part);
    if (operation == "none") {
      none = true;
    } else if (operation.size() == 1 && std::string_view{"rcudt"}.find(operation) != std::string_view::npos) {
      some = true;
    } else {
      problems.emplace_back("Invalid operation");
      return;
    }
  }
  if (none && some) problems.emplace_back("'none' cannot be specified with other skipped operation types");
}

// Every part between separators must match, or be said to be wrong together with the pattern.
void parts_match(const std::string* text, char separator, std::string_view pattern, Problems& problems) {
  if (text == nullptr) return;
  if (text->empty()) problems.emplace_back("Must not be empty");
  const auto regex = JavaRegex::compile(pattern);
  for (const std::string_view part : java_split(*text, separator))
    if (!regex || !regex->matches(part).value_or(false))
      problems.push_back(std::string{part} + " has an invalid format (expecting '" + std::string{pattern} + "')");
}

void key_columns(const Config&, const std::string* text, Problems& problems) {
  parts_match(text, ';', R"(^\s*([^\s:]+):([^:\s]+)\s*$)", problems);
}
void replica_identities(const Config&, const std::string* text, Problems& problems) {
  parts_match(text, ',',
              R"((?i)^\s*(?<tablepredicate>[^\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\w*)|FULL|NOTHING)\s*$)",
              problems);
}

void pairs(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr || trimmed(*text).empty()) return;
  for (const std::string_view pair : java_split(*text, ','))
    if (java_split(pair, '=').size() != 2) {
      problems.emplace_back("A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2");
      return;
    }
}

template <const char* other, const char* shown>
void excludes(const Config& config, const std::string* text, Problems& problems) {
  if (text != nullptr && config.has(other)) problems.push_back('"' + std::string{shown} + "\" is already specified");
}
constexpr char k_schema_include[] = "schema.include.list";
constexpr char k_table_include[] = "table.include.list";
constexpr char k_column_include[] = "column.include.list";
constexpr char k_message_include[] = "message.prefix.include.list";
constexpr char k_message_shown[] = "logical_decoding_message.prefix.include.list";

// "<mode>.custom.name" belongs to mode=custom.
template <const char* mode>
void custom_name(const Config& config, const std::string* text, Problems& problems) {
  if (lower(config.get(mode)) == "custom" && (text == nullptr || text->empty()))
    problems.push_back(std::string{mode} + ".custom.name cannot be empty when " + mode + " 'custom' is defined");
}
constexpr char k_snapshot_mode[] = "snapshot.mode";
constexpr char k_locking_mode[] = "snapshot.locking.mode";
constexpr char k_query_mode[] = "snapshot.query.mode";

void notification_topic(const Config& config, const std::string* text, Problems& problems) {
  const auto channels = config.list("notification.enabled.channels");
  if (text == nullptr && std::ranges::find(channels, "sink") != channels.end())
    problems.emplace_back("Notification topic name must be provided when kafka notification channel is enabled");
}

// ---- what Debezium can and this program cannot: refused, because a record would silently be another -----------

void no_java_class(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !trimmed(*text).empty())
    problems.emplace_back("its values name Java classes, which this worker cannot load; leave it out");
}
void no_custom_mode(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && lower(trimmed(*text)) == "custom")
    problems.emplace_back("'custom' stands for a Java class, which this worker cannot load");
}
template <const char* only>
void only_class(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && *text != only)
    problems.push_back("only " + std::string{only} + " is available in this worker");
}
constexpr char k_topic_naming[] = "io.debezium.schema.SchemaTopicNamingStrategy";
constexpr char k_transaction_factory[] = "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory";
constexpr char k_source_maker[] = "io.debezium.connector.postgresql.PostgresSourceInfoStructMaker";

using Rule = void (*)(const Config& config, const std::string* text, Problems& problems);

// Several rules of one option run in the order of the lines.
constexpr std::pair<std::string_view, Rule> k_rules[] = {
    {"topic.prefix", required},
    {"topic.prefix", topic_name},
    {"database.hostname", host_name},
    {"database.hostname", required},
    {"database.port", integer},
    {"database.user", required},
    {"database.dbname", required},
    {"slot.name", slot_name},
    {"replica.identity.autoset.values", replica_identities},
    {"slot.max.retries", integer},
    {"slot.retry.delay.ms", integer},
    {"status.update.interval.ms", positive_integer},
    {"database.tcpKeepAlive", boolean},
    {"xmin.fetch.interval.ms", non_negative_long},
    {"skipped.operations", skipped_operations},
    {"flush.lsn.source", boolean},
    {"max.batch.size", positive_integer},
    {"max.queue.size", queue_size},
    {"poll.interval.ms", positive_integer},
    {"max.queue.size.in.bytes", non_negative_long},
    {"snapshot.delay.ms", non_negative_long},
    {"streaming.delay.ms", non_negative_long},
    {"snapshot.include.collection.list", regex_list},
    {"snapshot.fetch.size", non_negative_integer},
    {"snapshot.max.threads", positive_integer},
    {"snapshot.mode.custom.name", custom_name<k_snapshot_mode>},
    {"snapshot.query.mode.custom.name", custom_name<k_query_mode>},
    {"snapshot.locking.mode.custom.name", custom_name<k_locking_mode>},
    {"snapshot.mode", no_custom_mode},
    {"snapshot.query.mode", no_custom_mode},
    {"snapshot.locking.mode", no_custom_mode},
    {"retriable.restart.connector.wait.ms", positive_long},
    {"query.fetch.size", non_negative_integer},
    {"errors.max.retries", integer},
    {"incremental.snapshot.chunk.size", non_negative_integer},
    {"message.prefix.include.list", regex_list},
    {"message.prefix.exclude.list", excludes<k_message_include, k_message_shown>},
    {"message.prefix.exclude.list", regex_list},
    {"converters", no_java_class},
    {"post.processors", no_java_class},
    {"tombstones.on.delete", boolean},
    {"heartbeat.interval.ms", non_negative_integer},
    {"signal.poll.interval.ms", positive_integer},
    {"topic.naming.strategy", only_class<k_topic_naming>},
    {"notification.sink.topic.name", notification_topic},
    {"transaction.metadata.factory", only_class<k_transaction_factory>},
    {"custom.metric.tags", pairs},
    {"column.include.list", regex_list},
    {"column.exclude.list", excludes<k_column_include, k_column_include>},
    {"column.exclude.list", regex_list},
    {"table.include.list", regex_list},
    {"table.exclude.list", excludes<k_table_include, k_table_include>},
    {"table.exclude.list", regex_list},
    {"table.ignore.builtin", boolean},
    {"schema.include.list", regex_list},
    {"schema.exclude.list", excludes<k_schema_include, k_schema_include>},
    {"schema.exclude.list", regex_list},
    {"message.key.columns", key_columns},
    {"include.schema.comments", boolean},
    {"column.propagate.source.type", regex_list},
    {"datatype.propagate.source.type", regex_list},
    {"sourceinfo.struct.maker", only_class<k_source_maker>},
};

}  // namespace

std::vector<std::string> check_key(const Config& config, const ConfigKey& key) {
  Problems problems;
  const std::string* text = config.find(key.name);
  if (text != nullptr) {
    check_type(*text, key.type, problems);
    check_allowed(*text, key.allowed, problems);
  }
  for (const auto& [name, rule] : k_rules)
    if (name == key.name) rule(config, text, problems);
  return problems;
}

}  // namespace millrace::postgres
