// io.debezium.transforms.outbox.EventRouter: rows of an outbox table, in the topics of their aggregates.
#include <utility>

#include "core/envelope.h"
#include "core/outbox_routing.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

class EventRouter final : public Transform {
 public:
  explicit EventRouter(OutboxOptions options) : routing_{std::move(options)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    MR_TRY(const OutboxRouting::Fate fate, routing_.fate(record));
    if (fate == OutboxRouting::Fate::dropped) return std::nullopt;
    if (fate == OutboxRouting::Fate::unchanged) return record;
    return routing_.routed(std::move(record));
  }

 private:
  OutboxRouting routing_;
};

Result<std::unique_ptr<Transform>> make_event_router(const Config& options) {
  MR_TRY(OutboxOptions read, OutboxOptions::read(options));
  return std::make_unique<EventRouter>(std::move(read));
}

}  // namespace

TransformClass event_router() {
  return {.class_name = "io.debezium.transforms.outbox.EventRouter", .version = envelope::k_debezium_version,
          .config_def = outbox_keys, .make_transform = make_event_router};
}

}  // namespace millrace
