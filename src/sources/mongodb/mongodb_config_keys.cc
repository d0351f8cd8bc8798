// The options of Debezium's MongoDB connector 2.7, in the order and with the attributes in which its REST
// validation gives them.
#include "core/debezium_keys.h"
#include "sources/mongodb/mongodb_config.h"
#include "sources/mongodb/mongodb_config_checks.h"

namespace millrace::mongodb {
namespace {

std::vector<ConfigKey> keys() {
  return {
      {.name = "topic.prefix", .type = ConfigType::string, .importance = Importance::high,
       .documentation = "Logical name of this deployment: the first part of every topic name and the identity "
                        "of its offsets. Never change it, never share it between connectors.",
       .group = "MongoDB", .order = 1, .width = Width::medium, .display_name = "Topic prefix", .check = check_key},
      {.name = "mongodb.connection.string", .type = ConfigType::string, .importance = Importance::high,
       .documentation = "Connection string of the replica set or sharded cluster: "
                        "mongodb://user:password@host:27017/?replicaSet=rs0. What it says wins over the other "
                        "mongodb options.",
       .group = "MongoDB", .order = 2, .width = Width::medium, .display_name = "Connection String",
       .check = check_key},
      {.name = "internal.mongodb.allow.offset.invalidation", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::medium,
       .documentation = "Start from the oldest of the offsets that earlier releases kept per shard.",
       .group = "MongoDB", .order = 3, .width = Width::none, .check = check_key},
      {.name = "mongodb.user", .type = ConfigType::string, .importance = Importance::high,
       .documentation = "User to log in as, when the connection string names none.",
       .group = "MongoDB", .order = 4, .width = Width::narrow, .display_name = "User", .check = check_key},
      {.name = "mongodb.password", .type = ConfigType::password, .importance = Importance::high,
       .documentation = "Password of mongodb.user. Use a config provider reference to keep it out of the "
                        "configuration.",
       .group = "MongoDB", .order = 5, .width = Width::narrow, .display_name = "Password", .check = check_key},
      {.name = "mongodb.authsource", .type = ConfigType::string, .default_text = "admin",
       .importance = Importance::medium,
       .documentation = "Database that mongodb.user was created in.",
       .group = "MongoDB", .order = 6, .width = Width::narrow, .display_name = "Credentials Database",
       .check = check_key},
      {.name = "mongodb.connect.timeout.ms", .type = ConfigType::int32, .default_text = "10000",
       .importance = Importance::low,
       .documentation = "Longest time in milliseconds that opening a connection may take.",
       .group = "MongoDB", .order = 7, .width = Width::narrow, .display_name = "Connect Timeout MS",
       .check = check_key},
      {.name = "mongodb.heartbeat.frequency.ms", .type = ConfigType::int32, .default_text = "10000",
       .importance = Importance::low,
       .documentation = "How often, in milliseconds, the state of each server is asked for.",
       .group = "MongoDB", .order = 8, .width = Width::narrow, .display_name = "Heartbeat frequency ms",
       .check = check_key},
      {.name = "mongodb.socket.timeout.ms", .type = ConfigType::int32, .default_text = "0",
       .importance = Importance::low,
       .documentation = "Longest time in milliseconds to wait for an answer. 0 leaves it to the connector.",
       .group = "MongoDB", .order = 9, .width = Width::narrow, .display_name = "Socket timeout MS",
       .check = check_key},
      {.name = "mongodb.server.selection.timeout.ms", .type = ConfigType::int32, .default_text = "30000",
       .importance = Importance::low,
       .documentation = "Longest time in milliseconds to look for a server that can serve a command.",
       .group = "MongoDB", .order = 10, .width = Width::narrow, .display_name = "Server selection timeout MS",
       .check = check_key},
      {.name = "mongodb.poll.interval.ms", .type = ConfigType::int64, .default_text = "30000",
       .importance = Importance::medium,
       .documentation = "Accepted and without effect, as in Debezium.",
       .group = "MongoDB", .order = 11, .width = Width::narrow,
       .display_name = "Replica membership poll interval (ms)", .check = check_key},
      {.name = "mongodb.ssl.enabled", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::medium,
       .documentation = "Encrypt the connections with TLS.",
       .group = "MongoDB", .order = 12, .width = Width::narrow, .display_name = "Enable SSL connection to MongoDB",
       .check = check_key},
      {.name = "mongodb.ssl.invalid.hostname.allowed", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::medium,
       .documentation = "Accept a server's certificate that was made for another host name.",
       .group = "MongoDB", .order = 13, .width = Width::narrow,
       .display_name = "Allow invalid hostnames for SSL connection", .check = check_key},
      {.name = "cursor.max.await.time.ms", .type = ConfigType::int32, .importance = Importance::low,
       .documentation = "Longest time in milliseconds that the server waits for a change before it answers "
                        "with none. 0 leaves it to the server.",
       .group = "MongoDB", .order = 14, .width = Width::narrow,
       .display_name = "Server's oplog streaming cursor max await time", .check = check_key},
      debezium_key("event.processing.failure.handling.mode", 1, check_key),
      debezium_key("max.batch.size", 2, check_key),
      debezium_key("max.queue.size", 3, check_key),
      debezium_key("poll.interval.ms", 4, check_key),
      debezium_key("max.queue.size.in.bytes", 5, check_key),
      debezium_key("provide.transaction.metadata", 6, check_key),
      {.name = "skipped.operations", .type = ConfigType::list, .default_text = "t", .importance = Importance::low,
       .documentation = "Operations that give no records: c (insert), u (update and replace), d (delete), t "
                        "(truncate, which MongoDB does not have), r (snapshot), or none.",
       .group = "Connector", .order = 7, .width = Width::narrow, .display_name = "Skipped Operations",
       .check = check_key},
      debezium_key("snapshot.delay.ms", 8, check_key),
      debezium_key("streaming.delay.ms", 9, check_key),
      debezium_key("snapshot.include.collection.list", 10, check_key,
                   "Patterns for database.collection: only these captured collections are read by the "
                   "snapshot. Default: all captured collections."),
      debezium_key("snapshot.fetch.size", 11, check_key,
                   "Documents that the snapshot asks for at a time. 0 leaves it to the server."),
      debezium_key("snapshot.max.threads", 12, check_key,
                   "Collections that the snapshot may read in parallel. This version reads one after the "
                   "other."),
      debezium_key("snapshot.mode.custom.name", 13, check_key),
      debezium_key("snapshot.mode.configuration.based.snapshot.data", 14, check_key,
                   "With snapshot.mode=configuration_based: read the documents."),
      debezium_key("snapshot.mode.configuration.based.snapshot.schema", 15, check_key,
                   "With snapshot.mode=configuration_based: without effect, MongoDB has no schema to "
                   "read."),
      debezium_key("snapshot.mode.configuration.based.start.stream", 16, check_key),
      debezium_key("snapshot.mode.configuration.based.snapshot.on.schema.error", 17, check_key,
                   "With snapshot.mode=configuration_based: without effect, MongoDB has no schema to "
                   "read."),
      debezium_key("snapshot.mode.configuration.based.snapshot.on.data.error", 18, check_key,
                   "With snapshot.mode=configuration_based: read the documents anew when the stored "
                   "position is gone."),
      debezium_key("retriable.restart.connector.wait.ms", 19, check_key),
      debezium_key("query.fetch.size", 20, check_key,
                   "Documents that other queries ask for at a time. 0 leaves it to the server."),
      debezium_key("errors.max.retries", 21, check_key),
      debezium_key("incremental.snapshot.watermarking.strategy", 22, check_key,
                   "How an incremental snapshot marks its windows in the signal collection: "
                   "'insert_insert' writes two documents, 'insert_delete' writes one and deletes it."),
      debezium_key("internal.log.position.check.enable", 23, check_key,
                   "Check at start that the stored position is still in the server's history."),
      {.name = "snapshot.mode", .type = ConfigType::string, .default_text = "initial", .importance = Importance::low,
       .documentation = "When to read the documents at start: 'initial' once, 'always', 'initial_only' once "
                        "and then stop, 'no_data' or 'never' not at all, 'when_needed' also when the stored "
                        "position is gone, 'configuration_based' as the options of that name say.",
       .group = "Connector", .order = 24, .width = Width::narrow, .display_name = "Snapshot mode",
       .allowed = {"always", "never", "initial_only", "configuration_based", "when_needed", "initial", "custom",
       "no_data"}, .check = check_key},
      {.name = "capture.mode", .type = ConfigType::string, .default_text = "change_streams_update_full",
       .importance = Importance::medium,
       .documentation = "What a change carries: 'change_streams' the changed fields alone, "
                        "'change_streams_update_full' the whole document too; with '_with_pre_image' the "
                        "document before the change as well, where the collection keeps pre-images.",
       .group = "Connector", .order = 25, .width = Width::narrow, .display_name = "Capture mode",
       .allowed = {"change_streams", "change_streams_update_full", "change_streams_with_pre_image",
       "change_streams_update_full_with_pre_image"}, .check = check_key},
      debezium_key("schema.name.adjustment.mode", 26, check_key),
      debezium_key("converters", 1, check_key,
                   "Names of custom value converters, Java classes. Without effect for MongoDB."),
      debezium_key("post.processors", 2, check_key),
      debezium_key("tombstones.on.delete", 3, check_key),
      debezium_key("heartbeat.interval.ms", 4, check_key,
                   "How often, in milliseconds, a heartbeat record is sent, which also moves the stored "
                   "position while the captured collections are idle. 0: never."),
      debezium_key("heartbeat.topics.prefix", 5, check_key),
      debezium_key("signal.data.collection", 6, check_key,
                   "Collection, as database.collection, that signals to the connector are inserted into."),
      debezium_key("signal.poll.interval.ms", 7, check_key),
      debezium_key("signal.enabled.channels", 8, check_key),
      debezium_key("topic.naming.strategy", 9, check_key),
      debezium_key("notification.enabled.channels", 10, check_key),
      debezium_key("notification.sink.topic.name", 11, check_key),
      debezium_key("transaction.metadata.factory", 12, check_key),
      debezium_key("custom.metric.tags", 13, check_key),
      {.name = "database.include.list", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Patterns for database names: only these databases are captured.",
       .group = "Events", .order = 14, .width = Width::wide, .display_name = "Include Databases", .check = check_key},
      {.name = "database.exclude.list", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Patterns for database names: these databases are not captured.",
       .group = "Events", .order = 15, .width = Width::wide, .display_name = "Exclude Databases", .check = check_key},
      {.name = "collection.include.list", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Patterns for database.collection: only these collections are captured.",
       .group = "Events", .order = 16, .width = Width::wide, .display_name = "Include Collections",
       .check = check_key},
      {.name = "collection.exclude.list", .type = ConfigType::string, .importance = Importance::medium,
       .documentation = "Patterns for database.collection: these collections are not captured.",
       .group = "Events", .order = 17, .width = Width::none, .check = check_key, .visible = false},
      {.name = "field.exclude.list", .type = ConfigType::string, .importance = Importance::medium,
       .documentation = "Fields, as database.collection.field.nested, that are not in the records.",
       .group = "Events", .order = 18, .width = Width::wide, .display_name = "Exclude Fields", .check = check_key},
      {.name = "field.renames", .type = ConfigType::string, .importance = Importance::medium,
       .documentation = "Fields to rename, as database.collection.field.nested:newname.",
       .group = "Events", .order = 19, .width = Width::wide, .display_name = "Rename Fields", .check = check_key},
      {.name = "snapshot.collection.filter.overrides", .type = ConfigType::string, .importance = Importance::medium,
       .documentation = "Collections, as database.collection, of which the snapshot reads only what the "
                        "filter in snapshot.collection.filter.overrides.<database>.<collection> selects.",
       .group = "Events", .order = 20, .width = Width::wide, .display_name = "Snapshot collection filter overrides",
       .check = check_key},
      {.name = "sourceinfo.struct.maker", .type = ConfigType::class_name,
       .default_text = "io.debezium.connector.mongodb.MongoDbSourceInfoStructMaker", .importance = Importance::low,
       .documentation = "Class that makes the source block.",
       .group = "Events", .order = 21, .width = Width::medium, .display_name = "Source info struct maker class",
       .check = check_key},
  };
}

}  // namespace

const ConfigDef& config_def() {
  static const ConfigDef definition{keys()};
  return definition;
}

}  // namespace millrace::mongodb
