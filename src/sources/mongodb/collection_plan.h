// Collection plans: topic, key and envelope of a collection's change events, made once per collection.
// Threads: one task's thread. Lifetime: as long as the writer; records die with the event.
// Errors: options of topic.naming.strategy, field.exclude.list and field.renames that cannot be followed.
// Source: Debezium's MongoDbSchema 2.7; the envelope has no version, no ts_us and no ts_ns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/name_adjustment.h"
#include "core/record.h"
#include "core/topic_naming.h"
#include "sources/mongodb/field_filter.h"

namespace millrace::mongodb {

// Slots of a change event's RecordPlan.
namespace slot {
enum : std::uint16_t {
  before, after,                       // texts
  update,                              // null: no updateDescription
  removed_fields, truncated_arrays,    // trees
  updated_fields,
  op, ts_ms,
  source_ts_ms, source_snapshot, source_ts_us, source_ts_ns, source_ord, source_lsid, source_txn_number, source_wall_time,
  transaction,                         // a tree; null: none
  id,                                  // of the key
  count
};
}

// What of the connector's configuration shapes a plan.
struct PlanOptions {
  std::string topic_prefix;
  TopicNaming topics;
  NameAdjustment schema_names = NameAdjustment::none;
  FieldSelector fields;
};
Result<PlanOptions> plan_options(const Config& config);

struct CollectionPlan {
  std::string database, collection;
  RecordPlan record;
  FieldFilter fields;
  bool warned_of_missing_document = false;

  std::string name() const { return database + "." + collection; }
};

Result<std::unique_ptr<CollectionPlan>> plan_of_collection(std::string_view database, std::string_view collection,
                                                           const PlanOptions& options);

inline constexpr std::string_view k_default_topic_naming = "io.debezium.schema.DefaultTopicNamingStrategy";

SchemaPtr truncated_array_schema();   // {field, size}: the items of truncatedArrays

}  // namespace millrace::mongodb
