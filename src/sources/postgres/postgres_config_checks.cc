#include "sources/postgres/postgres_config_checks.h"

#include <algorithm>
#include <string_view>

#include "core/java_regex.h"
#include "core/letters.h"
#include "core/setting_rules.h"
#include "core/topic_naming.h"
#include "sources/postgres/tls.h"

namespace millrace::postgres {
namespace {

using namespace setting;

void slot_name(const Config&, const std::string* text, Problems& problems) {
  if (text == nullptr) return;
  const bool valid = !text->empty() && text->size() <= 63 && std::ranges::all_of(*text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!valid)
    problems.emplace_back("Valid replication slot name must contain only digits, lowercase characters and underscores "
                          "with length <= 63");
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

constexpr char k_schema_include[] = "schema.include.list";
constexpr char k_table_include[] = "table.include.list";
constexpr char k_column_include[] = "column.include.list";
constexpr char k_message_include[] = "message.prefix.include.list";
constexpr char k_message_shown[] = "logical_decoding_message.prefix.include.list";
constexpr char k_snapshot_mode[] = "snapshot.mode";
constexpr char k_locking_mode[] = "snapshot.locking.mode";
constexpr char k_query_mode[] = "snapshot.query.mode";

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
  if (text != nullptr && *text != only && problems.empty())
    problems.push_back("only " + std::string{only} + " is available in this worker");
}
void ssl_factory(const Config& config, const std::string*, Problems& problems) {
  if (std::string problem = ssl_factory_problem(config); !problem.empty()) problems.push_back(std::move(problem));
}
void topic_naming(const Config&, const std::string* text, Problems& problems) {
  if (text != nullptr && !TopicNaming::knows(trimmed(*text)) && problems.empty())
    problems.push_back(*text + " is not available in this worker; io.debezium.schema has SchemaTopicNamingStrategy, "
                       "DefaultTopicNamingStrategy, and each with Regex or Unicode before TopicNamingStrategy");
}
constexpr char k_transaction_factory[] = "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory";
constexpr char k_source_maker[] = "io.debezium.connector.postgresql.PostgresSourceInfoStructMaker";

constexpr NamedRule k_rules[] = {
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
    {"database.sslfactory", ssl_factory},
    {"xmin.fetch.interval.ms", non_negative_long},
    {"skipped.operations", setting::skipped_operations},
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
    {"topic.naming.strategy", topic_naming},
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

std::vector<std::string> check_key(const Config& config, const ConfigKey& key) { return setting::check(config, key, k_rules); }

}  // namespace millrace::postgres
