// io.debezium.transforms.tracing.ActivateTracingSpan where there is no OpenTelemetry, as in Debezium's own image: records
// without a trace's context pass, others fail.
#include <string>
#include <utility>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

class TracingSpan final : public Transform {
 public:
  explicit TracingSpan(std::string field) : field_{std::move(field)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_change_event(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "tracing"));
    const auto index = field_index(*event->schema, "after");
    if (!index || event->fields[*index].structure() == nullptr) return record;
    const Value::Struct& after = *event->fields[*index].structure();
    if (!field_index(*after.schema, field_)) return record;
    MR_TRY(const Value* context, field_of_type(after, field_, Type::string));
    if (context->is_null()) return record;
    return fail("Failed to record tracing information, tracing libraries not available: the column " + field_ + " of " + record.topic +
                    " holds a trace's context, and there is no OpenTelemetry here. Leave the transform out.",
                Retry::no, k_debezium_exception);
  }

 private:
  std::string field_;
};

const ConfigDef& tracing_span_definition() {
  static const ConfigDef def{{
      {.name = "tracing.span.context.field", .default_text = "tracingspancontext", .importance = Importance::high,
       .documentation = "The column of a trace's context.", .order = 1, .display_name = "Serialized tracing span context field"},
      {.name = "tracing.operation.name", .default_text = "debezium-read", .importance = Importance::high,
       .documentation = "The name of the trace's span. Without effect.", .order = 1, .display_name = "Tracing operation name"},
      {.name = "tracing.with.context.field.only", .type = ConfigType::boolean, .default_text = "false", .importance = Importance::high,
       .documentation = "Trace only events with that column. Without effect.", .order = 1,
       .display_name = "Trace only events with context field present"},
  }};
  return def;
}

Result<std::unique_ptr<Transform>> make_tracing_span(const Config& options) {
  MR_CHECK(check_all_options(options, tracing_span_definition(), {}));
  return std::make_unique<TracingSpan>(option_text(options, tracing_span_definition(), "tracing.span.context.field"));
}

}  // namespace

TransformClass tracing_span() {
  return {.class_name = "io.debezium.transforms.tracing.ActivateTracingSpan", .version = envelope::k_debezium_version,
          .config_def = tracing_span_definition, .make_transform = make_tracing_span};
}

}  // namespace millrace
