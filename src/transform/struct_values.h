// Structs as Connect's transforms take them apart and make them anew; values are moved.
// Threads: any; nothing is kept. Source: Kafka Connect 4.0's org.apache.kafka.connect.data.Struct.
#pragma once

#include <cstddef>
#include <utility>

#include "core/error.h"
#include "core/schema.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"

namespace millrace {

inline constexpr std::size_t k_schemas_max = 1024;   // that one transform keeps

// Struct.get() or getWithoutDefault().
inline Result<Value> taken_value(const Schema& schema, Value value, bool null_to_default) {
  if (!null_to_default || (!value.is_null() && value.mark() == nullptr)) return value;
  return value_or_default(schema, value);
}

inline Value::Struct empty_struct(const SchemaPtr& schema) {
  return {.schema = schema, .fields = std::vector<Value>(schema->fields.size())};
}

// Struct.put().
inline Result<void> put(Value::Struct& to, std::size_t index, Value value) {
  const Field& field = to.schema->fields[index];
  MR_CHECK(check_value(field.name, *field.schema, value));
  to.fields[index] = std::move(value);
  return {};
}

// copySchemaBasics(schema, SchemaBuilder.struct()).
inline Schema struct_basics(const Schema& schema) {
  Schema basics = schema_basics(schema);
  basics.type = Type::structure;
  basics.values = nullptr;
  return basics;
}

// Schema.fields() and field(). Errors: DataException, no structure.
inline Result<void> require_fields(const Schema& schema, const char* verb) {
  if (schema.type == Type::structure) return {};
  return fail(std::string{"Cannot "} + verb + " fields on non-struct type", Retry::no, k_data_exception);
}

}  // namespace millrace
