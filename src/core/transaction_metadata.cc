#include "core/transaction_metadata.h"

#include <algorithm>
#include <array>

#include "core/envelope.h"
#include "core/java_hash.h"

namespace millrace {
namespace {

enum Slot : std::uint16_t { k_id, k_status, k_event_count, k_collections, k_ts_ms, k_slot_count };

SchemaPtr versioned(std::string_view name, bool optional, std::vector<Field> fields) {
  Schema schema = envelope::structure_schema(name, optional, std::move(fields));
  schema.version = 1;
  return std::make_shared<const Schema>(std::move(schema));
}

SchemaPtr collection_schema() {
  static const SchemaPtr schema =
      versioned("event.collection", true, {{"data_collection", envelope::plain_schema(Type::string, false)},
                                           {"event_count", envelope::plain_schema(Type::int64, false)}});
  return schema;
}

SchemaPtr collections_schema() {
  Schema schema;
  schema.type = Type::array;
  schema.optional = true;
  schema.values = collection_schema();
  return std::make_shared<const Schema>(std::move(schema));
}

RecordPlan record_plan(std::string topic) {
  const SchemaPtr text = envelope::plain_schema(Type::string, false);
  const SchemaPtr count = envelope::plain_schema(Type::int64, true);
  const SchemaPtr time = envelope::plain_schema(Type::int64, false);
  const SchemaPtr collections = collections_schema();
  const SchemaPtr key = versioned("io.debezium.connector.common.TransactionMetadataKey", false, {{"id", text}});
  const SchemaPtr value = versioned("io.debezium.connector.common.TransactionMetadataValue", false,
                                    {{"status", text}, {"id", text}, {"event_count", count},
                                     {"data_collections", collections}, {"ts_ms", time}});
  return {.topic = std::move(topic),
          .key = Shape::of_structure(key, {Shape::of_slot(text, k_id)}),
          .value = Shape::of_structure(value, {Shape::of_slot(text, k_status), Shape::of_slot(text, k_id),
                                               Shape::of_slot(count, k_event_count),
                                               Shape::of_slot(collections, k_collections), Shape::of_slot(time, k_ts_ms)}),
          .slot_count = k_slot_count};
}

Value structure(const SchemaPtr& schema, std::vector<Value> fields) {
  return Value{Value::Struct{.schema = schema, .fields = std::move(fields)}};
}

}  // namespace

std::vector<std::size_t> TransactionState::in_javas_order() const {
  std::vector<std::string> names;
  for (const auto& [collection, count] : counts) names.push_back(collection);
  return java_hash_map_order(names, JavaMapOrigin::inserted, collections_max);
}

void add_members(OffsetMembers& members, const TransactionState& state) {
  if (!state.id.empty()) add_member(members, k_transaction_id_member, std::string_view{state.id});
  // Debezium copies them from one map to another: which comes first of two that share a bucket there is the first one's order.
  for (const std::size_t at : state.in_javas_order())
    add_member(members, std::string{k_transaction_count_prefix} + state.counts[at].first, state.counts[at].second);
}

std::string transaction_topic(const Config& config) {
  return config.get("topic.prefix") + config.get("topic.delimiter", ".") + config.get("topic.transaction", "transaction");
}

TransactionMetadata::TransactionMetadata(std::string topic) : plan_{record_plan(std::move(topic))} {}

void TransactionMetadata::restore(const TransactionState& state) {
  begin(state.id);
  for (const auto& [collection, count] : state.counts) total_ += counter(collection) = count;
}

void TransactionMetadata::begin(std::string id) {
  end();
  state_.id = std::move(id);
}

void TransactionMetadata::end() {
  state_.id.clear();
  state_.counts.clear();
  places_.clear();
  total_ = 0;
}

std::int64_t& TransactionMetadata::counter(std::string_view collection) {
  auto& counts = state_.counts;
  if (last_place_ < counts.size() && counts[last_place_].first == collection) return counts[last_place_].second;
  const auto [at, added] = places_.emplace(collection, counts.size());
  if (added) counts.emplace_back(collection, 0);
  state_.collections_max = std::max(state_.collections_max, counts.size());
  last_place_ = at->second;
  return counts[last_place_].second;
}

Datum TransactionMetadata::event(std::string_view shown_id, std::string_view collection) {
  const std::int64_t order = ++counter(collection);
  block_ = structure(envelope::transaction_block(), {Value{shown_id}, Value{++total_}, Value{order}});
  return Datum::of(block_);
}

Value TransactionMetadata::counts() const {
  Value::Array counts;
  for (const std::size_t at : state_.in_javas_order())
    counts.push_back(structure(collection_schema(), {Value{state_.counts[at].first}, Value{state_.counts[at].second}}));
  return Value{std::move(counts)};
}

Result<void> TransactionMetadata::emit_begin(std::string_view shown_id, std::int64_t ts_ms, RecordSink& sink) {
  std::array<Datum, k_slot_count> slots{};
  slots[k_id] = Datum::string(shown_id);
  slots[k_status] = Datum::string("BEGIN");
  slots[k_ts_ms] = Datum::of(ts_ms);
  return sink.emit({.plan = &plan_, .slots = slots});
}

Result<void> TransactionMetadata::emit_end(std::string_view shown_id, std::int64_t ts_ms, RecordSink& sink) {
  const Value collections = counts();
  std::array<Datum, k_slot_count> slots{};
  slots[k_id] = Datum::string(shown_id);
  slots[k_status] = Datum::string("END");
  slots[k_event_count] = Datum::of(total_);
  slots[k_collections] = Datum::of(collections);
  slots[k_ts_ms] = Datum::of(ts_ms);
  return sink.emit({.plan = &plan_, .slots = slots});
}

}  // namespace millrace
