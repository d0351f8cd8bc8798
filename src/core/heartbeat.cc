#include "core/heartbeat.h"

#include <array>

#include "core/envelope.h"
#include "core/wall_clock.h"

namespace millrace {
namespace {

SchemaPtr one_field(std::string_view name, const char* field, const SchemaPtr& type) {
  Schema schema = envelope::structure_schema(name, false, {{field, type}});
  schema.version = 1;
  return std::make_shared<const Schema>(std::move(schema));
}

// Key: the server's name, always the same. Value: the time, in slot 0.
RecordPlan heartbeat_plan(const Config& config) {
  const SchemaPtr text = envelope::plain_schema(Type::string, false);
  const SchemaPtr time = envelope::plain_schema(Type::int64, false);
  const std::string server = config.get("topic.prefix");
  const SchemaPtr key = one_field("io.debezium.connector.common.ServerNameKey", "serverName", text);
  const SchemaPtr value = one_field("io.debezium.connector.common.Heartbeat", "ts_ms", time);
  return {.topic = config.get("topic.heartbeat.prefix", "__debezium-heartbeat") + config.get("topic.delimiter", ".") + server,
          .key = Shape::of_structure(key, {Shape::of_constant(text, Value{server})}),
          .value = Shape::of_structure(value, {Shape::of_slot(time, 0)}),
          .slot_count = 1};
}

}  // namespace

std::optional<Heartbeat> Heartbeat::create(const Config& config) {
  const std::chrono::milliseconds interval{config.integer("heartbeat.interval.ms", 0)};
  if (interval.count() <= 0) return std::nullopt;
  return Heartbeat{interval, heartbeat_plan(config)};
}

Heartbeat::Heartbeat(std::chrono::milliseconds interval, RecordPlan plan)
    : interval_{interval}, plan_{std::move(plan)}, next_{Clock::now() + interval} {}

Result<void> Heartbeat::beat(RecordSink& sink) {
  MR_CHECK(forced_beat(sink));
  next_ = Clock::now() + interval_;
  return {};
}

Result<void> Heartbeat::forced_beat(RecordSink& sink) {
  const std::array<Datum, 1> slots{Datum::of(wall_clock_ms())};
  return sink.emit({.plan = &plan_, .slots = slots, .partition = 0});
}

}  // namespace millrace
