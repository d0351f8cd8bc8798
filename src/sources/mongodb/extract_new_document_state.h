// ExtractNewDocumentState puts a document in the place of its change event: the texts of `after`, of `before` of a delete or
// of `updatedFields` are read back, and key and value get the schema that each document has.
// Source: Debezium 2.7's io.debezium.connector.mongodb.transforms.ExtractNewDocumentState.
// Errors: texts and documents that have no schema (document_converter.h).
// Threads: one task's thread.
#pragma once

#include "core/transform.h"

namespace millrace::mongodb {

const ConfigDef& extract_new_document_state_def();
Result<std::unique_ptr<Transform>> make_extract_new_document_state(const Config& options);

}  // namespace millrace::mongodb
