#include "sources/mongodb/extract_new_document_state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/flattened_struct.h"
#include "core/unwrapping.h"
#include "sources/mongodb/document_converter.h"
#include "sources/mongodb/extended_json_reader.h"
#include "sources/mongodb/schemas_by_shape.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_envelope_end = ".Envelope";
constexpr std::string_view k_key_field = "id", k_id_field = "_id";

std::unexpected<Error> unfit_event(const ConnectRecord& record, std::string_view what) {
  return fail("A change event of topic " + record.topic + " " + std::string{what} +
                  ": ExtractNewDocumentState takes the events of MongoDB's connector, before any transform that changes them",
              Retry::no, k_data_exception);
}

const Value* field_of(const Value::Struct& value, std::string_view name) {
  for (std::size_t i = 0; i < value.fields.size(); ++i)
    if (value.schema->fields[i].name == name) return &value.fields[i];
  return nullptr;
}

const std::string* text_field(const Value::Struct& value, std::string_view name) {
  const Value* field = field_of(value, name);
  return field == nullptr ? nullptr : field->string();
}

void replace_dots(std::string& name, std::string_view delimiter) {
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + delimiter.size()))
    name.replace(dot, 1, delimiter);
}

struct Options {
  UnwrapOptions unwrap;
  ArrayEncoding arrays = ArrayEncoding::array;
  NameAdjustment names = NameAdjustment::none;
  bool flattens = false;
  std::string delimiter;
  bool rewrites_with_id = false;

  static Result<Options> read(const Config& options) {
    Options read;
    MR_TRY(read.unwrap, UnwrapOptions::read(options));
    MR_TRY(const std::string arrays, chosen(options, "array.encoding", "array", {"array", "document"}));
    if (arrays == "document") read.arrays = ArrayEncoding::document;
    MR_TRY(read.names, name_adjustment_of(options, "field.name.adjustment.mode"));
    read.flattens = options.boolean("flatten.struct", false);
    read.delimiter = options.get("flatten.struct.delimiter", "_");
    read.rewrites_with_id = options.boolean("delete.tombstone.handling.mode.rewrite-with-id", false);
    return read;
  }
};

class ExtractNewDocumentState final : public Transform {
 public:
  explicit ExtractNewDocumentState(Options options)
      : options_{std::move(options)}, deletes_{options_.unwrap.deletes}, converter_{options_.arrays, options_.names} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override;

 private:
  // The event's document; none: the record is dropped.
  Result<std::optional<DocumentFields>> document_of(const ConnectRecord& record, const DocumentValue& id) const;
  Result<std::optional<DocumentFields>> document_of_delete(const Value::Struct& event) const;
  Result<DocumentFields> partial_update(const Value::Struct& update, const DocumentValue& id) const;
  Result<void> put_key(const DocumentValue& id, ConnectRecord& record);
  Result<void> put_value(const DocumentFields& document, ConnectRecord& record);
  Result<DocumentSchemas> value_schemas(const DocumentFields& document, const Schema& event) const;
  Result<void> put_added(const Value::Struct& event, Value::Struct& value) const;

  const Options options_;
  const DeleteHandling& deletes_;
  const DocumentConverter converter_;
  SchemasByShape keys_, values_;
  std::string shape_;
};

Result<DocumentValue> id_of(const ConnectRecord& record) {
  const Value::Struct* key = record.key.structure();
  const std::string* text = key == nullptr ? nullptr : text_field(*key, k_key_field);
  if (text == nullptr) return unfit_event(record, "has a key without the text 'id'");
  return read_value(*text);
}

Result<std::optional<ConnectRecord>> ExtractNewDocumentState::apply(ConnectRecord record) {
  if (!has_change_event_key(record)) return record;
  const Value::Struct* event = record.value.structure();
  if (!options_.unwrap.headers.empty()) {
    MR_TRY(std::vector<Header> headers, added_headers(options_.unwrap.headers, event));
    for (Header& header : headers) add_shared_header(record, std::move(header));
  }
  MR_TRY(const DocumentValue id, id_of(record));
  if (event == nullptr) {
    if (!deletes_.keeps_tombstones) return std::nullopt;
    record.value_schema = nullptr;
  } else {
    if (!is_change_event(record)) return record;
    record.tombstone_headers = nullptr;
    MR_TRY(std::optional<DocumentFields> document, document_of(record, id));
    if (!document) return std::nullopt;
    MR_CHECK(put_value(*document, record));
  }
  MR_CHECK(put_key(id, record));
  return record;
}

Result<std::optional<DocumentFields>> ExtractNewDocumentState::document_of(const ConnectRecord& record, const DocumentValue& id) const {
  const Value::Struct& event = *record.value.structure();
  const Value* after = field_of(event, "after");
  const Value* update = field_of(event, "updateDescription");
  if (after == nullptr || update == nullptr) return unfit_event(record, "has no field 'after' or 'updateDescription'");
  std::optional<DocumentFields> document;
  const bool removed = after->is_null() && update->is_null();
  if (removed) {
    MR_TRY(document, document_of_delete(event));
    if (!document) return document;
  } else if (const std::string* text = after->string()) {
    MR_TRY(document, read_document(*text));
  } else if (after->is_null() && update->structure() != nullptr) {
    MR_TRY(document, partial_update(*update->structure(), id));
  } else {
    return unfit_event(record, "has an 'after' that is no text");
  }
  if (deletes_.rewrites()) {
    put(*document, std::string{k_deleted_field}, {.type = BSON_TYPE_BOOL, .integer = removed ? 1 : 0});
    if (options_.rewrites_with_id && find(*document, k_id_field) == nullptr) put(*document, std::string{k_id_field}, id);
  }
  return document;
}

// Without fields: a tombstone.
Result<std::optional<DocumentFields>> ExtractNewDocumentState::document_of_delete(const Value::Struct& event) const {
  if (deletes_.on_delete == DeleteHandling::OnDelete::drop) return std::nullopt;
  const std::string* before = deletes_.rewrites() ? text_field(event, "before") : nullptr;
  if (before == nullptr) return DocumentFields{};
  return read_document(*before);
}

// What an update without the whole document says of it.
Result<DocumentFields> ExtractNewDocumentState::partial_update(const Value::Struct& update, const DocumentValue& id) const {
  DocumentFields document;
  if (const std::string* updated = text_field(update, "updatedFields")) {
    MR_TRY(document, read_document(*updated));
  }
  const Value* removed = field_of(update, "removedFields");
  if (const Value::Array* names = removed == nullptr ? nullptr : removed->array())
    for (const Value& name : *names)
      if (name.string() != nullptr) std::erase_if(document, [&](const DocumentField& field) { return field.name == *name.string(); });
  if (find(document, k_id_field) == nullptr) document.push_back({std::string{k_id_field}, id});
  if (!options_.flattens) return document;
  DocumentFields renamed;
  for (DocumentField& field : document) {
    replace_dots(field.name, options_.delimiter);
    put(renamed, std::move(field.name), std::move(field.value));
  }
  return renamed;
}

Result<void> ExtractNewDocumentState::put_key(const DocumentValue& id, ConnectRecord& record) {
  const DocumentFields fields{{std::string{k_key_field}, id}};
  shape_.clear();
  converter_.append_shape(fields, shape_);
  MR_TRY(DocumentSchemas schemas, keys_.of(shape_, [&]() -> Result<DocumentSchemas> {
    SchemaDraft draft{Schema{.type = Type::structure}};
    MR_CHECK(converter_.add_fields(fields, draft));
    MR_TRY(SchemaPtr schema, std::move(draft).built());
    return DocumentSchemas{.document = std::move(schema), .made = nullptr};
  }));
  Value::Struct key = struct_without_values(schemas.document);
  MR_CHECK(converter_.put_fields(fields, key));
  record.key_schema = std::move(schemas.document);
  record.key = Value{std::move(key)};
  return {};
}

Result<DocumentSchemas> ExtractNewDocumentState::value_schemas(const DocumentFields& document, const Schema& event) const {
  std::string name = event.name;
  if (name.ends_with(k_envelope_end)) name.resize(name.size() - k_envelope_end.size());
  SchemaDraft draft{Schema{.type = Type::structure, .name = std::move(name)}};
  MR_CHECK(converter_.add_fields(document, draft));
  for (const AddedField& added : options_.unwrap.fields) {
    MR_TRY(SchemaPtr schema, added.schema(event));
    if (schema) draft.add(added.name(), std::move(schema));
  }
  DocumentSchemas schemas;
  MR_TRY(schemas.document, std::move(draft).built());
  if (options_.flattens) {
    MR_TRY(schemas.made, flattened_schema(*schemas.document, options_.delimiter));
  }
  return schemas;
}

Result<void> ExtractNewDocumentState::put_added(const Value::Struct& event, Value::Struct& value) const {
  for (const AddedField& added : options_.unwrap.fields) {
    const auto& fields = value.schema->fields;
    const auto at = std::ranges::find(fields, added.name(), &Field::name);
    MR_TRY(Value given, added.value(event, at == fields.end() ? nullptr : at->schema));
    value.fields[static_cast<std::size_t>(at - fields.begin())] = std::move(given);
  }
  return {};
}

Result<void> ExtractNewDocumentState::put_value(const DocumentFields& document, ConnectRecord& record) {
  if (document.empty()) {
    record.value_schema = nullptr;
    record.value = {};
    return {};
  }
  values_.begin_shape(record.value_schema, shape_);
  converter_.append_shape(document, shape_);
  MR_TRY(DocumentSchemas schemas, values_.of(shape_, [&] { return value_schemas(document, *record.value_schema); }));
  Value::Struct value = struct_without_values(schemas.document);
  MR_CHECK(converter_.put_fields(document, value));
  MR_CHECK(put_added(*record.value.structure(), value));
  record.value = options_.flattens ? flattened_value(value, schemas.made) : Value{std::move(value)};
  record.value_schema = options_.flattens ? std::move(schemas.made) : std::move(schemas.document);
  return {};
}

}  // namespace

const ConfigDef& extract_new_document_state_def() {
  static const ConfigDef def = [] {
    std::vector<ConfigKey> keys = unwrap_keys();
    keys.push_back({.name = "array.encoding", .type = ConfigType::string, .default_text = "array", .importance = Importance::medium,
                    .documentation = "'array': arrays are arrays, whose items must be of one type. 'document': they are structs with the "
                                     "fields _0, _1 and so on, whose types may differ.",
                    .order = 1, .width = Width::narrow, .display_name = "Array encoding"});
    keys.push_back({.name = "flatten.struct", .type = ConfigType::boolean, .default_text = "false", .importance = Importance::low,
                    .documentation = "Bring the fields of nested documents up, with their whole path as name.",
                    .order = 1, .width = Width::narrow, .display_name = "Flatten struct"});
    keys.push_back({.name = "flatten.struct.delimiter", .type = ConfigType::string, .default_text = "_", .importance = Importance::low,
                    .documentation = "What stands between the names of such a path.",
                    .order = 1, .width = Width::narrow, .display_name = "Delimiter for flattened struct"});
    return ConfigDef{std::move(keys)};
  }();
  return def;
}

Result<std::unique_ptr<Transform>> make_extract_new_document_state(const Config& options) {
  MR_TRY(Options read, Options::read(options));
  return std::make_unique<ExtractNewDocumentState>(std::move(read));
}

}  // namespace millrace::mongodb
