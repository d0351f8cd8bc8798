// HoistField: the key or value becomes the only field of a structure, or without schema of a map.
#include <memory>
#include <utility>

#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

const ConfigDef& hoist_field_def() {
  static const ConfigDef def{
      {required_option("field", ConfigType::string, Importance::medium, "The name of the field that holds the former key or value.")}};
  return def;
}

class HoistField final : public Transform {
 public:
  HoistField(RecordPart part, std::string field) : part_{part}, field_{std::move(field)} {}

  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(hoist_field_def(), given));
    return std::make_unique<HoistField>(part, options.text("field"));
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    const SchemaPtr schema = schema_of(record, part_);
    Value value = std::move(value_of(record, part_));
    if (schema == nullptr) {
      Value::Map map;
      map.emplace_back(Value{field_}, std::move(value));
      return with_part(std::move(record), part_, nullptr, Value{std::move(map)});
    }
    MR_TRY(const SchemaPtr hoisted, hoisted_schema(schema));
    Value::Struct structure = empty_struct(hoisted);
    MR_CHECK(put(structure, 0, std::move(value)));
    return with_part(std::move(record), part_, hoisted, Value{std::move(structure)});
  }

  bool follows_plan() const override { return true; }

 private:
  Result<SchemaPtr> hoisted_schema(const SchemaPtr& schema) {
    if (const SchemaPtr* known = cache_.find(schema)) return *known;
    SchemaDraft draft{Schema{.type = Type::structure}};
    draft.add(field_, schema);
    MR_TRY(SchemaPtr made, std::move(draft).built());
    return cache_.put(schema, std::move(made));
  }

  RecordPart part_;
  std::string field_;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> hoist_field_classes() {
  return classes_of_both_parts<HoistField>("org.apache.kafka.connect.transforms.HoistField$Key",
                                           "org.apache.kafka.connect.transforms.HoistField$Value", hoist_field_def);
}

}  // namespace millrace
