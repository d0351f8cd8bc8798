// What Connect's Struct gives and refuses, on our Values; errors have Java's classes and texts.
// Threads: any; nothing is kept. Source: Kafka Connect 4.0's org.apache.kafka.connect.data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_null_pointer_exception = "java.lang.NullPointerException";

std::string_view type_constant(Type type);   // INT32
std::optional<std::size_t> field_index(const Schema& schema, std::string_view name);

// Struct.get(Field): null becomes the schema's default. A slot of a plan stays, and its default is left to the converter.
Result<Value> value_or_default(const Schema& schema, const Value& value);

// Struct.get(String) and getWithoutDefault(String). Errors: DataException, no such field.
Result<Value> field_or_default(const Value::Struct& structure, std::string_view name);
Result<const Value*> field_as_is(const Value::Struct& structure, std::string_view name);
// Struct.getString() and its kin: without default. Errors: DataException, no such field or one of another type.
Result<const Value*> field_of_type(const Value::Struct& structure, std::string_view name, Type type);

// Requirements.requireStruct. `schema`: the value's, for the class that the error names; may be null.
Result<const Value::Struct*> require_struct(const SchemaPtr& schema, const Value& value, std::string_view purpose);

// Schema.equals.
bool same_schema(const SchemaPtr& left, const SchemaPtr& right);
// ConnectSchema.validateValue, as Struct.put(name, value) does it. Errors: DataException. A slot of a plan passes.
Result<void> check_value(std::string_view name, const Schema& schema, const Value& value);

}  // namespace millrace
