#include "core/unwrapping.h"

#include <utility>

#include "core/letters.h"
#include "core/schema_draft.h"
#include "core/setting_rules.h"

namespace millrace {
namespace {

constexpr std::string_view k_update_description = "updateDescription";

SchemaPtr header_text_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(Schema{.type = Type::string});
  return schema;
}

bool ends_with(const SchemaPtr& schema, std::string_view end) { return schema && std::string_view{schema->name}.ends_with(end); }

// Where a name stands that names no struct.
std::string_view usual_holder(std::string_view field) {
  if (field == "id" || field == "data_collection_order" || field == "total_order") return "transaction";
  if (field == "op" || field == "ts_ms" || field == "ts_us" || field == "ts_ns") return {};
  return field == k_update_description ? k_update_description : "source";
}

const Value* field_of(const Value::Struct& value, std::string_view name) {
  for (std::size_t i = 0; i < value.fields.size(); ++i)
    if (value.schema->fields[i].name == name) return &value.fields[i];
  return nullptr;
}

std::unexpected<Error> bad_option(std::string_view option, std::string_view text, const std::string& problem) {
  return fail("The '" + std::string{option} + "' value '" + std::string{text} + "' is invalid: " + problem, Retry::no,
              k_config_exception);
}

Result<DeleteHandling> deprecated_handling(const Config& options) {
  MR_TRY(const std::string mode, chosen(options, "delete.handling.mode", "drop", {"drop", "rewrite", "none"}));
  using enum DeleteHandling::OnDelete;
  return DeleteHandling{.on_delete = mode == "drop" ? drop : mode == "none" ? tombstone : rewrite,
                        .keeps_tombstones = !options.boolean("drop.tombstones", true)};
}

Result<DeleteHandling> delete_handling(const Config& options) {
  constexpr std::string_view option = "delete.tombstone.handling.mode";
  if (trimmed(options.get(option)).empty()) return deprecated_handling(options);
  MR_TRY(const std::string mode, chosen(options, option, "", {"drop", "tombstone", "rewrite", "rewrite-with-tombstone"}));
  using enum DeleteHandling::OnDelete;
  return DeleteHandling{.on_delete = mode == "drop" ? drop : mode == "tombstone" ? tombstone : rewrite,
                        .keeps_tombstones = mode == "rewrite-with-tombstone"};
}

}  // namespace

bool is_change_event(const ConnectRecord& record) { return ends_with(record.value_schema, ".Envelope"); }
bool has_change_event_key(const ConnectRecord& record) { return ends_with(record.key_schema, ".Key"); }

Result<std::string> chosen(const Config& options, std::string_view option, std::string_view fallback,
                           std::initializer_list<std::string_view> allowed) {
  const std::string* given = options.find(option);
  if (given == nullptr) return std::string{fallback};
  for (const std::string_view candidate : allowed)
    if (lower(trimmed(*given)) == candidate) return std::string{candidate};
  std::string list;
  for (const std::string_view candidate : allowed) list += (list.empty() ? "" : ", ") + std::string{candidate};
  return bad_option(option, *given, "Value must be one of " + list);
}

AddedField::AddedField(std::string_view prefix, std::string_view holder, std::string_view field, std::string name)
    : holder_{holder}, field_{field}, name_{std::string{prefix} + std::move(name)} {}

Result<std::vector<AddedField>> AddedField::list(std::string_view option, std::string_view prefix, std::string_view text) {
  std::vector<AddedField> fields;
  if (text.empty()) return fields;
  const auto parts = setting::java_split(text, ',');
  if (parts.size() == 1 && parts[0].empty()) return fields;   // nothing but commas
  for (const std::string_view part : parts) {
    const std::string_view given = trimmed(part);
    const auto names = setting::java_split(given, ':');
    const auto path = setting::java_split(names[0], '.');
    if (names.size() > 2 || (path[0].empty() && !given.empty() && (names.size() == 1 || !names[0].empty())))
      return bad_option(option, text, "Unexpected field name: " + std::string{given});
    const bool has_holder = path.size() > 1;
    const std::string_view field = has_holder ? path[1] : path[0];
    const std::string_view holder = has_holder ? path[0] : usual_holder(field);
    std::string name{names.size() == 2 ? names[1] : field};
    if (names.size() == 1 && has_holder) name = std::string{holder} + "_" + std::string{field};
    fields.push_back(AddedField{prefix, holder, field, std::move(name)});
  }
  return fields;
}

Result<SchemaPtr> AddedField::schema(const Schema& event) const {
  const Schema* holder = &event;
  if (!holder_.empty()) {
    const Field* found = event.field(holder_);
    if (found == nullptr)
      return fail("The change event " + event.name + " has no struct '" + holder_ + "', of which '" + field_ + "' is to be added",
                  Retry::no, k_data_exception);
    holder = found->schema.get();
  }
  const Field* field = holder->field(field_);
  if (field == nullptr) field = event.field(field_);
  if (field == nullptr) return SchemaPtr{};
  Schema copy = schema_basics(*field->schema);
  copy.optional = true;
  return std::make_shared<const Schema>(std::move(copy));
}

Result<Value> AddedField::value(const Value::Struct& event) const {
  const Value::Struct* holder = &event;
  if (!holder_.empty()) {
    const Value* found = field_of(event, holder_);
    holder = found == nullptr ? nullptr : found->structure();
    if (holder == nullptr) return Value{};
  }
  const Value* field = field_of(*holder, field_);
  if (field == nullptr) field = field_of(event, field_);
  if (field == nullptr) return fail(field_ + " is not a valid field name", Retry::no, k_data_exception);
  return *field;
}

Result<Value> AddedField::value(const Value::Struct& event, const SchemaPtr& schema) const {
  MR_TRY(Value value, this->value(event));
  if (!schema) return fail(name_ + " is not a valid field name", Retry::no, k_data_exception);
  const Value::Struct* inner = value.structure();
  if (inner != nullptr && !inner->schema->fields.empty())   // the copied schema has no fields
    return fail("Struct schemas do not match.", Retry::no, k_data_exception);
  return value;
}

Result<std::vector<Header>> added_headers(const std::vector<AddedField>& fields, const Value::Struct* event) {
  std::vector<Header> headers;
  for (const AddedField& field : fields) {
    if (event == nullptr) {
      if (field.field() == "op") headers.push_back({field.name(), header_text_schema(), Value{"d"}});
      continue;
    }
    MR_TRY(SchemaPtr schema, field.schema(*event->schema));
    if (!schema) continue;
    MR_TRY(Value value, field.value(*event));
    headers.push_back({field.name(), std::move(schema), std::move(value)});
  }
  return headers;
}

Result<UnwrapOptions> UnwrapOptions::read(const Config& options) {
  UnwrapOptions read;
  MR_TRY(read.deletes, delete_handling(options));
  MR_TRY(read.fields, AddedField::list("add.fields", options.get("add.fields.prefix", "__"), options.get("add.fields")));
  MR_TRY(read.headers, AddedField::list("add.headers", options.get("add.headers.prefix", "__"), options.get("add.headers")));
  read.route_by_field = options.get("route.by.field");
  return read;
}

std::vector<ConfigKey> unwrap_keys() {
  return {
      {.name = "drop.tombstones", .type = ConfigType::boolean, .default_text = "true", .importance = Importance::low,
       .documentation = "Leave tombstones out. Deprecated, as delete.handling.mode: use delete.tombstone.handling.mode.",
       .order = 1, .width = Width::narrow, .display_name = "Drop tombstones"},
      {.name = "delete.handling.mode", .type = ConfigType::string, .default_text = "drop", .importance = Importance::medium,
       .documentation = "What becomes of a delete: 'drop' leaves it out, 'none' makes it a tombstone, 'rewrite' a record with the "
                        "field __deleted. Deprecated: use delete.tombstone.handling.mode.",
       .order = 1, .width = Width::medium, .display_name = "Handle delete records"},
      {.name = "route.by.field", .type = ConfigType::string, .default_text = "", .importance = Importance::low,
       .documentation = "The field whose value is the name of the record's topic.",
       .order = 1, .width = Width::wide, .display_name = "Route by field name"},
      {.name = "add.fields.prefix", .type = ConfigType::string, .default_text = "__", .importance = Importance::low,
       .documentation = "What the names of added fields begin with.",
       .order = 1, .width = Width::narrow, .display_name = "Field prefix to be added to each field."},
      {.name = "add.fields", .type = ConfigType::list, .default_text = "", .importance = Importance::low,
       .documentation = "Fields of the change event that the record takes over: op, table, source.ts_ms; behind a colon the name that "
                        "they get.",
       .order = 1, .width = Width::wide, .display_name = "Adds the specified field(s) to the message if they exist."},
      {.name = "add.headers.prefix", .type = ConfigType::string, .default_text = "__", .importance = Importance::low,
       .documentation = "What the names of added headers begin with.",
       .order = 1, .width = Width::narrow, .display_name = "Header prefix to be added to each header."},
      {.name = "add.headers", .type = ConfigType::list, .default_text = "", .importance = Importance::low,
       .documentation = "Fields of the change event that become headers, as in add.fields.",
       .order = 1, .width = Width::wide, .display_name = "Adds the specified fields to the header if they exist."},
  };
}

}  // namespace millrace
