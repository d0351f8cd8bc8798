// The text that Debezium 2.7 makes of BSON: MongoDB's Java driver 4.11 in two dialects and two spacings, with the
// numbers and characters of Java 21. What neither libbson's own JSON nor any other library prints.
// Source: reference of the Java driver's StrictCharacterStreamJsonWriter; Unicode 15.0 for the characters that are escaped.
// Errors: bytes that are no BSON, or nesting beyond k_nesting_max; the output then holds a part. Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "sources/mongodb/bson_view.h"

namespace millrace::mongodb {

enum class Dialect : std::uint8_t {
  strict,          // JsonMode.STRICT without white space between elements: after, before, lsid
  relaxed,         // JsonMode.RELAXED, the same spacing: keys
  relaxed_spaced,  // JsonMode.RELAXED, ", " between elements: updatedFields
};

inline constexpr int k_nesting_max = 200;   // a server allows 100 (180 inside)

// Appends the document's text. Of a name that occurs twice the first place and the last value count, as in Java.
Result<void> write_json(BsonView document, Dialect dialect, std::string& out);
// Appends the text of the value that the iterator stands on.
Result<void> write_json_value(const bson_iter_t& value, Dialect dialect, std::string& out);
// A regular expression's options in the order of their characters, as Java keeps them.
std::string sorted_options(std::string_view options);

}  // namespace millrace::mongodb
