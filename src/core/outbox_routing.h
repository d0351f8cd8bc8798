// OutboxRouting sends what services write into an outbox to the topics of their aggregates: the payload becomes the value, a
// column the key, others headers or fields beside the payload. Tables and collections share it.
// Threads: one task's thread. Source: Debezium 2.7's EventRouterDelegate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "core/json_expansion.h"
#include "core/record.h"
#include "core/schema_cache.h"

namespace millrace {

// One column of table.fields.additional.placement.
struct PlacedField {
  enum class Place : std::uint8_t { header, envelope, partition };
  Place place = Place::header;
  std::string field, alias;
};

struct OutboxOptions {
  enum class Update : std::uint8_t { warn, error, fatal };

  std::string id, key, payload, route_by;
  std::optional<std::string> timestamp, version;   // columns
  std::vector<PlacedField> placed;
  bool missing_is_error = true;
  bool empty_is_tombstone = false;
  Update on_update = Update::warn;
  std::optional<JsonExpansion> expansion;
  std::optional<JavaRegex> topic;                  // set by read()
  std::string topic_replacement;

  // By the names of EventRouter's options, which are checked. Errors name the option.
  static Result<OutboxOptions> read(const Config& options);
};

const ConfigDef& outbox_keys();   // of EventRouter

class OutboxRouting {
 public:
  explicit OutboxRouting(OutboxOptions options) : options_{std::move(options)} {}

  enum class Fate : std::uint8_t { unchanged, dropped, routed };
  // Errors: an update, where that is to fail.
  Result<Fate> fate(const ConnectRecord& record) const;
  // Of a record whose fate that is.
  Result<ConnectRecord> routed(ConnectRecord record);

 private:
  Result<std::optional<std::int64_t>> timestamp(const Value::Struct& event, const Value::Struct& row) const;
  Result<SchemaPtr> value_schema(const SchemaPtr& payload, const Value::Struct& row);
  Result<SchemaPtr> made_schema(const SchemaPtr& payload, const Schema& row, const Value& route, std::optional<int> version) const;
  Result<void> place_fields(ConnectRecord& record, const Value::Struct& row, Value::Struct* value) const;
  bool has_envelope() const;

  OutboxOptions options_;
  // As in Debezium: equal payload schemas, and one version, keep the schema of the first event, whatever its topic.
  struct Known {
    SchemaPtr payload, value;
  };
  SchemaCache<SchemaPtr> by_payload_{10'000};
  std::unordered_multimap<std::size_t, Known> known_;   // by the names of the payload's fields
  std::unordered_map<std::int64_t, SchemaPtr> by_version_;
};

}  // namespace millrace
