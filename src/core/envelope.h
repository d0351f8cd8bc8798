// Envelope: the schemas and names that every Debezium source shares, so that all sources write them alike.
// Threads: any. Lifetime: the schemas without arguments are made once and live as long as the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/schema.h"

namespace millrace::envelope {

inline constexpr std::string_view k_debezium_version = "2.7.0.Final";

SchemaPtr plain_schema(Type type, bool optional);
// A base type with a meaning, for example io.debezium.time.Date; all of them have version 1.
Schema semantic_schema(Type type, std::string_view name, bool optional);
Schema structure_schema(std::string_view name, bool optional, std::vector<Field> fields);

SchemaPtr transaction_block();   // event.block, optional
SchemaPtr snapshot_marker();     // of source.snapshot: an Enum with the default "false"

std::string key_name(std::string_view topic);        // <topic>.Key
std::string row_name(std::string_view topic);        // <topic>.Value
std::string envelope_name(std::string_view topic);   // <topic>.Envelope

// The envelope of a relational source: before, after, source, transaction, op, ts_ms, ts_us, ts_ns.
// `row` is optional; the envelope has version 2.
SchemaPtr relational_schema(std::string_view topic, const SchemaPtr& row, const SchemaPtr& source);

// The parts with the delimiter between them; parts that are empty or blank are left out.
std::string joined_name(std::span<const std::string_view> parts, std::string_view delimiter);
inline constexpr std::size_t k_topic_length_max = 249;   // Kafka's
// A topic name that Kafka takes: other characters become '_', one per UTF-16 unit; at most 249 characters.
std::string sanitized_topic(std::string_view name);
// Whether Kafka takes it as the name of a topic.
bool is_topic_name(std::string_view name);

}  // namespace millrace::envelope
