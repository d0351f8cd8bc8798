// SchemaDraft is a structure's schema while its fields are added, with the checks of Connect's SchemaBuilder.
// Threads: one. Source: Kafka Connect 4.0's SchemaBuilder and SchemaUtil.
#pragma once

#include <string>
#include <utility>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_schema_builder_exception = "org.apache.kafka.connect.errors.SchemaBuilderException";

// What SchemaUtil.copySchemaBasics copies: type, name, version, doc, parameters and an array's items; required, no default
// and no fields.
Schema schema_basics(const Schema& schema);

class SchemaDraft {
 public:
  explicit SchemaDraft(Schema basics) : schema_{std::move(basics)} {}

  const std::string& name() const { return schema_.name; }
  bool empty() const { return schema_.fields.empty(); }
  void add(std::string name, SchemaPtr schema) { schema_.fields.push_back({std::move(name), std::move(schema)}); }
  // Errors: a field without a name, a name that occurs twice. The draft is used up.
  Result<SchemaPtr> built() &&;

 private:
  Schema schema_;
};

}  // namespace millrace
