#include "core/schema_draft.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace millrace {

Schema schema_basics(const Schema& schema) {
  Schema basics{.type = schema.type, .name = schema.name, .version = schema.version, .doc = schema.doc, .parameters = schema.parameters};
  if (schema.type == Type::array) basics.values = schema.values;
  return basics;
}

Result<SchemaPtr> SchemaDraft::built() && {
  std::vector<std::string_view> names;
  names.reserve(schema_.fields.size());
  for (const Field& field : schema_.fields) names.push_back(field.name);
  std::ranges::sort(names);
  if (!names.empty() && names.front().empty()) return fail("fieldName cannot be null.", Retry::no, k_schema_builder_exception);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
    return fail("Cannot create field because of field name duplication " + std::string{*twice}, Retry::no, k_schema_builder_exception);
  return std::make_shared<const Schema>(std::move(schema_));
}

}  // namespace millrace
