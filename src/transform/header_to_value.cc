// io.debezium.transforms.HeaderToValue: headers become fields of the value.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/schema_cache.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

constexpr std::string_view k_root = "payload";

struct Target {
  std::string header, field;
  std::vector<std::string> path;   // the field's parts
};

using FoundHeaders = std::map<std::string, const Header*, std::less<>>;

class HeaderToValue final : public Transform {
 public:
  HeaderToValue(std::vector<Target> targets, bool moves) : targets_{std::move(targets)}, moves_{moves} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null()) return record;
    MR_TRY(const Value::Struct* value, require_struct(record.value_schema, record.value, "Header field insertion"));
    MR_TRY(const FoundHeaders found, wanted(record.headers));
    if (found.empty()) return record;
    const SchemaPtr* made = schemas_.find(value->schema);
    if (made == nullptr) {
      MR_TRY(SchemaPtr schema, with_fields(k_root, value->schema, found, 0));
      made = &schemas_.put(value->schema, std::move(schema));
    }
    MR_TRY(Value changed, with_values(k_root, *value, found, *made, 0));
    record.value_schema = *made;
    record.value = std::move(changed);
    if (moves_) {
      std::erase_if(record.headers, [&](const Header& header) { return is_target(header.name); });
      record.tombstone_headers = nullptr;
    }
    return record;
  }

 private:
  bool is_target(std::string_view name) const {
    return std::ranges::any_of(targets_, [&](const Target& target) { return target.header == name; });
  }

  Result<FoundHeaders> wanted(const std::vector<Header>& headers) const {
    FoundHeaders found;
    for (const Header& header : headers)
      if (is_target(header.name) && !found.emplace(header.name, &header).second)
        return fail("Duplicate key " + header.name + ": a record has that header twice, and HeaderToValue is to make a field of it",
                    Retry::no, "java.lang.IllegalStateException");
    return found;
  }

  // Whether some nested target has the name anywhere in it: Debezium looks no closer.
  bool is_nested(std::string_view name) const {
    return std::ranges::any_of(targets_, [&](const Target& target) {
      return target.field.find('.') != std::string::npos && target.field.find(name) != std::string::npos;
    });
  }

  // The name that the target gets in the structure `name` at this level; none: it belongs elsewhere.
  static Result<std::optional<std::string>> name_in(const Target& target, std::string_view name, std::size_t level) {
    if (target.path.size() == 1 && name == k_root) return target.path[0];
    const std::size_t parent = level == 0 ? 0 : level - 1;
    if (parent >= target.path.size() || (target.path[parent] == name && level >= target.path.size()))
      return fail("The field " + target.field + " has no part " + std::to_string(std::max(parent, level) + 1) +
                      ", for which HeaderToValue looks beside a deeper one",
                  Retry::no, "java.lang.ArrayIndexOutOfBoundsException");
    if (target.path[parent] == name) return target.path[level];
    return std::nullopt;
  }

  Result<SchemaPtr> with_fields(std::string_view name, const SchemaPtr& given, const FoundHeaders& found, std::size_t level) const {
    if (given->type < Type::array) return given;
    if (given->type != Type::structure)
      return fail("Cannot list fields on non-struct type", Retry::no, k_data_exception);
    SchemaDraft draft{schema_basics(*given)};
    for (const Field& field : given->fields) {
      if (!is_nested(field.name)) {
        draft.add(field.name, field.schema);
        continue;
      }
      MR_TRY(SchemaPtr inner, with_fields(field.name, field.schema, found, ++level));
      draft.add(field.name, std::move(inner));
    }
    for (const Target& target : targets_) {
      const auto header = found.find(target.header);
      MR_TRY(std::optional<std::string> added, name_in(target, name, level));
      if (added && header != found.end()) draft.add(std::move(*added), header->second->schema);
    }
    return std::move(draft).built();
  }

  Result<Value> with_values(std::string_view name, const Value::Struct& given, const FoundHeaders& found, const SchemaPtr& schema,
                            std::size_t level) const {
    Value::Struct made{.schema = schema, .fields = std::vector<Value>(schema->fields.size())};
    const auto put = [&](std::string_view field, Value value) -> Result<void> {
      const auto index = field_index(*schema, field);
      if (!index) return fail(std::string{field} + " is not a valid field name", Retry::no, k_data_exception);
      MR_CHECK(check_value(field, *schema->fields[*index].schema, value));
      made.fields[*index] = std::move(value);
      return {};
    };
    for (std::size_t i = 0; i < given.fields.size(); ++i) {
      const Field& field = given.schema->fields[i];
      MR_TRY(Value value, value_or_default(*field.schema, given.fields[i]));
      if (value.is_null()) continue;
      if (is_nested(field.name)) {
        MR_TRY(const Value::Struct* inner, require_struct(field.schema, value, "Nested field"));
        const Field* target = schema->field(field.name);
        if (target == nullptr) return fail(field.name + " is not a valid field name", Retry::no, k_data_exception);
        MR_TRY(value, with_values(field.name, *inner, found, target->schema, ++level));
      }
      MR_CHECK(put(field.name, std::move(value)));
    }
    for (const Target& target : targets_) {
      const auto header = found.find(target.header);
      if (header == found.end()) continue;
      MR_TRY(const std::optional<std::string> added, name_in(target, name, level));
      if (added) MR_CHECK(put(*added, header->second->value));
    }
    return Value{std::move(made)};
  }

  std::vector<Target> targets_;
  bool moves_;
  SchemaCache<SchemaPtr> schemas_;   // by the value's schema alone, as in Debezium: the first record's headers decide
};

const ConfigDef& header_to_value_definition() {
  static const ConfigDef def{{
      {.name = "headers", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "The headers that become fields of the value.", .order = 1, .width = Width::none,
       .display_name = "Header names list"},
      {.name = "fields", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "The fields' names, in the order of the headers; with dots inside structures.", .order = 1,
       .width = Width::none, .display_name = "Field names list"},
      {.name = "operation", .importance = Importance::high,
       .documentation = "Whether the headers stay (copy) or go (move).", .order = 1, .width = Width::none,
       .display_name = "Operation: mover or copy"},
  }};
  return def;
}

constexpr std::array<std::string_view, 2> k_operations{"move", "copy"};
constexpr setting::NamedRule k_header_to_value_rules[] = {{"headers", setting::required},   {"headers", setting::no_blanks_in_parts},
                                                          {"fields", setting::required},    {"fields", setting::no_blanks_in_parts},
                                                          {"operation", setting::required}, {"operation", setting::enumeration<k_operations>}};

Result<std::unique_ptr<Transform>> make_header_to_value(const Config& options) {
  MR_CHECK(check_each_option(options, header_to_value_definition(), k_header_to_value_rules));
  const std::vector<std::string> headers = option_parts(options, "headers");
  const std::vector<std::string> fields = option_parts(options, "fields");
  if (headers.size() != fields.size())
    return fail("'fields' config must have the same number of elements as 'headers' config.", Retry::no, k_config_exception);
  std::vector<Target> targets;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    Target target{.header = headers[i], .field = fields[i], .path = {}};
    for (const std::string_view part : setting::java_split(fields[i], '.')) target.path.emplace_back(part);
    targets.push_back(std::move(target));
  }
  return std::make_unique<HeaderToValue>(std::move(targets), lower(trimmed(options.get("operation"))) == "move");
}

}  // namespace

TransformClass header_to_value() {
  return {.class_name = "io.debezium.transforms.HeaderToValue", .version = envelope::k_debezium_version,
          .config_def = header_to_value_definition, .make_transform = make_header_to_value};
}

}  // namespace millrace
