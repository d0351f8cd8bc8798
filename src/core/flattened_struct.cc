#include "core/flattened_struct.h"

#include <string>
#include <utility>
#include <vector>

#include "core/schema_draft.h"

namespace millrace {
namespace {

// The default of a field whose schema has none: what the default of its struct holds.
std::shared_ptr<const Value> default_inside(const Value* parent, std::size_t field) {
  const Value::Struct* whole = parent == nullptr ? nullptr : parent->structure();
  if (whole == nullptr || whole->fields[field].is_null()) return nullptr;
  return std::make_shared<const Value>(whole->fields[field]);
}

struct Flattening {
  std::string_view delimiter;
  SchemaDraft draft;

  Result<void> add(const Schema& schema, const std::string& path, bool optional, const Value* fallback) {
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      const Schema& field = *schema.fields[i].schema;
      std::string name = path.empty() ? schema.fields[i].name : path + std::string{delimiter} + schema.fields[i].name;
      const bool may_be_absent = optional || field.optional;
      const auto value = field.default_value ? field.default_value : default_inside(fallback, i);
      if (field.type == Type::map)
        return fail("Flatten transformation does not support MAP for record with schemas (for field " + name + ").", Retry::no,
                    k_data_exception);
      if (field.type == Type::structure) {
        MR_CHECK(add(field, name, may_be_absent, value.get()));
        continue;
      }
      Schema leaf = schema_basics(field);
      leaf.optional = may_be_absent;
      leaf.default_value = value;
      draft.add(std::move(name), std::make_shared<const Schema>(std::move(leaf)));
    }
    return {};
  }
};

void put_absent(const Schema& schema, std::vector<Value>& out) {
  for (const Field& field : schema.fields) {
    if (field.schema->type == Type::structure) put_absent(*field.schema, out);
    else out.emplace_back();
  }
}

void put_fields(const Value::Struct& value, std::vector<Value>& out) {
  for (std::size_t i = 0; i < value.fields.size(); ++i) {
    const Schema& schema = *value.schema->fields[i].schema;
    const Value& given = value.fields[i];
    if (const Value::Struct* inner = given.structure()) put_fields(*inner, out);
    else if (schema.type == Type::structure) put_absent(schema, out);
    else out.push_back(given.is_null() && schema.default_value ? *schema.default_value : given);
  }
}

}  // namespace

Result<SchemaPtr> flattened_schema(const Schema& schema, std::string_view delimiter) {
  Schema basics = schema_basics(schema);
  Flattening flattening{.delimiter = delimiter, .draft = SchemaDraft{std::move(basics)}};
  MR_CHECK(flattening.add(schema, "", schema.optional, schema.default_value.get()));
  return std::move(flattening.draft).built();
}

Value flattened_value(const Value::Struct& value, SchemaPtr flattened) {
  std::vector<Value> fields;
  fields.reserve(flattened->fields.size());
  put_fields(value, fields);
  return Value{Value::Struct{std::move(flattened), std::move(fields)}};
}

}  // namespace millrace
