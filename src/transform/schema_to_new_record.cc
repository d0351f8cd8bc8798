// io.debezium.transforms.ExtractSchemaToNewRecord: the columns' source types beside the change event.
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/name_adjustment.h"
#include "core/schema_cache.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

constexpr std::string_view k_field = "sourceSchema";

SchemaPtr structure(std::string name, std::vector<Field> fields) {
  Schema schema = envelope::structure_schema(name, false, std::move(fields));
  schema.version = 1;
  return std::make_shared<const Schema>(std::move(schema));
}

const std::string* parameter(const Schema& schema, std::string_view name) {
  for (const auto& [known, text] : schema.parameters)
    if (known == "__debezium.source.column." + std::string{name}) return &text;
  return nullptr;
}

Value text_of(const std::string* text) { return text == nullptr ? Value{} : Value{*text}; }
Value number_of(const std::string* text) {
  std::int64_t number = 0;
  if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{}) return {};
  return Value{number};
}

class SchemaToNewRecord final : public Transform {
 public:
  explicit SchemaToNewRecord(NameAdjustment names) {
    using envelope::plain_schema;
    column_ = structure(adjusted_schema_name("io.debezium.connector.source.schema.Column", names),
                        {{"name", plain_schema(Type::string, false)}, {"typeName", plain_schema(Type::string, false)},
                         {"length", plain_schema(Type::int32, true)}, {"scale", plain_schema(Type::int32, true)},
                         {"comment", plain_schema(Type::string, true)}});
    Schema columns{.type = Type::array};
    columns.values = column_;
    table_ = structure("io.debezium.connector.source.schema.Table", {{"columns", std::make_shared<const Schema>(std::move(columns))}});
    block_ = structure(adjusted_schema_name("io.debezium.connector.source.Schema", names),
                       {{"id", plain_schema(Type::string, false)}, {"table", table_}});
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_change_event(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "field extraction"));
    MR_TRY(const Value* after, field_as_is(*event, "after"));
    MR_TRY(const Value* before, field_as_is(*event, "before"));
    if (after->is_null() && before->is_null()) return record;
    const Made* made = made_.find(event->schema);
    if (made == nullptr) {
      MR_TRY(Made fresh, make_of(*event));
      made = &made_.put(event->schema, std::move(fresh));
    }
    Value::Struct changed{.schema = made->schema, .fields = {}};
    for (std::size_t i = 0; i < event->fields.size(); ++i) {
      MR_TRY(Value value, value_or_default(*event->schema->fields[i].schema, event->fields[i]));
      changed.fields.push_back(std::move(value));
    }
    changed.fields.push_back(made->block);
    record.value_schema = changed.schema;
    record.value = Value{std::move(changed)};
    return record;
  }

 private:
  struct Made {
    SchemaPtr schema;
    Value block;
  };

  Result<Made> make_of(const Value::Struct& event) const {
    Schema basics = schema_basics(*event.schema);
    basics.optional = event.schema->optional;
    SchemaDraft draft{std::move(basics)};
    for (const Field& field : event.schema->fields) draft.add(field.name, field.schema);
    draft.add(std::string{k_field}, block_);
    MR_TRY(SchemaPtr schema, std::move(draft).built());
    MR_TRY(const Value* source, field_of_type(event, "source", Type::structure));
    if (source->structure() == nullptr) return fail("A change event has no source", Retry::no, k_null_pointer_exception);
    MR_TRY(Value id, field_or_default(*source->structure(), "table"));
    Value::Array columns;
    for (const Field& field : event.schema->field("after")->schema->fields) {
      const std::string* name = parameter(*field.schema, "name");
      const std::string* type = parameter(*field.schema, "type");
      if (name == nullptr || type == nullptr)
        return fail("The column " + field.name + " does not tell its source type. Ensure that the connector's "
                    "column.propagate.source.type or datatype.propagate.source.type is set to \".*\"", Retry::no, k_debezium_exception);
      columns.emplace_back(Value::Struct{.schema = column_,
                                         .fields = {text_of(name), text_of(type), number_of(parameter(*field.schema, "length")),
                                                    number_of(parameter(*field.schema, "scale")),
                                                    text_of(parameter(*field.schema, "comment"))}});
    }
    Value table{Value::Struct{.schema = table_, .fields = {Value{std::move(columns)}}}};
    return Made{.schema = std::move(schema), .block = Value{Value::Struct{.schema = block_, .fields = {std::move(id), std::move(table)}}}};
  }

  SchemaPtr column_, table_, block_;
  SchemaCache<Made> made_{10'240};
};

const ConfigDef& schema_to_new_record_definition() {
  static const ConfigDef def{std::vector<ConfigKey>{}};
  return def;
}

Result<std::unique_ptr<Transform>> make_schema_to_new_record(const Config& options) {
  MR_TRY(const std::string names, chosen(options, "schema.name.adjustment.mode", "none", {"none", "avro", "avro_unicode"}));
  return std::make_unique<SchemaToNewRecord>(name_adjustment(names));
}

}  // namespace

TransformClass schema_to_new_record() {
  return {.class_name = "io.debezium.transforms.ExtractSchemaToNewRecord", .version = envelope::k_debezium_version,
          .config_def = schema_to_new_record_definition, .make_transform = make_schema_to_new_record};
}

}  // namespace millrace
