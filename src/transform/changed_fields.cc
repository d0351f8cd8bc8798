// io.debezium.transforms.ExtractChangedRecordState: headers that list the columns which an update changed, and the others.
#include <string>
#include <utility>

#include "core/envelope.h"
#include "core/letters.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

SchemaPtr list_schema(const std::string& name) {
  Schema schema{.type = Type::array, .optional = true, .name = name};
  schema.values = envelope::plain_schema(Type::string, true);
  return std::make_shared<const Schema>(std::move(schema));
}

// Java compares bit strings by their objects, of which no two are one.
bool is_same(const Schema& schema, const Value& before, const Value& after) {
  if (schema.name == "io.debezium.data.Bits" && !before.is_null()) return false;
  return before == after;
}

class ChangedFields final : public Transform {
 public:
  ChangedFields(std::string changed, std::string unchanged)
      : changed_{std::move(changed)}, unchanged_{std::move(unchanged)}, changed_schema_{list_schema(changed_)},
        unchanged_schema_{list_schema(unchanged_)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_change_event(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "Record value should be struct."));
    MR_TRY(const Value* after_value, field_as_is(*event, "after"));
    MR_TRY(const Value* before_value, field_as_is(*event, "before"));
    if (after_value->is_null() || before_value->is_null()) return record;
    MR_TRY(const Value::Struct* after, require_struct(nullptr, *after_value, "After value should be struct."));
    MR_TRY(const Value::Struct* before, require_struct(nullptr, *before_value, "Before value should be struct."));
    Value::Array changed, unchanged;
    for (std::size_t i = 0; i < after->fields.size() && i < before->fields.size(); ++i) {
      const Field& field = after->schema->fields[i];
      MR_TRY(const Value now, value_or_default(*field.schema, after->fields[i]));
      MR_TRY(const Value then, value_or_default(*before->schema->fields[i].schema, before->fields[i]));
      (is_same(*field.schema, then, now) ? unchanged : changed).emplace_back(field.name);
    }
    if (!changed_.empty()) record.headers.push_back({changed_, changed_schema_, Value{std::move(changed)}});
    if (!unchanged_.empty()) record.headers.push_back({unchanged_, unchanged_schema_, Value{std::move(unchanged)}});
    return record;
  }

 private:
  std::string changed_, unchanged_;   // headers; empty: none
  SchemaPtr changed_schema_, unchanged_schema_;
};

const ConfigDef& changed_fields_definition() {
  static const ConfigDef def{{
      {.name = "header.changed.name", .importance = Importance::low,
       .documentation = "The header that lists the columns which an update changed; without it there is none.", .order = 1,
       .width = Width::wide, .display_name = "Header change name."},
      {.name = "header.unchanged.name", .importance = Importance::low,
       .documentation = "The header that lists the columns which an update left as they were; without it there is none.", .order = 1,
       .width = Width::wide, .display_name = "Header unchanged name."},
  }};
  return def;
}

Result<std::unique_ptr<Transform>> make_changed_fields(const Config& options) {
  const auto name = [&](std::string_view option) {
    std::string text = options.get(option);
    return trimmed(text).empty() ? std::string{} : text;
  };
  return std::make_unique<ChangedFields>(name("header.changed.name"), name("header.unchanged.name"));
}

}  // namespace

TransformClass changed_fields() {
  return {.class_name = "io.debezium.transforms.ExtractChangedRecordState", .version = envelope::k_debezium_version,
          .config_def = changed_fields_definition, .make_transform = make_changed_fields};
}

}  // namespace millrace
