// SetSchemaMetadata: the schema of the key or value gets another name or version.
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

const ConfigDef& set_schema_metadata_def() {
  static const ConfigDef def{
      {option("schema.name", ConfigType::string, std::nullopt, Importance::high, "The schema's new name."),
       option("schema.version", ConfigType::int32, std::nullopt, Importance::high, "The schema's new version."), replace_null_option()}};
  return def;
}

class SetSchemaMetadata final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(set_schema_metadata_def(), given));
    auto made = std::make_unique<SetSchemaMetadata>();
    made->part_ = part;
    made->replace_null_ = options.replace_null();
    if (const std::string* name = options.find("schema.name")) made->name_ = *name;
    if (const std::string* text = options.find("schema.version")) {
      int version = 0;
      std::from_chars(text->data(), text->data() + text->size(), version);   // read() has parsed it
      made->version_ = version;
    }
    if (!made->name_ && !made->version_) return fail("Neither schema name nor version configured", Retry::no, k_config_exception);
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    const SchemaPtr schema = schema_of(record, part_);
    Value& value = value_of(record, part_);
    if (schema == nullptr && value.is_null()) return record;
    if (schema == nullptr) return fail("Schema required for [updating schema metadata]", Retry::no, k_data_exception);
    MR_CHECK(require_fields(*schema, "list"));
    const SchemaPtr& renamed = renamed_schema(schema);
    schema_of(record, part_) = renamed;
    record.tombstone_headers = nullptr;
    if (value.structure() == nullptr) return record;
    Value::Struct structure = std::move(value).taken_structure();
    structure.schema = renamed;
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      MR_TRY(Value field, taken_value(*renamed->fields[i].schema, std::move(structure.fields[i]), replace_null_));
      MR_CHECK(put(structure, i, std::move(field)));
    }
    value = Value{std::move(structure)};
    return record;
  }

  bool follows_plan() const override { return true; }

 private:
  const SchemaPtr& renamed_schema(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    auto made = std::make_shared<Schema>(*from);
    if (name_) made->name = *name_;
    if (version_) made->version = version_;
    return cache_.put(from, std::move(made));
  }

  RecordPart part_ = RecordPart::value;
  std::optional<std::string> name_;
  std::optional<int> version_;
  bool replace_null_ = true;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> set_schema_metadata_classes() {
  return classes_of_both_parts<SetSchemaMetadata>("org.apache.kafka.connect.transforms.SetSchemaMetadata$Key",
                                                  "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value", set_schema_metadata_def);
}

}  // namespace millrace
