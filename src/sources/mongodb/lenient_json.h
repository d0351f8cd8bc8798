// JSON as users of MongoDB's shell write it in options (cursor.pipeline, snapshot filters), to BSON: extended JSON, and names
// without quotes, single quotes, /patterns/, ObjectId("..."), ISODate("..."), NumberLong(1), NumberInt(1), NumberDecimal("1"),
// Timestamp(seconds, increment) and the like. What MongoDB's Java driver 4.11 reads of it in Document.parse.
// Errors: text that is no such JSON, with the place. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace millrace::mongodb {

// One document; BSON.
Result<std::string> document_of_json(std::string_view text);
// An array of documents; BSON of each.
Result<std::vector<std::string>> documents_of_json(std::string_view text);

}  // namespace millrace::mongodb
