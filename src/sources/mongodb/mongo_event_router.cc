#include "sources/mongodb/mongo_event_router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "core/envelope.h"
#include "core/log.h"
#include "core/outbox_routing.h"
#include "core/struct_access.h"
#include "sources/mongodb/canonical_json.h"
#include "sources/mongodb/document_converter.h"
#include "sources/mongodb/extended_json_reader.h"
#include "sources/mongodb/schemas_by_shape.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_after = "after";

// A collection's option, and the table's of the same meaning.
struct NamePair {
  std::string_view collection, table;
};
constexpr std::array k_names{
    NamePair{"collection.field.event.id", "table.field.event.id"},
    NamePair{"collection.field.event.key", "table.field.event.key"},
    NamePair{"collection.field.event.type", "table.field.event.type"},
    NamePair{"collection.field.event.timestamp", "table.field.event.timestamp"},
    NamePair{"collection.field.event.payload", "table.field.event.payload"},
    NamePair{"collection.field.event.schema.version", "table.field.event.schema.version"},
    NamePair{"collection.fields.additional.placement", "table.fields.additional.placement"},
    NamePair{"table.op.invalid.behavior", "table.op.invalid.behavior"},
    NamePair{"route.by.field", "route.by.field"},
    NamePair{"route.topic.regex", "route.topic.regex"},
    NamePair{"route.topic.replacement", "route.topic.replacement"},
    NamePair{"route.tombstone.on.empty.payload", "route.tombstone.on.empty.payload"},
};

Config as_of_a_table(const Config& options) {
  Config table;
  for (const NamePair& name : k_names)
    if (const std::string* text = options.find(name.collection)) table.set(std::string{name.table}, *text);
  if (!table.has("table.field.event.id")) table.set("table.field.event.id", "_id");
  return table;
}

Error in_words_of_a_collection(Error error) {
  for (const NamePair& name : k_names)
    if (const auto at = error.text.find(name.table); at != std::string::npos) error.text.replace(at, name.table.size(), name.collection);
  return error;
}

SchemaPtr event_time_schema() {
  static const SchemaPtr schema =
      std::make_shared<const Schema>(envelope::semantic_schema(Type::int64, "io.debezium.time.Timestamp", false));
  return schema;
}

class MongoEventRouter final : public Transform {
 public:
  MongoEventRouter(OutboxOptions options, bool expands_payload)
      : payload_{options.payload}, timestamp_{options.timestamp}, expands_payload_{expands_payload}, routing_{std::move(options)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override;

 private:
  Result<void> expand(ConnectRecord& record);
  Result<DocumentSchemas> schemas_of(const DocumentFields& document, const Schema& event, std::size_t after) const;
  Result<Value> struct_of(const DocumentFields& document, const SchemaPtr& schema) const;

  const std::string payload_;
  const std::optional<std::string> timestamp_;
  const bool expands_payload_;
  OutboxRouting routing_;
  const DocumentConverter converter_{ArrayEncoding::array};
  SchemasByShape schemas_;
  std::string shape_;
};

Result<std::optional<ConnectRecord>> MongoEventRouter::apply(ConnectRecord record) {
  MR_TRY(const OutboxRouting::Fate fate, routing_.fate(record));
  if (fate == OutboxRouting::Fate::dropped) return std::nullopt;
  if (fate == OutboxRouting::Fate::unchanged) return record;
  if (const auto expanded = expand(record); !expanded)
    logger("io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter")
        ->warn("Failed to expand after field of a record of {}: {}", record.topic, expanded.error().text);
  MR_TRY(ConnectRecord routed, routing_.routed(std::move(record)));
  return routed;
}

// The text of `after` becomes a struct.
Result<void> MongoEventRouter::expand(ConnectRecord& record) {
  const Value::Struct* event = record.value.structure();
  const auto after = event == nullptr ? std::nullopt : field_index(*event->schema, k_after);
  const std::string* text = after ? event->fields[*after].string() : nullptr;
  if (text == nullptr) return fail("Unable to expand non-String after field", Retry::no, "java.lang.IllegalStateException");
  MR_TRY(DocumentFields document, read_document(*text));
  DocumentValue* payload = find(document, payload_);
  if (payload != nullptr && !expands_payload_ && payload->type == BSON_TYPE_DOCUMENT)
    *payload = {.type = BSON_TYPE_UTF8, .text = canonical_json(payload->fields)};
  schemas_.begin_shape(event->schema, shape_);
  converter_.append_shape(document, shape_);
  MR_TRY(const DocumentSchemas schemas, schemas_.of(shape_, [&] { return schemas_of(document, *event->schema, *after); }));
  Value::Struct expanded{.schema = schemas.made, .fields = event->fields};
  MR_TRY(expanded.fields[*after], struct_of(document, schemas.document));
  record.value_schema = schemas.made;
  record.value = Value{std::move(expanded)};
  return {};
}

Result<DocumentSchemas> MongoEventRouter::schemas_of(const DocumentFields& document, const Schema& event, std::size_t after) const {
  SchemaDraft draft{Schema{.type = Type::structure, .name = event.fields[after].schema->name}};
  for (const DocumentField& field : document) {
    if (field.name == timestamp_) draft.add(field.name, event_time_schema());
    else MR_CHECK(converter_.add_field(field, draft));
  }
  DocumentSchemas schemas;
  MR_TRY(schemas.document, std::move(draft).built());
  Schema made = event;
  made.fields[after].schema = schemas.document;
  schemas.made = std::make_shared<const Schema>(std::move(made));
  return schemas;
}

Result<Value> MongoEventRouter::struct_of(const DocumentFields& document, const SchemaPtr& schema) const {
  Value::Struct out = struct_without_values(schema);
  std::size_t expected = 0;
  for (const DocumentField& field : document) {
    if (field.name == timestamp_ && field.value.type != BSON_TYPE_INT64)
      return fail("The field " + field.name + ", which collection.field.event.timestamp names, is no int64", Retry::no, k_data_exception);
    if (field.name == timestamp_) out.fields[*field_index(*schema, field.name)] = Value{field.value.integer};
    else MR_CHECK(converter_.put_field(field, out, expected));
  }
  return Value{std::move(out)};
}

ConfigKey of_a_collection(const NamePair& name) {
  const ConfigKey* table = outbox_keys().find(name.table);
  ConfigKey key = table == nullptr ? ConfigKey{} : *table;
  key.name = name.collection;
  if (key.group == "Table") key.group = "Collection";
  return key;
}

ConfigKey expansion_key() {
  ConfigKey key = of_a_collection({"collection.expand.json.payload", "table.expand.json.payload"});
  key.documentation = "Keep a payload that is a document as a struct. Otherwise it becomes a text of extended JSON.";
  return key;
}

}  // namespace

const ConfigDef& mongo_event_router_def() {
  static const ConfigDef def = [] {
    constexpr std::array order{
        "collection.field.event.id", "collection.field.event.key", "collection.field.event.type", "collection.field.event.payload",
        "collection.field.event.timestamp", "collection.fields.additional.placement", "collection.field.event.schema.version",
        "table.op.invalid.behavior"};
    std::vector<ConfigKey> keys;
    for (const std::string_view name : order) keys.push_back(of_a_collection(*std::ranges::find(k_names, name, &NamePair::collection)));
    keys[0].default_text = "_id";
    keys[1].default_text.reset();   // the table's default is what counts
    keys.push_back(expansion_key());
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i].order = static_cast<int>(i + 1);
    for (const ConfigKey& key : outbox_keys().keys())
      if (key.group == "Router" || key.group == "Tracing") keys.push_back(key);
    return ConfigDef{std::move(keys)};
  }();
  return def;
}

Result<std::unique_ptr<Transform>> make_mongo_event_router(const Config& options) {
  auto read = OutboxOptions::read(as_of_a_table(options));
  if (!read) return std::unexpected{in_words_of_a_collection(std::move(read).error())};
  return std::make_unique<MongoEventRouter>(std::move(*read), options.boolean("collection.expand.json.payload", false));
}

}  // namespace millrace::mongodb
