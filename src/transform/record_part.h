// RecordPart is the half of a record that a transform works on: Connect's classes come in pairs, X$Key and X$Value.
// Threads: plain functions.
#pragma once

#include <utility>

#include "core/record.h"

namespace millrace {

enum class RecordPart : bool { key, value };

inline SchemaPtr& schema_of(ConnectRecord& record, RecordPart part) {
  return part == RecordPart::key ? record.key_schema : record.value_schema;
}
inline Value& value_of(ConnectRecord& record, RecordPart part) { return part == RecordPart::key ? record.key : record.value; }

// A new record, as Java's newRecord() makes it: its list of headers is its own.
inline ConnectRecord with_part(ConnectRecord record, RecordPart part, SchemaPtr schema, Value value) {
  schema_of(record, part) = std::move(schema);
  value_of(record, part) = std::move(value);
  record.tombstone_headers = nullptr;
  return record;
}

}  // namespace millrace
