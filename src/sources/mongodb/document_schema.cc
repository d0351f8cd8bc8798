// The half of DocumentConverter that infers schemas.
#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/envelope.h"
#include "core/java_hash.h"
#include "sources/mongodb/document_converter.h"

namespace millrace::mongodb {
namespace {

using envelope::plain_schema;
using envelope::structure_schema;

constexpr std::string_view k_advice = "\nCheck option 'struct' of parameter 'array.encoding'";

std::unexpected<Error> refused(const std::string& name, const SchemaDraft& parent, std::string_view problem) {
  return fail("Field " + name + " of schema " + parent.name() + std::string{problem} + std::string{k_advice}, Retry::no,
              k_debezium_exception);
}

SchemaPtr timestamp_schema() {
  static const SchemaPtr schema =
      std::make_shared<const Schema>(envelope::semantic_schema(Type::int64, k_connect_timestamp, true));
  return schema;
}

SchemaPtr regex_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(structure_schema(
      "io.debezium.mongodb.regex", true, {{"regex", plain_schema(Type::string, true)}, {"options", plain_schema(Type::string, true)}}));
  return schema;
}

// Null: the type has fields or items of its own, or Connect does not know it.
SchemaPtr scalar_schema(bson_type_t type) {
  static const SchemaPtr text = plain_schema(Type::string, true), float64 = plain_schema(Type::float64, true),
                         bytes = plain_schema(Type::bytes, true), int32 = plain_schema(Type::int32, true),
                         int64 = plain_schema(Type::int64, true), boolean = plain_schema(Type::boolean, true);
  switch (type) {
    case BSON_TYPE_NULL:
    case BSON_TYPE_UTF8:
    case BSON_TYPE_OID:
    case BSON_TYPE_CODE:
    case BSON_TYPE_DECIMAL128: return text;
    case BSON_TYPE_DOUBLE: return float64;
    case BSON_TYPE_BINARY: return bytes;
    case BSON_TYPE_INT32: return int32;
    case BSON_TYPE_INT64: return int64;
    case BSON_TYPE_DATE_TIME:
    case BSON_TYPE_TIMESTAMP: return timestamp_schema();
    case BSON_TYPE_BOOL: return boolean;
    default: return nullptr;
  }
}

SchemaPtr list_schema(SchemaPtr items) {
  return std::make_shared<const Schema>(Schema{.type = Type::array, .optional = true, .values = std::move(items)});
}

bool is_empty(const DocumentValue& value) {
  return (value.type == BSON_TYPE_DOCUMENT && value.fields.empty()) || (value.type == BSON_TYPE_ARRAY && value.items.empty());
}

using Types = std::unordered_map<std::string, bson_type_t>;

// A field may be null in some documents; otherwise it has one type. False: it has two.
bool joins(Types& types, const std::string& name, bson_type_t type) {
  const auto [known, is_new] = types.emplace(name, type);
  if (is_new || known->second == type) return true;
  if (known->second == BSON_TYPE_NULL) known->second = type;
  else if (type != BSON_TYPE_NULL) return false;
  return true;
}

constexpr std::string_view k_two_types = " is not the same type for all documents in the array.";

}  // namespace

// The struct that the documents of an array share.
struct DocumentConverter::Union {
  SchemaDraft draft;
  Types types;
};

std::string position_name(std::size_t position) { return "_" + std::to_string(position); }

std::vector<std::size_t> position_order(std::size_t count) {
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) names.push_back(position_name(i));
  return java_hash_map_order(names);
}

std::string DocumentConverter::name_of(const std::string& name) const {
  if (names_ == NameAdjustment::none) return name;
  constexpr std::size_t k_names_max = 10'000;   // as Debezium's cache
  if (const auto known = adjusted_.find(name); known != adjusted_.end()) return known->second;
  if (adjusted_.size() >= k_names_max) adjusted_.clear();
  return adjusted_.emplace(name, adjusted_field_name(name, names_)).first->second;
}

bool DocumentConverter::leaves_out(const DocumentValue& value) const {
  switch (value.type) {
    case BSON_TYPE_SYMBOL:
    case BSON_TYPE_UNDEFINED:
    case BSON_TYPE_MINKEY:
    case BSON_TYPE_MAXKEY:
    case BSON_TYPE_DBPOINTER: return true;
    case BSON_TYPE_ARRAY: return names_ != NameAdjustment::none && value.items.empty();
    default: return false;
  }
}

std::string DocumentConverter::path_of(const SchemaDraft& parent, const std::string& name) const {
  return (parent.name().empty() ? "null" : parent.name()) + "." + name;   // Java's text of a missing name
}

Result<void> DocumentConverter::add_fields(const DocumentFields& fields, SchemaDraft& parent) const {
  for (const DocumentField& field : fields) MR_CHECK(add_field(field, parent));
  return {};
}

Result<void> DocumentConverter::add_field(const DocumentField& field, SchemaDraft& parent) const {
  if (leaves_out(field.value)) return {};
  std::string name = name_of(field.name);
  MR_TRY(SchemaPtr schema, schema_of(field.value, name, parent));
  parent.add(std::move(name), std::move(schema));
  return {};
}

Result<SchemaPtr> DocumentConverter::schema_of(const DocumentValue& value, const std::string& name, const SchemaDraft& parent) const {
  if (SchemaPtr scalar = scalar_schema(value.type)) return scalar;
  switch (value.type) {
    case BSON_TYPE_REGEX: return regex_schema();
    case BSON_TYPE_CODEWSCOPE: return scoped_code_schema(value, path_of(parent, name));
    case BSON_TYPE_DOCUMENT: return document_schema(value.fields, path_of(parent, name));
    default: return array_schema(value, name, parent);
  }
}

Result<SchemaPtr> DocumentConverter::document_schema(const DocumentFields& fields, std::string path) const {
  SchemaDraft draft{structure_schema(path, true, {})};
  MR_CHECK(add_fields(fields, draft));
  return std::move(draft).built();
}

Result<SchemaPtr> DocumentConverter::scoped_code_schema(const DocumentValue& code, std::string path) const {
  MR_TRY(SchemaPtr scope, document_schema(code.fields, path + ".scope"));
  return std::make_shared<const Schema>(
      structure_schema(path, false, {{"code", plain_schema(Type::string, true)}, {"scope", std::move(scope)}}));
}

Result<SchemaPtr> DocumentConverter::array_schema(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const {
  if (arrays_ == ArrayEncoding::document) {
    SchemaDraft draft{structure_schema(path_of(parent, name), true, {})};
    for (const std::size_t position : position_order(array.items.size()))
      MR_CHECK(add_field({position_name(position), array.items[position]}, draft));
    return std::move(draft).built();
  }
  if (array.items.empty()) return list_schema(plain_schema(Type::string, true));
  MR_CHECK(test_array(array, name, parent));
  MR_TRY(SchemaPtr items, item_schema(array, name, parent));
  return list_schema(std::move(items));
}

// That all items are of the first one's type.
Result<void> DocumentConverter::test_array(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const {
  if (array.items.empty()) return refused(name, parent, " holds an array inside an array that is empty: its items have no type.");
  const bson_type_t type = array.items.front().type;
  for (const DocumentValue& item : array.items)
    if (item.type != type) return refused(name, parent, " is not a homogenous array.");
  if (type == BSON_TYPE_DOCUMENT) return test_documents(array, parent);
  if (type != BSON_TYPE_ARRAY) return {};
  for (const DocumentValue& item : array.items) MR_CHECK(test_array(item, name, parent));
  return {};
}

Result<void> DocumentConverter::test_documents(const DocumentValue& array, const SchemaDraft& parent) const {
  Types types;
  for (const DocumentValue& document : array.items) {
    for (const DocumentField& field : document.fields) {
      const std::string name = name_of(field.name);
      if (!joins(types, name, field.value.type)) return refused(name, parent, k_two_types);
    }
  }
  return {};
}

// Of arrays inside the array the first one decides.
Result<SchemaPtr> DocumentConverter::item_schema(const DocumentValue& array, const std::string& name, const SchemaDraft& parent) const {
  const DocumentValue& first = array.items.front();
  if (SchemaPtr scalar = scalar_schema(first.type)) return scalar;
  if (first.type == BSON_TYPE_DOCUMENT) return union_schema(array.items, path_of(parent, name));
  if (first.type != BSON_TYPE_ARRAY) return refused(name, parent, " is an array of a type that has no schema inside arrays.");
  MR_TRY(SchemaPtr items, item_schema(first, name, parent));
  return list_schema(std::move(items));
}

// Empty documents and arrays tell nothing of their fields; they count when there is nothing else.
Result<SchemaPtr> DocumentConverter::union_schema(const std::vector<DocumentValue>& documents, std::string path) const {
  Union joined{.draft = SchemaDraft{structure_schema(path, true, {})}, .types = {}};
  for (const DocumentValue& document : documents) MR_CHECK(join(document.fields, false, joined));
  if (joined.draft.empty())
    for (const DocumentValue& document : documents) MR_CHECK(join(document.fields, true, joined));
  return std::move(joined.draft).built();
}

Result<void> DocumentConverter::join(const DocumentFields& document, bool with_empty_ones, Union& joined) const {
  for (const DocumentField& field : document) {
    if (!with_empty_ones && is_empty(field.value)) continue;
    const std::string name = name_of(field.name);
    const bool is_new = !joined.types.contains(name);
    if (!joins(joined.types, name, field.value.type)) return refused(name, joined.draft, k_two_types);
    if (is_new) MR_CHECK(add_field(field, joined.draft));
  }
  return {};
}

namespace {

void append_size(std::size_t size, std::string& out) {
  const auto number = static_cast<std::uint32_t>(size);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

void DocumentConverter::append_shape(const DocumentFields& fields, std::string& out) const {
  append_size(fields.size(), out);
  for (const DocumentField& field : fields) {
    append_size(field.name.size(), out);
    out += field.name;
    append_shape(field.value, out);
  }
}

void DocumentConverter::append_shape(const DocumentValue& value, std::string& out) const {
  out += static_cast<char>(value.type);
  if (value.type == BSON_TYPE_DOCUMENT || value.type == BSON_TYPE_CODEWSCOPE) return append_shape(value.fields, out);
  if (value.type != BSON_TYPE_ARRAY) return;
  std::size_t last = out.size();
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const std::size_t begin = out.size();
    append_shape(value.items[i], out);
    const std::string_view shapes = out;
    // An item like the one before it changes nothing, but the number of positions.
    if (arrays_ == ArrayEncoding::array && i > 0 && shapes.substr(last, begin - last) == shapes.substr(begin)) out.resize(begin);
    else last = begin;
  }
  out += static_cast<char>(BSON_TYPE_EOD);   // no item's
}

}  // namespace millrace::mongodb
