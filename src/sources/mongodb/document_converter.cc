// The half of DocumentConverter that brings values into their schema's form.
#include "sources/mongodb/document_converter.h"

#include <memory>
#include <utility>
#include <vector>

namespace millrace::mongodb {
namespace {

std::unexpected<Error> misfit(const std::string& problem) { return fail(problem, Retry::no, k_data_exception); }

std::unexpected<Error> misfit(const DocumentValue& value, const Schema& schema) {
  return misfit("A value of BSON type " + std::to_string(value.type) + " does not fit the schema" +
                (schema.name.empty() ? "" : " " + schema.name) +
                " that was made of the first items of its array.\nCheck option 'struct' of parameter 'array.encoding'");
}

// What a value of no own structure is; null for those that have one.
Value scalar(const DocumentValue& value) {
  constexpr std::int64_t k_ms_per_second = 1000;
  switch (value.type) {
    case BSON_TYPE_UTF8:
    case BSON_TYPE_OID:
    case BSON_TYPE_CODE:
    case BSON_TYPE_DECIMAL128: return Value{value.text};
    case BSON_TYPE_DOUBLE: return Value{value.number};
    case BSON_TYPE_BINARY: return Value{Bytes{value.text}};
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
    case BSON_TYPE_DATE_TIME: return Value{value.integer};
    case BSON_TYPE_TIMESTAMP: return Value{value.integer * k_ms_per_second};
    case BSON_TYPE_BOOL: return Value{value.integer != 0};
    default: return {};
  }
}

bool fits(const DocumentValue& value, const Schema& schema) {
  switch (value.type) {
    case BSON_TYPE_UTF8:
    case BSON_TYPE_OID:
    case BSON_TYPE_CODE:
    case BSON_TYPE_DECIMAL128: return schema.type == Type::string;
    case BSON_TYPE_DOUBLE: return schema.type == Type::float64;
    case BSON_TYPE_BINARY: return schema.type == Type::bytes;
    case BSON_TYPE_INT32: return schema.type == Type::int32;
    case BSON_TYPE_INT64: return schema.type == Type::int64 && schema.name.empty();
    case BSON_TYPE_DATE_TIME:
    case BSON_TYPE_TIMESTAMP: return schema.name == k_connect_timestamp;
    case BSON_TYPE_BOOL: return schema.type == Type::boolean;
    case BSON_TYPE_ARRAY: return schema.type == Type::array || schema.type == Type::structure;
    default: return schema.type == Type::structure;
  }
}

// The place of a field; `expected` is where it is when nothing was left out before it.
std::size_t place_of(const Schema& schema, std::string_view name, std::size_t expected) {
  if (expected < schema.fields.size() && schema.fields[expected].name == name) return expected;
  for (std::size_t i = 0; i < schema.fields.size(); ++i)
    if (schema.fields[i].name == name) return i;
  return schema.fields.size();
}

// What Debezium cannot put into a scope, whose fields it looks for in the schema of the code.
bool has_structure(const DocumentValue& value, ArrayEncoding arrays) {
  switch (value.type) {
    case BSON_TYPE_DOCUMENT:
    case BSON_TYPE_REGEX:
    case BSON_TYPE_CODEWSCOPE: return true;
    case BSON_TYPE_ARRAY:
      if (arrays == ArrayEncoding::document) return true;
      return !value.items.empty() && (value.items[0].type == BSON_TYPE_DOCUMENT || value.items[0].type == BSON_TYPE_ARRAY);
    default: return false;
  }
}

}  // namespace

Value::Struct struct_without_values(const SchemaPtr& schema) {
  return {.schema = schema, .fields = std::vector<Value>(schema->fields.size())};
}

Result<void> DocumentConverter::put_fields(const DocumentFields& fields, Value::Struct& parent) const {
  std::size_t expected = 0;
  for (const DocumentField& field : fields) MR_CHECK(put_field(field, parent, expected));
  return {};
}

Result<void> DocumentConverter::put_field(const DocumentField& field, Value::Struct& parent, std::size_t& expected) const {
  if (leaves_out(field.value)) return {};
  const std::string name = name_of(field.name);
  const Schema& schema = *parent.schema;
  const std::size_t place = place_of(schema, name, expected);
  if (place == schema.fields.size())
    return misfit("Failed to find field '" + name + "' in schema " + schema.name +
                  ": the documents of an array are not alike.\nCheck option 'struct' of parameter 'array.encoding'");
  MR_TRY(parent.fields[place], value_of(field.value, schema.fields[place].schema));
  expected = place + 1;
  return {};
}

Result<Value> DocumentConverter::value_of(const DocumentValue& value, const SchemaPtr& schema) const {
  if (value.type == BSON_TYPE_NULL) {
    if (!schema->optional) return misfit("Invalid value: null used for required field of schema " + schema->name);
    return Value{};
  }
  if (!fits(value, *schema)) return misfit(value, *schema);
  switch (value.type) {
    case BSON_TYPE_DOCUMENT: return struct_of(value.fields, schema);
    case BSON_TYPE_ARRAY: return array_of(value, schema);
    case BSON_TYPE_CODEWSCOPE: return scoped_code_of(value, schema);
    case BSON_TYPE_REGEX: return struct_of({{"regex", {.type = BSON_TYPE_UTF8, .text = value.text}},
                                            {"options", {.type = BSON_TYPE_UTF8, .text = value.options}}}, schema);
    default: return scalar(value);
  }
}

Result<Value> DocumentConverter::struct_of(const DocumentFields& fields, const SchemaPtr& schema) const {
  if (schema->type != Type::structure) return misfit("Not a struct schema: " + schema->name);
  Value::Struct out = struct_without_values(schema);
  MR_CHECK(put_fields(fields, out));
  return Value{std::move(out)};
}

Result<Value> DocumentConverter::scoped_code_of(const DocumentValue& code, const SchemaPtr& schema) const {
  for (const DocumentField& field : code.fields)
    if (!leaves_out(field.value) && has_structure(field.value, arrays_))
      return misfit("Failed to find field '" + field.name + "' in schema " + schema->name +
                    ": the scope of code holds scalars and arrays of scalars only");
  return struct_of({{"code", {.type = BSON_TYPE_UTF8, .text = code.text}}, {"scope", {.type = BSON_TYPE_DOCUMENT, .fields = code.fields}}},
                   schema);
}

// Items of another type than the first one's are left out here; where they are refused, the schema was.
Result<Value> DocumentConverter::array_of(const DocumentValue& array, const SchemaPtr& schema) const {
  if (arrays_ == ArrayEncoding::document) return positions_of(array, schema);
  if (schema->type != Type::array) return misfit(array, *schema);
  Value::Array items;
  items.reserve(array.items.size());
  for (const DocumentValue& item : array.items)
    if (item.type == array.items.front().type) MR_CHECK(append_item(item, schema->values, items));
  return Value{std::move(items)};
}

// Null and what has no form as an item are not appended.
Result<void> DocumentConverter::append_item(const DocumentValue& item, const SchemaPtr& schema, Value::Array& out) const {
  if (leaves_out(item) && item.type != BSON_TYPE_ARRAY) return {};
  switch (item.type) {
    case BSON_TYPE_NULL:
    case BSON_TYPE_REGEX:
    case BSON_TYPE_CODEWSCOPE: return {};
    case BSON_TYPE_DATE_TIME:
    case BSON_TYPE_TIMESTAMP:
      return misfit("Arrays of dates and timestamps are not supported.\nCheck option 'struct' of parameter 'array.encoding'");
    case BSON_TYPE_ARRAY: {
      if (item.items.empty() || schema->type != Type::array) return misfit(item, *schema);
      Value::Array inner;
      for (const DocumentValue& value : item.items) MR_CHECK(append_item(value, schema->values, inner));
      out.emplace_back(std::move(inner));
      return {};
    }
    default: {
      MR_TRY(Value value, value_of(item, schema));
      out.push_back(std::move(value));
      return {};
    }
  }
}

Result<Value> DocumentConverter::positions_of(const DocumentValue& array, const SchemaPtr& schema) const {
  if (schema->type != Type::structure) return misfit(array, *schema);
  Value::Struct out = struct_without_values(schema);
  std::size_t expected = 0;
  for (const std::size_t position : position_order(array.items.size()))
    MR_CHECK(put_field({position_name(position), array.items[position]}, out, expected));
  return Value{std::move(out)};
}

}  // namespace millrace::mongodb
