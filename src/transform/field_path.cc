#include "transform/field_path.h"

#include <utility>

#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_nested_field_access = "nested field access";

// A step in backticks, which begin at `at`; `at` goes behind it and its dot. None: no end.
bool take_quoted(std::string_view path, std::size_t& at, std::string& step) {
  std::size_t start = at + 1;
  std::size_t end = start;
  while (true) {
    end = path.find('`', end);
    if (end == std::string_view::npos) return false;
    const bool escaped = path[end - 1] == '\\';
    if (end + 1 == path.size()) {
      if (escaped) return false;
      step += path.substr(start, end - start);
      at = end + 1;
      return true;
    }
    if (path[end + 1] != '.') {
      ++end;
    } else if (escaped) {
      step += path.substr(start, end - 1 - start);
      step += '`';
      start = ++end;
    } else {
      step += path.substr(start, end - start);
      at = end + 2;
      return true;
    }
  }
}

Result<std::vector<std::string>> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  for (std::size_t at = 0; at < path.size();) {
    std::string step;
    if (path[at] == '`') {
      const std::size_t opened = at;
      if (!take_quoted(path, at, step))
        return fail("Incomplete backtick pair in path: [" + std::string{path} + "], consider adding a backslash before backtick at position " +
                        std::to_string(opened) + " to escape it", Retry::no, k_config_exception);
    } else {
      const auto dot = std::min(path.find('.', at), path.size());
      step = path.substr(at, dot - at);
      at = dot + 1;
    }
    steps.push_back(std::move(step));
  }
  if (path.ends_with('.')) steps.emplace_back();
  return steps;
}

}  // namespace

Result<FieldPath> FieldPath::create(std::string_view text, FieldSyntax syntax) {
  FieldPath path;
  path.text_ = text;
  if (syntax == FieldSyntax::v1) {
    path.steps_.emplace_back(text);
  } else {
    MR_TRY(path.steps_, steps_of(text));
  }
  return path;
}

Result<const Field*> FieldPath::field_of(const Schema& schema) const {
  if (steps_.empty()) return fail("fromIndex(0) > toIndex(-1)", Retry::no, k_illegal_argument_exception);
  const Schema* current = &schema;
  const Field* field = nullptr;
  for (const std::string& step : steps_) {
    MR_CHECK(require_fields(*current, "look up"));
    field = current->field(step);
    if (field == nullptr) return nullptr;
    current = field->schema.get();
  }
  return field;
}

Result<Value> FieldPath::value_of(const Value::Struct& structure, bool null_to_default) const {
  const Value::Struct* current = &structure;
  Value value;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto index = field_index(*current->schema, steps_[i]);
    if (!index) return Value{};
    const SchemaPtr& schema = current->schema->fields[*index].schema;
    MR_TRY(Value found, taken_value(*schema, current->fields[*index], null_to_default));
    if (i + 1 == steps_.size() || found.is_null()) return found;
    value = std::move(found);   // keeps the structure
    MR_TRY(current, require_struct(schema, value, k_nested_field_access));
  }
  return Value{};
}

Result<Value> FieldPath::value_of(const Value::Map& map) const {
  const Value::Map* current = &map;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Value* found = find_in(*current, steps_[i]);
    if (found == nullptr || found->is_null()) return Value{};
    if (i + 1 == steps_.size()) return *found;
    MR_TRY(current, require_map(*found, k_nested_field_access));
  }
  return Value{};
}

}  // namespace millrace
