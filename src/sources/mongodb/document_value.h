// DocumentValue is a BSON value as the Java driver's BsonValue holds it: what transforms read back from a record's text.
// Threads: plain values.
#pragma once

#include <bson/bson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::mongodb {

struct DocumentField;
using DocumentFields = std::vector<DocumentField>;   // in their order; no name occurs twice

struct DocumentValue {
  bson_type_t type = BSON_TYPE_NULL;
  std::uint32_t detail = 0;             // binary's subtype, a timestamp's increment
  std::int64_t integer = 0;             // int32, int64, boolean; dates: milliseconds since 1970; timestamps: their seconds
  double number = 0;                    // double
  std::string text{};                   // string, code, symbol, pattern; decimal128 as Java prints it, ObjectId in hex, binary's bytes
  std::string options{};                // of a regular expression; of a DBPointer, whose text is a collection, the ObjectId
  std::vector<DocumentValue> items;     // array
  DocumentFields fields;                // document; of code its scope
};

struct DocumentField {
  std::string name;
  DocumentValue value;
};

inline DocumentValue* find(DocumentFields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &DocumentField::name);
  return at == fields.end() ? nullptr : &at->value;
}
inline const DocumentValue* find(const DocumentFields& fields, std::string_view name) {
  return find(const_cast<DocumentFields&>(fields), name);
}
// In the place of the field of that name, or behind all.
inline void put(DocumentFields& fields, std::string name, DocumentValue value) {
  if (DocumentValue* found = find(fields, name)) *found = std::move(value);
  else fields.push_back({std::move(name), std::move(value)});
}

}  // namespace millrace::mongodb
