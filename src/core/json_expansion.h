// JsonExpansion makes Connect values of JSON texts, with schemas that it infers from them: an outbox's payloads.
// Threads: one task's thread. Bounds: 10000 schemas are kept; a text of more than 1000 levels stays a text.
// Source: Debezium 2.7's JsonSchemaData.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/name_adjustment.h"
#include "core/schema.h"

namespace millrace {

class JsonExpansion {
 public:
  enum class Nulls : bool { left_out, optional_bytes };
  JsonExpansion(Nulls nulls, NameAdjustment names) : nulls_{nulls}, names_{names} {}

  // A text that is an object becomes a struct named `name`, its objects ones named "<name>.<field>". What is no JSON, or
  // has a list of values of several types, stays as it was. As Debezium: where only the values do not fit the inferred
  // schema (a list, a number beyond 64 bits), the schema is changed and the value is not.
  void expand(std::string_view name, SchemaPtr& schema, Value& value);

 private:
  SchemaPtr kept(SchemaPtr schema);

  Nulls nulls_;
  NameAdjustment names_;
  std::unordered_map<std::string, SchemaPtr> schemas_;   // equal ones are the same for converters
};

}  // namespace millrace
