// io.debezium.transforms.ExtractNewRecordState: the row in the place of its change event.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/letters.h"
#include "core/schema_cache.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

struct DroppedFields {
  std::string header;            // that lists them; empty: none
  bool from_key = false;
  bool only_optional = true;     // drop.fields.keep.schema.compatible
};

using Names = std::vector<std::string>;

class ExtractNewRecordState final : public Transform {
 public:
  ExtractNewRecordState(UnwrapOptions options, DroppedFields dropped)
      : options_{std::move(options)}, dropped_{std::move(dropped)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override;
  bool follows_plan() const override {
    return options_.headers.empty() && options_.route_by_field.empty() && dropped_.header.empty();
  }

 private:
  Result<std::optional<ConnectRecord>> removed(ConnectRecord record, const Value::Struct& event, const Value::Struct& before);
  Result<std::optional<ConnectRecord>> changed(ConnectRecord record, const Value::Struct& event, const Value& after);
  Result<void> mark_deleted(Value::Struct& row, const char* deleted);
  Result<void> add_fields(Value::Struct& row, const Value::Struct& event);
  Result<void> route(ConnectRecord& record, const Value::Struct& row) const;
  Result<Names> names_to_drop(const ConnectRecord& record) const;
  Result<void> drop_from_key(ConnectRecord& record, const Names& names);
  Result<void> drop_from(Value::Struct& structure, const Names& names);

  UnwrapOptions options_;
  DroppedFields dropped_;
  SchemaCache<SchemaPtr> with_deleted_, with_added_;
  SchemaCache<std::map<Names, SchemaPtr>> without_dropped_;
};

Result<std::optional<ConnectRecord>> ExtractNewRecordState::apply(ConnectRecord record) {
  const Value original = record.value;   // keeps the event while the record's value changes
  const Value::Struct* event = original.structure();
  if (!options_.headers.empty()) {
    if (!original.is_null()) {
      MR_TRY(event, require_struct(record.value_schema, original, "adding headers"));
    }
    MR_TRY(std::vector<Header> headers, added_headers(options_.headers, event));
    for (Header& header : headers) add_shared_header(record, std::move(header));
  }
  if (original.is_null()) {
    if (!options_.deletes.keeps_tombstones) return std::nullopt;
    return record;
  }
  if (!is_change_event(record)) return record;
  record.tombstone_headers = nullptr;
  MR_TRY(event, require_struct(record.value_schema, original, "field extraction"));
  MR_TRY(const Value* after, field_as_is(*event, "after"));
  if (!after->is_null()) return changed(std::move(record), *event, *after);
  MR_TRY(const Value* before, field_as_is(*event, "before"));
  if (before->is_null()) return std::nullopt;   // a truncate
  MR_TRY(const Value::Struct* row, require_struct(nullptr, *before, "field extraction"));
  return removed(std::move(record), *event, *row);
}

Result<std::optional<ConnectRecord>> ExtractNewRecordState::removed(ConnectRecord record, const Value::Struct& event,
                                                                    const Value::Struct& before) {
  if (options_.deletes.on_delete == DeleteHandling::OnDelete::drop) return std::nullopt;
  MR_CHECK(route(record, before));
  MR_TRY(const Names names, names_to_drop(record));
  MR_CHECK(drop_from_key(record, names));
  if (!options_.deletes.rewrites()) {
    record.value_schema = event.schema->field("after")->schema;
    record.value = {};
    return record;
  }
  Value::Struct row = before;
  MR_CHECK(mark_deleted(row, "true"));
  MR_CHECK(drop_from(row, names));
  MR_CHECK(add_fields(row, event));
  record.value_schema = row.schema;
  record.value = Value{std::move(row)};
  return record;
}

Result<std::optional<ConnectRecord>> ExtractNewRecordState::changed(ConnectRecord record, const Value::Struct& event,
                                                                    const Value& after) {
  MR_TRY(const Value::Struct* found, require_struct(event.schema->field("after")->schema, after, "source field insertion"));
  Value::Struct row = *found;
  MR_CHECK(route(record, row));
  if (options_.deletes.rewrites()) MR_CHECK(mark_deleted(row, "false"));
  MR_CHECK(add_fields(row, event));
  MR_TRY(const Names names, names_to_drop(record));
  MR_CHECK(drop_from_key(record, names));
  MR_CHECK(drop_from(row, names));
  record.value_schema = row.schema;
  record.value = Value{std::move(row)};
  return record;
}

// InsertField with a constant. It replaces null by the column's default on the way.
Result<void> ExtractNewRecordState::mark_deleted(Value::Struct& row, const char* deleted) {
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    MR_TRY(row.fields[i], value_or_default(*row.schema->fields[i].schema, row.fields[i]));
  }
  const SchemaPtr* made = with_deleted_.find(row.schema);
  if (made == nullptr) {
    SchemaDraft draft{schema_basics(*row.schema)};
    for (const Field& field : row.schema->fields) draft.add(field.name, field.schema);
    draft.add(std::string{k_deleted_field}, envelope::plain_schema(Type::string, true));
    MR_TRY(SchemaPtr schema, std::move(draft).built());
    made = &with_deleted_.put(row.schema, std::move(schema));
  }
  row.schema = *made;
  row.fields.emplace_back(deleted);
  return {};
}

Result<void> ExtractNewRecordState::add_fields(Value::Struct& row, const Value::Struct& event) {
  const SchemaPtr* made = with_added_.find(row.schema);
  if (made == nullptr) {
    SchemaDraft draft{schema_basics(*row.schema)};
    for (const Field& field : row.schema->fields) draft.add(field.name, field.schema);
    for (const AddedField& field : options_.fields) {
      MR_TRY(SchemaPtr schema, field.schema(*event.schema));
      if (schema) draft.add(field.name(), std::move(schema));
    }
    MR_TRY(SchemaPtr schema, std::move(draft).built());
    made = &with_added_.put(row.schema, std::move(schema));
  }
  row.schema = *made;
  for (const AddedField& field : options_.fields) {
    const Field* added = row.fields.size() < row.schema->fields.size() ? &row.schema->fields[row.fields.size()] : nullptr;
    if (added == nullptr || added->name != field.name()) continue;   // the event has no such field
    MR_TRY(Value value, field.value(event, added->schema));
    row.fields.push_back(std::move(value));
  }
  return {};
}

Result<void> ExtractNewRecordState::route(ConnectRecord& record, const Value::Struct& row) const {
  if (options_.route_by_field.empty()) return {};
  MR_TRY(const Value* topic, field_of_type(row, options_.route_by_field, Type::string));
  if (topic->string() != nullptr && !trimmed(*topic->string()).empty()) record.topic = *topic->string();
  return {};
}

Result<Names> ExtractNewRecordState::names_to_drop(const ConnectRecord& record) const {
  Names names;
  if (dropped_.header.empty()) return names;
  const auto header = std::ranges::find(record.headers, dropped_.header, &Header::name);
  if (header == record.headers.end() || header->value.is_null()) return names;
  const Value::Array* list = header->value.array();
  if (list == nullptr)
    return fail("The header " + dropped_.header + " holds no list of field names, as drop.fields.header.name needs", Retry::no,
                "java.lang.ClassCastException");
  for (const Value& name : *list)
    if (name.string() != nullptr) names.push_back(*name.string());
  return names;
}

Result<void> ExtractNewRecordState::drop_from_key(ConnectRecord& record, const Names& names) {
  if (!dropped_.from_key || record.key.is_null() || names.empty()) return {};
  MR_TRY(const Value::Struct* key, require_struct(record.key_schema, record.key, "field replacement"));
  Value::Struct rest = *key;
  MR_CHECK(drop_from(rest, names));
  record.key_schema = rest.schema;
  record.key = Value{std::move(rest)};
  return {};
}

// ReplaceField with a list to exclude.
Result<void> ExtractNewRecordState::drop_from(Value::Struct& structure, const Names& names) {
  const auto leaves = [&](const Field& field) {
    return std::ranges::find(names, field.name) != names.end() && (field.schema->optional || !dropped_.only_optional);
  };
  if (names.empty() || (dropped_.only_optional && std::ranges::none_of(structure.schema->fields, leaves))) return {};
  const SchemaPtr given = structure.schema;
  std::map<Names, SchemaPtr> made;
  if (const auto* kept = without_dropped_.find(given)) made = *kept;
  SchemaPtr& schema = made[names];
  if (!schema) {
    SchemaDraft draft{schema_basics(*given)};
    for (const Field& field : given->fields)
      if (!leaves(field)) draft.add(field.name, field.schema);
    MR_TRY(schema, std::move(draft).built());
    if (made.size() > 64) made = {{names, schema}};
    without_dropped_.put(given, made);
  }
  std::vector<Value> values;
  for (std::size_t i = 0; i < given->fields.size(); ++i) {
    if (leaves(given->fields[i])) continue;
    MR_TRY(Value value, value_or_default(*given->fields[i].schema, structure.fields[i]));
    values.push_back(std::move(value));
  }
  structure = {.schema = made[names], .fields = std::move(values)};
  return {};
}

const ConfigDef& unwrap_definition() {
  static const ConfigDef def{[] {
    std::vector<ConfigKey> keys = unwrap_keys();
    keys.push_back({.name = "drop.fields.header.name", .type = ConfigType::string, .importance = Importance::low,
                    .documentation = "The header that lists fields which are left out of the record.", .order = 1,
                    .width = Width::narrow, .display_name = "Specifies a header that contains a list of field names to be removed"});
    keys.push_back({.name = "drop.fields.from.key", .type = ConfigType::boolean, .default_text = "false",
                    .importance = Importance::low, .documentation = "Leave those fields out of the key as well.", .order = 1,
                    .width = Width::narrow,
                    .display_name = "Specifies whether the fields to be dropped should also be omitted from the key"});
    keys.push_back({.name = "drop.fields.keep.schema.compatible", .type = ConfigType::boolean, .default_text = "true",
                    .importance = Importance::low,
                    .documentation = "true: of those fields only the optional ones are left out; false: all of them.", .order = 1,
                    .width = Width::narrow,
                    .display_name = "Specifies if fields are dropped, will the event's schemas be compatible"});
    return keys;
  }()};
  return def;
}

Result<std::unique_ptr<Transform>> make_unwrap(const Config& options) {
  MR_CHECK(check_all_options(options, unwrap_definition(), {}));
  MR_TRY(UnwrapOptions unwrap, UnwrapOptions::read(options));
  DroppedFields dropped{.header = options.get("drop.fields.header.name"),
                        .from_key = options.boolean("drop.fields.from.key", false),
                        .only_optional = options.boolean("drop.fields.keep.schema.compatible", true)};
  if (trimmed(dropped.header).empty()) dropped.header.clear();
  return std::make_unique<ExtractNewRecordState>(std::move(unwrap), std::move(dropped));
}

}  // namespace

TransformClass extract_new_record_state() {
  return {.class_name = "io.debezium.transforms.ExtractNewRecordState", .version = envelope::k_debezium_version,
          .config_def = unwrap_definition, .make_transform = make_unwrap};
}

}  // namespace millrace
