// The options of outbox_routing.h.
#include <array>
#include <string>
#include <utility>

#include "core/config_values.h"
#include "core/debezium_options.h"
#include "core/outbox_routing.h"
#include "core/unwrapping.h"

namespace millrace {
namespace {

constexpr std::string_view k_placement = "table.fields.additional.placement";
constexpr std::array<std::string_view, 3> k_update_behaviors{"warn", "error", "fatal"};
constexpr std::array<std::string_view, 2> k_null_behaviors{"ignore", "optional_bytes"};

void placements(const Config& config, const std::string* text, setting::Problems& problems) {
  if (text == nullptr) return;
  const std::vector<std::string> parts = option_parts(config, k_placement);
  for (const std::string& part : parts)
    if (const auto names = setting::java_split(part, ':'); names.size() != 2 && names.size() != 3)
      problems.push_back("A comma-separated list of valid String pairs or trios is expected but got: " + java_list_text(parts));
}

constexpr setting::NamedRule k_rules[] = {
    {k_placement, placements},
    {"route.topic.regex", setting::regex},
    {"table.op.invalid.behavior", setting::enumeration<k_update_behaviors>},
    {"table.json.payload.null.behavior", setting::enumeration<k_null_behaviors>},
};

Result<std::vector<PlacedField>> placed_fields(const Config& options) {
  std::vector<PlacedField> placed;
  for (const std::string& part : option_parts(options, k_placement)) {
    const auto names = setting::java_split(part, ':');
    const std::string field{trimmed(names[0])};
    const std::string place = lower(trimmed(names[1]));
    PlacedField made{.field = field, .alias = names.size() == 3 ? std::string{trimmed(names[2])} : field};
    using enum PlacedField::Place;
    if (place == "header") made.place = header;
    else if (place == "envelope") made.place = envelope;
    else if (place == "partition") made.place = partition;
    else
      return fail(invalid_value(options.get(k_placement), k_placement, "'" + place + "' is none of header, envelope, partition"),
                  Retry::no, k_config_exception);
    placed.push_back(std::move(made));
  }
  return placed;
}

std::optional<std::string> given(const Config& options, std::string_view name) {
  return options.has(name) ? std::optional{options.get(name)} : std::nullopt;
}

}  // namespace

const ConfigDef& outbox_keys() {
  static const ConfigDef def{{
      {.name = "table.field.event.id", .default_text = "id", .importance = Importance::low,
       .documentation = "The column of the event's id, which becomes the header id.", .group = "Table", .order = 1,
       .display_name = "Event ID Field"},
      {.name = "table.field.event.key", .default_text = "aggregateid", .importance = Importance::low,
       .documentation = "The column that becomes the record's key.", .group = "Table", .order = 2, .display_name = "Event Key Field"},
      {.name = "table.field.event.type", .default_text = "type", .importance = Importance::low,
       .documentation = "The column of the event's type. Without effect, as in Debezium: place it by "
                        "table.fields.additional.placement.",
       .group = "Table", .order = 3, .display_name = "Event Type Field"},
      {.name = "table.field.event.payload", .default_text = "payload", .importance = Importance::low,
       .documentation = "The column that becomes the record's value.", .group = "Table", .order = 4,
       .display_name = "Event Payload Field"},
      {.name = "table.field.event.timestamp", .importance = Importance::medium,
       .documentation = "The column of the record's timestamp; without it, it is the event's ts_ms.", .group = "Table", .order = 5,
       .display_name = "Event Timestamp Field"},
      {.name = std::string{k_placement}, .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Where other columns go: column:header, column:envelope (beside the payload) or column:partition; a third "
                        "part is the name that they get.",
       .group = "Table", .order = 6, .display_name = "Settings for each additional column in the outbox table"},
      {.name = "table.fields.additional.error.on.missing", .type = ConfigType::boolean, .default_text = "true",
       .importance = Importance::medium, .documentation = "Fail where the table has no such column; false: leave it out.",
       .group = "Table", .order = 7,
       .display_name = "Should the transform error if an additional field is missing in the change data"},
      {.name = "table.field.event.schema.version", .importance = Importance::low,
       .documentation = "The column of the version of the value's schema.", .group = "Table", .order = 8,
       .display_name = "Event Schema Version Field"},
      {.name = "table.op.invalid.behavior", .default_text = "warn", .importance = Importance::medium,
       .documentation = "What an updated row gives, as rows are only meant to be inserted and deleted: a WARN (warn), an ERROR "
                        "(error) or a failed task (fatal).",
       .group = "Table", .order = 9, .display_name = "Behavior when capturing an unexpected outbox event"},
      {.name = "table.expand.json.payload", .type = ConfigType::boolean, .default_text = "false", .importance = Importance::medium,
       .documentation = "Make a struct of a payload that is a JSON object, with a schema inferred from it.", .group = "Table",
       .order = 10, .display_name = "Expand Payload escaped string as real JSON"},
      {.name = "table.json.payload.null.behavior", .default_text = "ignore", .importance = Importance::medium,
       .documentation = "What a null in such a payload becomes: nothing (ignore) or a null of the type bytes (optional_bytes).",
       .group = "Table", .order = 11, .display_name = "Behavior when json payload including null value"},
      {.name = "route.by.field", .default_text = "aggregatetype", .importance = Importance::high,
       .documentation = "The column whose value makes the topic.", .group = "Router", .order = 1,
       .display_name = "Field to route events by"},
      {.name = "route.topic.regex", .default_text = "(?<routedByValue>.*)", .importance = Importance::low,
       .documentation = "A regular expression for that value as a whole; a value that does not match is the topic.", .group = "Router",
       .order = 2, .display_name = "The name of the routed topic"},
      {.name = "route.topic.replacement", .default_text = "outbox.event.${routedByValue}", .importance = Importance::high,
       .documentation = "The topic, with the groups of that expression: ${name} or $1.", .group = "Router", .order = 3,
       .display_name = "The name of the routed topic"},
      {.name = "route.tombstone.on.empty.payload", .type = ConfigType::boolean, .default_text = "false",
       .importance = Importance::high, .documentation = "Make a tombstone of an empty payload.", .group = "Router", .order = 4,
       .display_name = "Empty payloads cause a tombstone message"},
      {.name = "tracing.span.context.field", .default_text = "tracingspancontext", .importance = Importance::high,
       .documentation = "The column of a trace's context. Without effect: there is no OpenTelemetry here.", .group = "Tracing",
       .order = 1, .display_name = "Serialized tracing span context field"},
      {.name = "tracing.operation.name", .default_text = "debezium-read", .importance = Importance::high,
       .documentation = "The name of the trace's span. Without effect.", .group = "Tracing", .order = 2,
       .display_name = "Tracing operation name"},
      {.name = "tracing.with.context.field.only", .type = ConfigType::boolean, .default_text = "false", .importance = Importance::high,
       .documentation = "Trace only events with that column. Without effect.", .group = "Tracing", .order = 3,
       .display_name = "Trace only events with context field present"},
  }};
  return def;
}

Result<OutboxOptions> OutboxOptions::read(const Config& options) {
  const ConfigDef& def = outbox_keys();
  MR_CHECK(check_each_option(options, def, k_rules));
  OutboxOptions read;
  read.id = option_text(options, def, "table.field.event.id");
  read.key = option_text(options, def, "table.field.event.key");
  read.payload = option_text(options, def, "table.field.event.payload");
  read.route_by = option_text(options, def, "route.by.field");
  read.timestamp = given(options, "table.field.event.timestamp");
  read.version = given(options, "table.field.event.schema.version");
  MR_TRY(read.placed, placed_fields(options));
  read.missing_is_error = options.boolean("table.fields.additional.error.on.missing", true);
  read.empty_is_tombstone = options.boolean("route.tombstone.on.empty.payload", false);
  MR_TRY(const std::string behavior, chosen(options, "table.op.invalid.behavior", "warn", {"warn", "error", "fatal"}));
  read.on_update = behavior == "warn" ? Update::warn : behavior == "error" ? Update::error : Update::fatal;
  if (options.boolean("table.expand.json.payload", false)) {
    const bool as_bytes = lower(trimmed(options.get("table.json.payload.null.behavior"))) == "optional_bytes";
    MR_TRY(const std::string names, chosen(options, "field.name.adjustment.mode", "none", {"none", "avro", "avro_unicode"}));
    read.expansion.emplace(as_bytes ? JsonExpansion::Nulls::optional_bytes : JsonExpansion::Nulls::left_out, name_adjustment(names));
  }
  MR_TRY(read.topic, JavaRegex::compile(option_text(options, def, "route.topic.regex")));
  read.topic_replacement = option_text(options, def, "route.topic.replacement");
  return read;
}

}  // namespace millrace
