#include "sources/mongodb/mongodb_transforms.h"

#include <array>

#include "core/envelope.h"
#include "sources/mongodb/extract_new_document_state.h"

namespace millrace::mongodb {

std::span<const TransformClass> mongodb_transforms() {
  static const std::array classes{
      TransformClass{.class_name = "io.debezium.connector.mongodb.transforms.ExtractNewDocumentState",
                     .version = envelope::k_debezium_version,
                     .config_def = extract_new_document_state_def,
                     .make_transform = make_extract_new_document_state},
  };
  return classes;
}

}  // namespace millrace::mongodb
