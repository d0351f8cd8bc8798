#include "core/outbox_routing.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include "core/debezium_options.h"
#include "core/letters.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"

namespace millrace {
namespace {

constexpr std::string_view k_payload = "payload";
constexpr std::size_t k_schemas_max = 10'000;

std::unexpected<Error> no_such(std::string_view what, std::string_view field) {
  return fail("Unable to find " + std::string{what} + " field " + std::string{field} + " in event");
}

bool is_blank_payload(const Value& payload) {
  return payload.is_null() || (payload.string() != nullptr && trimmed(*payload.string()).empty());
}

Result<std::int64_t> in_milliseconds(const Schema& schema, std::int64_t time) {
  if (schema.name == "io.debezium.time.Timestamp") return time;
  if (schema.name == "io.debezium.time.MicroTimestamp") return time / 1000;
  if (schema.name == "io.debezium.time.NanoTimestamp") return time / 1'000'000;
  if (schema.name.empty()) return fail("Unsupported field type INT64 (without logical schema name) for event timestamp");
  return fail("Unsupported field type " + schema.name + " for event timestamp");
}

// Struct.put of a column into a schema that may be another event's. Java's classes tell apart what a Value does not: the
// widths of integers, and times from numbers.
Result<void> check_column(std::string_view name, const Schema& field, const SchemaPtr& column, const Value& value) {
  const auto is_logical = [](const Schema& schema) { return schema.name.starts_with("org.apache.kafka.connect.data."); };
  if (!value.is_null() && column && (column->type != field.type || is_logical(*column) != is_logical(field)))
    return fail("Invalid Java object for the schema of the first event, for field: \"" + std::string{name} + "\"", Retry::no, k_data_exception);
  return check_value(name, field, value);
}

// "s.public.outbox.Value" and "order": "s.public.outbox.order.Value".
std::string value_name(const std::string& row, const std::string& route) {
  if (row.empty()) return route;
  const auto last = row.rfind('.') == std::string::npos ? 0 : row.rfind('.') + 1;
  return row.substr(0, last) + route + '.' + row.substr(last);
}

// Schemas that differ in them are not compared with each other: payloads that hold ids as names have one each.
std::size_t hash_of_names(const Schema& schema) {
  const std::hash<std::string_view> hash;
  std::size_t out = hash(schema.name);
  for (const Field& field : schema.fields) out = out * 31 + hash(field.name);
  return out;
}

// Struct.toString of the keys that an outbox has: of texts and integers.
std::string key_text(const Value& key) {
  const Value::Struct* columns = key.structure();
  if (columns == nullptr) return "null";
  std::string text = "Struct{";
  for (std::size_t i = 0; i < columns->fields.size(); ++i) {
    const Value& value = columns->fields[i];
    if (value.is_null()) continue;
    if (text.back() != '{') text += ',';
    text += columns->schema->fields[i].name + '=';
    text += value.string() != nullptr ? *value.string() : value.integer() != nullptr ? std::to_string(*value.integer()) : "...";
  }
  return text + '}';
}

}  // namespace

Result<OutboxRouting::Fate> OutboxRouting::fate(const ConnectRecord& record) const {
  if (record.value.is_null()) return Fate::dropped;
  if (!is_change_event(record)) return Fate::unchanged;
  MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "Detect Debezium Operation"));
  MR_TRY(const Value* op, field_of_type(*event, "op", Type::string));
  if (op->string() == nullptr) return fail("An event of the topic " + record.topic + " has no op", Retry::no, k_null_pointer_exception);
  if (*op->string() == "d") return Fate::dropped;
  if (*op->string() != "u") return Fate::routed;
  if (options_.on_update == OutboxOptions::Update::fatal)
    return fail("Unexpected update message received " + key_text(record.key) + ", fail. Rows of the outbox, topic " + record.topic +
                    ", are only inserted and deleted; table.op.invalid.behavior=warn passes over others.",
                Retry::no, "java.lang.IllegalStateException");
  const auto level = options_.on_update == OutboxOptions::Update::warn ? spdlog::level::warn : spdlog::level::err;
  spdlog::log(level, "An update of the outbox {} is left out: its rows should only be inserted and deleted", record.topic);
  return Fate::dropped;
}

Result<ConnectRecord> OutboxRouting::routed(ConnectRecord record) {
  const Value original = record.value;   // keeps the event while the record's value changes
  MR_TRY(const Value::Struct* event, require_struct(record.value_schema, original, "Detect Debezium Operation"));
  MR_TRY(const Value* after, field_as_is(*event, "after"));
  MR_TRY(const Value::Struct* row, require_struct(event->schema->field("after")->schema, *after, "Read Outbox Event"));
  const Field* payload_field = row->schema->field(options_.payload);
  if (payload_field == nullptr) return no_such("payload", options_.payload);
  SchemaPtr payload_schema = payload_field->schema;
  MR_TRY(record.timestamp_ms, timestamp(*event, *row));
  MR_TRY(Value id, field_or_default(*row, options_.id));
  MR_TRY(Value payload, field_or_default(*row, options_.payload));
  record.headers.push_back({"id", row->schema->field(options_.id)->schema, std::move(id)});
  if (options_.expansion) options_.expansion->expand(options_.payload, payload_schema, payload);

  std::optional<Value::Struct> value;
  if (has_envelope()) {
    MR_TRY(SchemaPtr schema, value_schema(payload_schema, *row));
    MR_CHECK(check_column(k_payload, *schema->fields.front().schema, payload_schema, payload));
    value = Value::Struct{.schema = std::move(schema), .fields = {payload}};
    value->fields.resize(value->schema->fields.size());
  }
  record.partition = -1;
  MR_CHECK(place_fields(record, *row, value ? &*value : nullptr));
  if (options_.empty_is_tombstone && is_blank_payload(payload)) {
    record.value_schema = nullptr;
    record.value = {};
  } else {
    record.value_schema = value ? value->schema : payload_schema;
    record.value = value ? Value{std::move(*value)} : std::move(payload);
  }
  MR_TRY(record.key, field_or_default(*row, options_.key));
  record.key_schema = row->schema->field(options_.key)->schema;
  MR_TRY(const Value* route, field_of_type(*row, options_.route_by, Type::string));
  if (route->string() == nullptr)
    return fail("The column " + options_.route_by + ", which route.by.field names, is null in a row of " + record.topic +
                    " (Cannot invoke \"java.lang.CharSequence.length()\" because \"this.text\" is null)", Retry::no,
                k_null_pointer_exception);
  MR_TRY(const bool matches, options_.topic->matches(*route->string()));
  record.topic = *route->string();
  if (matches) {
    MR_TRY(record.topic, options_.topic->replace_first(*route->string(), options_.topic_replacement));
  }
  return record;
}

Result<std::optional<std::int64_t>> OutboxRouting::timestamp(const Value::Struct& event, const Value::Struct& row) const {
  if (options_.timestamp) {
    const Field* field = row.schema->field(*options_.timestamp);
    if (field == nullptr) return no_such("timestamp", *options_.timestamp);
    MR_TRY(const Value* time, field_of_type(row, *options_.timestamp, Type::int64));
    if (time->integer() != nullptr) return in_milliseconds(*field->schema, *time->integer());
  }
  MR_TRY(const Value* time, field_of_type(event, "ts_ms", Type::int64));
  return time->integer() == nullptr ? std::nullopt : std::optional{*time->integer()};
}

bool OutboxRouting::has_envelope() const {
  return std::ranges::any_of(options_.placed, [](const PlacedField& placed) { return placed.place == PlacedField::Place::envelope; });
}

Result<SchemaPtr> OutboxRouting::value_schema(const SchemaPtr& payload, const Value::Struct& row) {
  std::optional<int> version;
  if (options_.version) {
    MR_TRY(const Value* given, field_of_type(row, *options_.version, Type::int32));
    if (given->integer() != nullptr) version = static_cast<int>(*given->integer());
  }
  MR_TRY(const Value* route, field_of_type(row, options_.route_by, Type::string));
  if (options_.version) {
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
    const std::int64_t key = version ? *version : none;
    if (const auto known = by_version_.find(key); known != by_version_.end()) return known->second;
    MR_TRY(SchemaPtr schema, made_schema(payload, *row.schema, *route, version));
    if (by_version_.size() >= k_schemas_max) by_version_.clear();
    return by_version_.emplace(key, std::move(schema)).first->second;
  }
  if (payload == nullptr)
    return fail("An empty list in the column " + options_.payload + " has no schema", Retry::no, k_null_pointer_exception);
  if (const SchemaPtr* known = by_payload_.find(payload)) return *known;
  const std::size_t names = hash_of_names(*payload);
  for (auto [at, end] = known_.equal_range(names); at != end; ++at)
    if (same_schema(at->second.payload, payload)) return by_payload_.put(payload, at->second.value);
  MR_TRY(SchemaPtr schema, made_schema(payload, *row.schema, *route, {}));
  if (known_.size() >= k_schemas_max) known_.clear();
  known_.emplace(names, Known{payload, schema});
  return by_payload_.put(payload, std::move(schema));
}

Result<SchemaPtr> OutboxRouting::made_schema(const SchemaPtr& payload, const Schema& row, const Value& route,
                                             std::optional<int> version) const {
  const std::string topic = route.string() == nullptr ? "null" : *route.string();
  if (payload == nullptr)
    return fail("fieldSchema for field payload cannot be null.", Retry::no, k_schema_builder_exception);
  SchemaDraft draft{{.type = Type::structure, .name = value_name(row.name, topic), .version = version}};
  draft.add(std::string{k_payload}, payload);
  for (const PlacedField& placed : options_.placed) {
    if (placed.place != PlacedField::Place::envelope) continue;
    const Field* field = row.field(placed.field);
    if (field == nullptr)
      return fail("The outbox has no column " + placed.field + ", which table.fields.additional.placement puts beside the payload",
                  Retry::no, k_null_pointer_exception);
    draft.add(placed.alias, field->schema);
  }
  return std::move(draft).built();
}

Result<void> OutboxRouting::place_fields(ConnectRecord& record, const Value::Struct& row, Value::Struct* value) const {
  for (const PlacedField& placed : options_.placed) {
    if (!options_.missing_is_error && row.schema->field(placed.field) == nullptr) continue;
    if (placed.place == PlacedField::Place::partition) {
      MR_TRY(const Value* partition, field_of_type(row, placed.field, Type::int32));
      record.partition = partition->integer() == nullptr ? -1 : static_cast<std::int32_t>(*partition->integer());
      continue;
    }
    MR_TRY(Value column, field_or_default(row, placed.field));
    if (placed.place == PlacedField::Place::header) {
      record.headers.push_back({placed.alias, row.schema->field(placed.field)->schema, std::move(column)});
      continue;
    }
    const auto index = field_index(*value->schema, placed.alias);
    if (!index) return fail(placed.alias + " is not a valid field name", Retry::no, k_data_exception);
    MR_CHECK(check_column(placed.alias, *value->schema->fields[*index].schema, row.schema->field(placed.field)->schema, column));
    value->fields[*index] = std::move(column);
  }
  return {};
}

}  // namespace millrace
