// Flatten: fields of structures in structures become fields of one structure, with the names of the way to them.
#include <memory>
#include <utility>

#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_flattening = "flattening";

const ConfigDef& flatten_def() {
  static const ConfigDef def{
      {option("delimiter", ConfigType::string, ".", Importance::medium, "What stands between the names of the fields on the way.")}};
  return def;
}

class Flatten final : public Transform {
 public:
  Flatten(RecordPart part, std::string delimiter) : part_{part}, delimiter_{std::move(delimiter)} {}

  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(flatten_def(), given));
    return std::make_unique<Flatten>(part, options.text("delimiter"));
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    Value& value = value_of(record, part_);
    if (value.is_null()) return record;
    if (schema_of(record, part_) == nullptr) return schemaless(std::move(record));
    MR_CHECK(require_struct(schema_of(record, part_), value, k_flattening));
    const Value::Struct from = std::move(value).taken_structure();
    MR_TRY(const SchemaPtr schema, flat_schema(from.schema));
    Value::Struct to = empty_struct(schema);
    std::size_t at = 0;
    MR_CHECK(flatten(from, to, at));
    return with_part(std::move(record), part_, schema, Value{std::move(to)});
  }

  bool follows_plan() const override { return true; }

 private:
  std::string joined(const std::string& prefix, const std::string& name) const {
    return prefix.empty() ? name : prefix + delimiter_ + name;
  }

  Result<SchemaPtr> flat_schema(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    SchemaDraft draft{struct_basics(*from)};
    const Value* fallback = from->default_value.get();
    MR_CHECK(add_fields(*from, "", draft, from->optional, fallback == nullptr ? nullptr : fallback->structure()));
    MR_TRY(SchemaPtr made, std::move(draft).built());
    return cache_.put(from, std::move(made));
  }

  // `optional`: a structure on the way is. `fallback`: of the structure; null: none.
  Result<void> add_fields(const Schema& schema, const std::string& prefix, SchemaDraft& draft, bool optional,
                          const Value::Struct* fallback) const {
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      const Field& field = schema.fields[i];
      const std::string name = joined(prefix, field.name);
      const bool field_optional = optional || field.schema->optional;
      const Value* field_fallback = field.schema->default_value.get();
      if (field_fallback == nullptr && fallback != nullptr && !fallback->fields[i].is_null()) field_fallback = &fallback->fields[i];
      if (field.schema->type == Type::structure) {
        MR_CHECK(add_fields(*field.schema, name, draft, field_optional, field_fallback == nullptr ? nullptr : field_fallback->structure()));
        continue;
      }
      if (field.schema->type == Type::map)
        return fail("Flatten transformation does not support " + std::string{type_constant(field.schema->type)} +
                        " for record with schemas (for field " + name + ").", Retry::no, k_data_exception);
      Schema flat = schema_basics(*field.schema);
      flat.optional = field_optional;
      if (field_fallback != nullptr) flat.default_value = std::make_shared<const Value>(*field_fallback);
      draft.add(name, std::make_shared<const Schema>(std::move(flat)));
    }
    return {};
  }

  // Fields of a structure that is null stay null without a look at whether they may.
  static Result<void> flatten(const Value::Struct& from, Value::Struct& to, std::size_t& at) {
    for (std::size_t i = 0; i < from.schema->fields.size(); ++i) {
      const Schema& schema = *from.schema->fields[i].schema;
      if (schema.type != Type::structure) {
        MR_TRY(Value value, taken_value(schema, from.fields[i], true));
        MR_CHECK(put(to, at++, std::move(value)));
      } else if (const Value::Struct* inner = from.fields[i].structure()) {
        MR_CHECK(flatten(*inner, to, at));
      } else if (from.fields[i].mark() != nullptr) {
        return fail("A slot cannot be taken apart");
      } else {
        at += leaves(schema);
      }
    }
    return {};
  }

  static std::size_t leaves(const Schema& schema) {
    std::size_t count = 0;
    for (const Field& field : schema.fields) count += field.schema->type == Type::structure ? leaves(*field.schema) : 1;
    return count;
  }

  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    MR_TRY(const Value::Map* map, require_map(value_of(record, part_), k_flattening));
    Value::Map flat;
    MR_CHECK(flatten(*map, "", flat));
    return with_part(std::move(record), part_, nullptr, Value{std::move(flat)});
  }

  Result<void> flatten(const Value::Map& map, const std::string& prefix, Value::Map& flat) const {
    for (const auto& [key, value] : map) {
      const std::string name = joined(prefix, *key.string());
      if (const Value::Map* inner = value.map()) {
        MR_CHECK(flatten(*inner, name, flat));
      } else if (value.structure() != nullptr) {
        return fail("Flatten transformation does not support class " + std::string{java_class_of(nullptr, value)} +
                        " for record without schemas (for field " + name + ").", Retry::no, k_data_exception);
      } else {
        put_in(flat, name, value);
      }
    }
    return {};
  }

  RecordPart part_;
  std::string delimiter_;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> flatten_classes() {
  return classes_of_both_parts<Flatten>("org.apache.kafka.connect.transforms.Flatten$Key",
                                        "org.apache.kafka.connect.transforms.Flatten$Value", flatten_def);
}

}  // namespace millrace
