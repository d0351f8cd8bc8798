// io.debezium.transforms.SchemaChangeEventFilter: leaves out events of DDL by their kind. The sources here make none.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/struct_access.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

constexpr std::string_view k_option = "schema.change.event.exclude.list";
constexpr std::array<std::string_view, 5> k_kinds{"CREATE", "ALTER", "DROP", "TRUNCATE", "DATABASE"};

bool is_schema_change(const ConnectRecord& record) {
  if (!record.value_schema) return false;
  const std::string& name = record.value_schema->name;
  return name.ends_with(".SchemaChangeValue") || name.ends_with(".SchemaChangeKey");
}

class SchemaChangeFilter final : public Transform {
 public:
  explicit SchemaChangeFilter(std::vector<std::string> excluded) : excluded_{std::move(excluded)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_schema_change(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "Read schema change event to filter"));
    MR_TRY(const Value* changes, field_of_type(*event, "tableChanges", Type::array));
    if (changes->array() == nullptr) return std::nullopt;
    std::string kind = "DATABASE";
    if (!changes->array()->empty()) {
      MR_TRY(const Value::Struct* change, require_struct(nullptr, changes->array()->front(), "Read schema change event to filter"));
      MR_TRY(const Value* type, field_of_type(*change, "type", Type::string));
      if (type->string() != nullptr) kind = *type->string();
    }
    if (std::ranges::find(excluded_, kind) != excluded_.end()) return std::nullopt;
    return record;
  }

 private:
  std::vector<std::string> excluded_;
};

const ConfigDef& schema_change_filter_definition() {
  static const ConfigDef def{{
      {.name = std::string{k_option}, .importance = Importance::high,
       .documentation = "The kinds of events that are left out: CREATE, ALTER, DROP, TRUNCATE, DATABASE.", .order = 1,
       .width = Width::narrow, .display_name = "Schema change event exclude list"},
  }};
  return def;
}

constexpr setting::NamedRule k_schema_change_filter_rules[] = {{k_option, setting::required}};

Result<std::unique_ptr<Transform>> make_schema_change_filter(const Config& options) {
  MR_CHECK(check_each_option(options, schema_change_filter_definition(), k_schema_change_filter_rules));
  std::vector<std::string> excluded = option_parts(options, k_option);
  for (const std::string& kind : excluded)
    if (std::ranges::find(k_kinds, kind) == k_kinds.end())
      return fail("'" + kind + "' in " + std::string{k_option} + " is none of CREATE, ALTER, DROP, TRUNCATE, DATABASE", Retry::no,
                  "java.lang.IllegalArgumentException");
  return std::make_unique<SchemaChangeFilter>(std::move(excluded));
}

}  // namespace

TransformClass schema_change_filter() {
  return {.class_name = "io.debezium.transforms.SchemaChangeEventFilter", .version = envelope::k_debezium_version,
          .config_def = schema_change_filter_definition, .make_transform = make_schema_change_filter};
}

}  // namespace millrace
