// Reads back what extended_json.h writes, in each of its dialects, as the Java driver's JsonReader does: objects that begin
// with "$oid", "$numberLong" and the like are values, whoever wrote them, and a number without a point is an int32 if it fits.
// Source: MongoDB's Java driver 4.11. Left out: what only a shell writes (single quotes, ObjectId(...), names without quotes).
// Errors: text that is no such JSON, wrappers with other contents than theirs, nesting beyond k_reader_nesting_max.
// Threads: any; nothing is kept.
#pragma once

#include <string_view>

#include "core/error.h"
#include "sources/mongodb/document_value.h"

namespace millrace::mongodb {

inline constexpr int k_reader_nesting_max = 256;   // the writer's and what is put around it
inline constexpr std::string_view k_json_parse_exception = "org.bson.json.JsonParseException";

// Of a name that occurs twice the first place and the last value count.
Result<DocumentFields> read_document(std::string_view text);
// A single value, as a key's text holds it.
Result<DocumentValue> read_value(std::string_view text);

}  // namespace millrace::mongodb
