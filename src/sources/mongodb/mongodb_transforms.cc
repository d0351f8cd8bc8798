#include "sources/mongodb/mongodb_transforms.h"

#include <array>

#include "core/envelope.h"
#include "sources/mongodb/extract_new_document_state.h"
#include "sources/mongodb/mongo_event_router.h"

namespace millrace::mongodb {

std::span<const TransformClass> mongodb_transforms() {
  static const std::array classes{
      TransformClass{.class_name = "io.debezium.connector.mongodb.transforms.ExtractNewDocumentState",
                     .version = envelope::k_debezium_version,
                     .config_def = extract_new_document_state_def,
                     .make_transform = make_extract_new_document_state},
      TransformClass{.class_name = "io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter",
                     .version = envelope::k_debezium_version,
                     .config_def = mongo_event_router_def,
                     .make_transform = make_mongo_event_router},
  };
  return classes;
}

}  // namespace millrace::mongodb
