// JSON strings as the Java driver's StrictCharacterStreamJsonWriter prints them: other escapes than Jackson's
// (core/json_text.h), hexadecimal digits in lower case, and every surrogate an escape of its own.
// Input is what a server calls UTF-8; each piece that Java's String decoder would replace becomes U+FFFD.
// Threads: any; nothing is kept.
#pragma once

#include <string_view>

#include "sources/mongodb/text_cursor.h"

namespace millrace::mongodb {

// With the quotes.
void append_java_json_string(TextCursor& out, std::string_view text);

}  // namespace millrace::mongodb
