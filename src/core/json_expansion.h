// JsonExpansion makes Connect values of JSON texts, with schemas that it infers from them: an outbox's payloads.
// Threads: one task's thread. The time is linear in the text. Bounds: about 30 MiB of schemas are kept; a text of more than
// 1000 levels stays a text, and so does one that would grow by more than 16 MiB when expanded (docs/differences.md).
// Source: Debezium 2.7's JsonSchemaData.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/name_adjustment.h"
#include "core/schema.h"

namespace millrace {

class JsonExpansion {
 public:
  enum class Nulls : bool { left_out, optional_bytes };

  // Of equal schemas only the first is used: converters know it, and two are equal when they are the same.
  class Schemas {
   public:
    SchemaPtr only(SchemaPtr schema);
    void start_anew_if_large();   // between texts: signatures hold the addresses of schemas

   private:
    std::unordered_map<std::string, SchemaPtr> known_;   // by signature
    std::size_t bytes_ = 0;                              // of the signatures
  };

  JsonExpansion(Nulls nulls, NameAdjustment names) : nulls_{nulls}, names_{names} {}

  // A text that is an object becomes a struct named `name`, its objects ones named "<name>.<field>". What is no JSON, or
  // has a list of values of several types, stays as it was. As Debezium: where only the values do not fit the inferred
  // schema (a list, a number beyond 64 bits), the schema is changed and the value is not.
  void expand(std::string_view name, SchemaPtr& schema, Value& value);

 private:
  Nulls nulls_;
  NameAdjustment names_;
  Schemas schemas_;
};

}  // namespace millrace
