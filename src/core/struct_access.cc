#include "core/struct_access.h"

#include <algorithm>

#include "core/java_class.h"

namespace millrace {
namespace {

std::unexpected<Error> data_error(std::string text) { return fail(std::move(text), Retry::no, k_data_exception); }

bool fits(Type type, const Value& value) {
  switch (type) {
    case Type::boolean: return value.boolean() != nullptr;
    case Type::int8:
    case Type::int16:
    case Type::int32:
    case Type::int64: return value.integer() != nullptr;
    case Type::float32: return value.float32() != nullptr;
    case Type::float64: return value.float64() != nullptr;
    case Type::string: return value.string() != nullptr;
    case Type::bytes: return value.bytes() != nullptr;
    case Type::array: return value.array() != nullptr;
    case Type::map: return value.map() != nullptr;
    case Type::structure: return value.structure() != nullptr;
  }
  return false;
}

bool same_default(const Schema& left, const Schema& right) {
  if (!left.default_value || !right.default_value) return left.default_value == right.default_value;
  return *left.default_value == *right.default_value;
}

bool same_fields(const Schema& left, const Schema& right) {
  return std::ranges::equal(left.fields, right.fields, [](const Field& a, const Field& b) {
    return a.name == b.name && same_schema(a.schema, b.schema);
  });
}

Result<void> check_at(const std::string& location, const Schema& schema, const Value& value) {
  if (value.mark() != nullptr) return {};
  if (value.is_null()) {
    if (schema.optional) return {};
    return data_error("Invalid value: null used for required " + location + ", schema type: " + std::string{type_constant(schema.type)});
  }
  if (!fits(schema.type, value)) {
    const std::string name = schema.name.empty() ? "" : " \"" + schema.name + '"';
    return data_error("Invalid Java object for schema" + name + " with type " + std::string{type_constant(schema.type)} + ": class " +
                      std::string{java_class_of(nullptr, value)} + " for " + location);
  }
  if (const Value::Struct* inner = value.structure()) {
    if (inner->schema.get() == &schema) return {};   // it was checked when it was made
    if (!same_schema(inner->schema, SchemaPtr{SchemaPtr{}, &schema})) return data_error("Struct schemas do not match.");
    return {};
  }
  if (const Value::Array* items = value.array())
    for (const Value& item : *items) MR_CHECK(check_at("element of array " + location, *schema.values, item));
  if (const Value::Map* entries = value.map())
    for (const auto& [key, entry] : *entries) {
      MR_CHECK(check_at("key of map " + location, *schema.keys, key));
      MR_CHECK(check_at("value of map " + location, *schema.values, entry));
    }
  return {};
}

}  // namespace

std::string_view type_constant(Type type) {
  static constexpr std::string_view k_names[] = {"BOOLEAN", "INT8", "INT16", "INT32", "INT64", "FLOAT32",
                                                 "FLOAT64", "STRING", "BYTES", "ARRAY", "MAP", "STRUCT"};
  return k_names[static_cast<std::size_t>(type)];
}

std::optional<std::size_t> field_index(const Schema& schema, std::string_view name) {
  const auto at = std::ranges::find(schema.fields, name, &Field::name);
  if (at == schema.fields.end()) return std::nullopt;
  return static_cast<std::size_t>(at - schema.fields.begin());
}

Result<Value> value_or_default(const Schema& schema, const Value& value) {
  if (schema.default_value == nullptr) return value;
  // A mark stays: the schema keeps its default, and plans are folded only for converters that print it for null.
  return value.is_null() ? *schema.default_value : value;
}

Result<const Value*> field_as_is(const Value::Struct& structure, std::string_view name) {
  const auto index = field_index(*structure.schema, name);
  if (!index) return data_error(std::string{name} + " is not a valid field name");
  return &structure.fields[*index];
}

Result<Value> field_or_default(const Value::Struct& structure, std::string_view name) {
  const auto index = field_index(*structure.schema, name);
  if (!index) return data_error(std::string{name} + " is not a valid field name");
  return value_or_default(*structure.schema->fields[*index].schema, structure.fields[*index]);
}

Result<const Value*> field_of_type(const Value::Struct& structure, std::string_view name, Type type) {
  const auto index = field_index(*structure.schema, name);
  if (!index) return data_error(std::string{name} + " is not a valid field name");
  if (structure.schema->fields[*index].schema->type != type)
    return data_error("Field '" + std::string{name} + "' is not of type " + std::string{type_constant(type)});
  return &structure.fields[*index];
}

Result<const Value::Struct*> require_struct(const SchemaPtr& schema, const Value& value, std::string_view purpose) {
  if (const Value::Struct* found = value.structure()) return found;
  return data_error("Only Struct objects supported for [" + std::string{purpose} + "], found: " + std::string{java_class_of(schema.get(), value)});
}

bool same_schema(const SchemaPtr& left, const SchemaPtr& right) {
  if (left == right) return true;
  if (!left || !right) return false;
  return left->type == right->type && left->optional == right->optional && left->name == right->name &&
         left->version == right->version && left->doc == right->doc && left->parameters == right->parameters &&
         same_default(*left, *right) && same_schema(left->keys, right->keys) && same_schema(left->values, right->values) &&
         same_fields(*left, *right);
}

Result<void> check_value(std::string_view name, const Schema& schema, const Value& value) {
  return check_at("field: \"" + std::string{name} + '"', schema, value);
}

}  // namespace millrace
