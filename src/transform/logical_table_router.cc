// io.debezium.transforms.ByLogicalTableRouter: tables that are parts of one share a topic.
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/java_regex.h"
#include "core/name_adjustment.h"
#include "core/schema_cache.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

constexpr std::size_t k_topics_max = 1024;
constexpr std::string_view k_updating_schema = "Updating schema";
constexpr std::string_view k_default_key_field = "__dbz__physicalTableIdentifier";

struct Settings {
  JavaRegex topic;
  std::string topic_replacement;
  std::optional<JavaRegex> key_field;   // none: the table's topic is the field's value
  std::string key_field_replacement, key_field_name;
  bool unique_keys = true;
  NameAdjustment names = NameAdjustment::none;
  std::size_t cache_size = 16;
};

// The schema without its fields, and with another name.
Schema renamed(const Schema& given, std::string name) {
  Schema schema = schema_basics(given);
  schema.name = std::move(name);
  schema.optional = given.optional;
  return schema;
}

class LogicalTableRouter final : public Transform {
 public:
  explicit LogicalTableRouter(Settings settings)
      : settings_{std::move(settings)}, keys_{settings_.cache_size}, events_{settings_.cache_size} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override;
  bool follows_plan() const override { return true; }

 private:
  struct Route {
    std::string topic;        // empty: no match
    std::string identifier;   // of the table, in keys
  };
  Result<const Route*> route(const std::string& topic);
  Result<void> change_key(ConnectRecord& record, const Route& route);
  Result<SchemaPtr> event_schema(const Schema& given, const std::string& topic) const;
  Result<void> change_event(ConnectRecord& record, const std::string& topic);

  Settings settings_;
  std::unordered_map<std::string, Route> routes_;
  SchemaCache<SchemaPtr> keys_, events_;
};

Result<const LogicalTableRouter::Route*> LogicalTableRouter::route(const std::string& topic) {
  if (const auto known = routes_.find(topic); known != routes_.end()) return &known->second;
  Route route{.topic = {}, .identifier = topic};
  MR_TRY(const bool matches, settings_.topic.matches(topic));
  if (matches) {
    MR_TRY(route.topic, settings_.topic.replace_first(topic, settings_.topic_replacement));
  }
  if (settings_.key_field) {
    MR_TRY(const bool has_identifier, settings_.key_field->matches(topic));
    if (has_identifier) {
      MR_TRY(route.identifier, settings_.key_field->replace_first(topic, settings_.key_field_replacement));
    }
  }
  if (routes_.size() >= k_topics_max) routes_.clear();
  return &routes_.insert_or_assign(topic, std::move(route)).first->second;
}

Result<std::optional<ConnectRecord>> LogicalTableRouter::apply(ConnectRecord record) {
  MR_TRY(const Route* found, route(record.topic));
  if (found->topic.empty()) return record;
  if (record.key.is_null()) record.key_schema = nullptr;
  else MR_CHECK(change_key(record, *found));
  if (!record.value.is_null() && is_change_event(record)) MR_CHECK(change_event(record, found->topic));
  record.topic = found->topic;
  record.tombstone_headers = nullptr;
  return record;
}

Result<void> LogicalTableRouter::change_key(ConnectRecord& record, const Route& route) {
  MR_TRY(const Value::Struct* given, require_struct(record.key_schema, record.key, k_updating_schema));
  const SchemaPtr* made = keys_.find(given->schema);
  if (made == nullptr) {
    SchemaDraft draft{renamed(*given->schema, adjusted_schema_name(envelope::key_name(route.topic), settings_.names))};
    for (const Field& field : given->schema->fields) draft.add(field.name, field.schema);
    if (settings_.unique_keys) draft.add(settings_.key_field_name, envelope::plain_schema(Type::string, false));
    MR_TRY(SchemaPtr schema, std::move(draft).built());
    made = &keys_.put(given->schema, std::move(schema));
  }
  Value::Struct key{.schema = *made, .fields = {}};
  for (std::size_t i = 0; i < given->fields.size(); ++i) {
    MR_TRY(Value value, value_or_default(*given->schema->fields[i].schema, given->fields[i]));
    key.fields.push_back(std::move(value));
  }
  if (settings_.unique_keys) key.fields.emplace_back(route.identifier);
  record.key_schema = key.schema;
  record.key = Value{std::move(key)};
  return {};
}

Result<SchemaPtr> LogicalTableRouter::event_schema(const Schema& given, const std::string& topic) const {
  const Field* before = given.field("before");
  if (before == nullptr) return fail("The change event " + given.name + " has no field 'before'", Retry::no, k_null_pointer_exception);
  Schema row = renamed(*before->schema, adjusted_schema_name(envelope::row_name(topic), settings_.names));
  row.fields = before->schema->fields;
  const SchemaPtr shared_row = std::make_shared<const Schema>(std::move(row));
  Schema event = renamed(given, adjusted_schema_name(envelope::envelope_name(topic), settings_.names));
  for (const Field& field : given.fields)
    event.fields.push_back({field.name, field.name == "before" || field.name == "after" ? shared_row : field.schema});
  return std::make_shared<const Schema>(std::move(event));
}

Result<void> LogicalTableRouter::change_event(ConnectRecord& record, const std::string& topic) {
  MR_TRY(const Value::Struct* given, require_struct(record.value_schema, record.value, k_updating_schema));
  const SchemaPtr* made = events_.find(given->schema);
  if (made == nullptr) {
    MR_TRY(SchemaPtr schema, event_schema(*given->schema, topic));
    made = &events_.put(given->schema, std::move(schema));
  }
  Value::Struct event{.schema = *made, .fields = {}};
  for (std::size_t i = 0; i < given->fields.size(); ++i) {
    const Field& field = given->schema->fields[i];
    MR_TRY(Value value, value_or_default(*field.schema, given->fields[i]));
    if (!value.is_null() && (field.name == "before" || field.name == "after")) {
      MR_TRY(const Value::Struct* old_row, require_struct(field.schema, value, k_updating_schema));
      Value::Struct row{.schema = (*made)->fields[i].schema, .fields = {}};
      for (std::size_t j = 0; j < old_row->fields.size(); ++j) {
        MR_TRY(Value column, value_or_default(*old_row->schema->fields[j].schema, old_row->fields[j]));
        row.fields.push_back(std::move(column));
      }
      value = Value{std::move(row)};
    }
    event.fields.push_back(std::move(value));
  }
  record.value_schema = event.schema;
  record.value = Value{std::move(event)};
  return {};
}

const ConfigDef& logical_table_router_definition() {
  static const ConfigDef def{{
      {.name = "topic.regex", .importance = Importance::low,
       .documentation = "Which topics are parts of a logical table: a regular expression for the whole name.", .order = 1,
       .width = Width::wide, .display_name = "Topic regex"},
      {.name = "topic.replacement", .importance = Importance::low,
       .documentation = "The topic's new name; $1 is the first group of topic.regex.", .order = 1, .width = Width::wide,
       .display_name = "Topic replacement"},
      {.name = "key.enforce.uniqueness", .type = ConfigType::boolean, .default_text = "true", .importance = Importance::low,
       .documentation = "Give keys a field that names their table, as keys of several tables may be equal.", .order = 1,
       .width = Width::narrow, .display_name = "Add source topic name into key"},
      {.name = "key.field.regex", .importance = Importance::low,
       .documentation = "What of the old topic's name names the table in keys: a regular expression for the whole name.", .order = 1,
       .width = Width::wide, .display_name = "Key field regex"},
      {.name = "key.field.replacement", .importance = Importance::low,
       .documentation = "The table's name in keys; $1 is the first group of key.field.regex.", .order = 1, .width = Width::wide,
       .display_name = "Key field replacement"},
      {.name = "logical.table.cache.size", .type = ConfigType::int32, .default_text = "16", .importance = Importance::low,
       .documentation = "How many tables' schemas are remembered.", .order = 1, .width = Width::wide,
       .display_name = "Logical table cache size"},
  }};
  return def;
}

void key_replacement(const Config& config, const std::string* text, setting::Problems& problems) {
  const bool missing = text == nullptr || trimmed(*text).empty();
  if (missing && !trimmed(config.get("key.field.regex")).empty())
    problems.emplace_back("key.field.replacement must be non-empty if key.field.regex is set.");
}

constexpr setting::NamedRule k_logical_table_router_rules[] = {{"topic.regex", setting::required},
                                                               {"topic.regex", setting::regex},
                                                               {"topic.replacement", setting::required},
                                                               {"key.field.regex", setting::regex},
                                                               {"key.field.replacement", key_replacement}};

Result<std::unique_ptr<Transform>> make_logical_table_router(const Config& options) {
  MR_CHECK(check_all_options(options, logical_table_router_definition(), k_logical_table_router_rules));
  MR_TRY(const std::string names, chosen(options, "schema.name.adjustment.mode", "none", {"none", "avro", "avro_unicode"}));
  MR_TRY(JavaRegex topic, JavaRegex::compile(options.get("topic.regex")));
  Settings settings{.topic = std::move(topic), .topic_replacement = options.get("topic.replacement"), .key_field = {}};
  if (const std::string regex = options.get("key.field.regex"); !trimmed(regex).empty()) {
    MR_TRY(settings.key_field, JavaRegex::compile(regex));
  }
  settings.key_field_replacement = options.get("key.field.replacement");
  settings.key_field_name = options.get("key.field.name", k_default_key_field);
  settings.unique_keys = options.boolean("key.enforce.uniqueness", true);
  settings.names = name_adjustment(names);
  settings.cache_size = static_cast<std::size_t>(std::max<std::int64_t>(1, options.integer("logical.table.cache.size", 16)));
  return std::make_unique<LogicalTableRouter>(std::move(settings));
}

}  // namespace

TransformClass logical_table_router() {
  return {.class_name = "io.debezium.transforms.ByLogicalTableRouter", .version = envelope::k_debezium_version,
          .config_def = logical_table_router_definition, .make_transform = make_logical_table_router};
}

}  // namespace millrace
