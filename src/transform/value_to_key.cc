// ValueToKey: the key is made anew of fields of the value.
#include <memory>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_copying_to_key = "copying fields from value to key";

const ConfigDef& value_to_key_def() {
  static const ConfigDef def{{required_option("fields", ConfigType::list, Importance::high,
                                              "The value's fields of which the key is made.", non_empty_list()),
                              replace_null_option()}};
  return def;
}

class ValueToKey final : public Transform {
 public:
  ValueToKey(std::vector<std::string> fields, bool replace_null) : fields_{std::move(fields)}, replace_null_{replace_null} {}

  static Result<std::unique_ptr<Transform>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(value_to_key_def(), given));
    return std::make_unique<ValueToKey>(options.list("fields"), options.replace_null());
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    return record.value_schema == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

  bool follows_plan() const override { return true; }

 private:
  struct Key {
    SchemaPtr schema;
    std::vector<std::size_t> from;
  };

  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    MR_TRY(const Value::Map* map, require_map(record.value, k_copying_to_key));
    Value::Map entries;
    for (const std::string& name : fields_) {
      const Value* value = find_in(*map, name);
      put_in(entries, name, value == nullptr ? Value{} : *value);
    }
    record.key_schema = nullptr;
    record.tombstone_headers = nullptr;
    record.key = Value{hash_map(std::move(entries), buckets_for_capacity(fields_.size()))};
    return record;
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) {
    MR_TRY(const Value::Struct* value, require_struct(record.value_schema, record.value, k_copying_to_key));
    MR_TRY(const Key* made, key_of(value->schema));
    Value::Struct key = empty_struct(made->schema);
    for (std::size_t i = 0; i < key.fields.size(); ++i) {
      const std::size_t from = made->from[i];
      MR_TRY(Value field, taken_value(*value->schema->fields[from].schema, value->fields[from], replace_null_));
      MR_CHECK(put(key, i, std::move(field)));
    }
    record.key_schema = made->schema;
    record.tombstone_headers = nullptr;
    record.key = Value{std::move(key)};
    return record;
  }

  Result<const Key*> key_of(const SchemaPtr& value) {
    if (const Key* known = cache_.find(value)) return known;
    Key key;
    SchemaDraft draft{Schema{.type = Type::structure}};
    for (const std::string& name : fields_) {
      const auto index = field_index(*value, name);
      if (!index) return fail("Field does not exist: " + name, Retry::no, k_data_exception);
      draft.add(name, value->fields[*index].schema);
      key.from.push_back(*index);
    }
    MR_TRY(key.schema, std::move(draft).built());
    return &cache_.put(value, std::move(key));
  }

  std::vector<std::string> fields_;
  bool replace_null_;
  SchemaCache<Key> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 1> value_to_key_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.ValueToKey", .version = k_connect_version,
                         .config_def = value_to_key_def, .make_transform = ValueToKey::create}};
}

}  // namespace millrace
