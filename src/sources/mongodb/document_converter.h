// DocumentConverter infers Connect's schema from a document and brings the document into its form, field by field, with the
// mapping of types, the rules for arrays and the refusals of Debezium 2.7's MongoDataConverter.
// Errors: arrays of mixed types and what else has no schema; a value that does not fit the schema of its array's first items.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/name_adjustment.h"
#include "core/schema.h"
#include "core/schema_draft.h"
#include "sources/mongodb/document_value.h"

namespace millrace::mongodb {

enum class ArrayEncoding : std::uint8_t {
  array,      // of the first item's type; documents share one struct of all their fields
  document,   // a struct with the fields _0, _1, ... in the order of a Java HashMap
};

inline constexpr std::string_view k_connect_timestamp = "org.apache.kafka.connect.data.Timestamp";   // milliseconds since 1970

// The names of an array's positions in ArrayEncoding::document, and the order in which a HashMap of them is iterated.
std::string position_name(std::size_t position);
std::vector<std::size_t> position_order(std::size_t count);

Value::Struct struct_without_values(const SchemaPtr& schema);   // of a structure's schema

class DocumentConverter {
 public:
  explicit DocumentConverter(ArrayEncoding arrays, NameAdjustment names = NameAdjustment::none) : arrays_{arrays}, names_{names} {}

  // Adds the fields' schemas. Types that Connect does not know are left out, and where names are adjusted empty arrays.
  Result<void> add_fields(const DocumentFields& fields, SchemaDraft& parent) const;
  Result<void> add_field(const DocumentField& field, SchemaDraft& parent) const;

  // Puts the fields' values into a struct of that schema.
  Result<void> put_fields(const DocumentFields& fields, Value::Struct& parent) const;
  // `expected`: the field's place in the struct when none was left out before it; it moves on.
  Result<void> put_field(const DocumentField& field, Value::Struct& parent, std::size_t& expected) const;

  // Appends what of the fields decides their schema: documents with the same text have the same one, or the same error.
  void append_shape(const DocumentFields& fields, std::string& out) const;

 private:
  struct Union;

  std::string name_of(const std::string& name) const;
  bool leaves_out(const DocumentValue& value) const;
  std::string path_of(const SchemaDraft& parent, const std::string& name) const;

  Result<SchemaPtr> schema_of(const DocumentValue& value, const std::string& name, const SchemaDraft& parent) const;
  Result<SchemaPtr> document_schema(const DocumentFields& fields, std::string path) const;
  Result<SchemaPtr> scoped_code_schema(const DocumentValue& code, std::string path) const;
  Result<SchemaPtr> array_schema(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const;
  Result<SchemaPtr> item_schema(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const;
  Result<SchemaPtr> union_schema(const std::vector<DocumentValue>& documents, std::string path) const;
  Result<void> join(const DocumentFields& document, bool with_empty_ones, Union& joined) const;

  Result<void> test_array(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const;
  Result<void> test_documents(const DocumentValue& array, const SchemaDraft& parent) const;

  Result<Value> value_of(const DocumentValue& value, const SchemaPtr& schema) const;
  Result<Value> struct_of(const DocumentFields& fields, const SchemaPtr& schema) const;
  Result<Value> scoped_code_of(const DocumentValue& code, const SchemaPtr& schema) const;
  Result<Value> array_of(const DocumentValue& array, const SchemaPtr& schema) const;
  Result<void> append_item(const DocumentValue& item, const SchemaPtr& schema, Value::Array& out) const;
  Result<Value> positions_of(const DocumentValue& array, const SchemaPtr& schema) const;
  void append_shape(const DocumentValue& value, std::string& out) const;

  ArrayEncoding arrays_;
  NameAdjustment names_;
  mutable std::unordered_map<std::string, std::string> adjusted_;   // each name is adjusted, and told of in the log, once
};

}  // namespace millrace::mongodb
