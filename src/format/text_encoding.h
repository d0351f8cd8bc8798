// The character sets in which StringConverter can write.
// Threads: plain values.
#pragma once

#include <optional>
#include <string_view>

#include "core/output.h"

namespace millrace {

enum class TextEncoding { utf8, ascii, latin1, utf16, utf16_big, utf16_little };

// By Java's names: "UTF-8", "utf8", "ISO-8859-1", "latin1"; any case. None: not supported.
std::optional<TextEncoding> text_encoding(std::string_view java_name);

// UTF-8 (in which a lone surrogate may stand) as String.getBytes(charset) writes it: what the set lacks becomes '?', in UTF-16
// U+FFFD.
void append_encoded(Output& out, std::string_view utf8, TextEncoding encoding);

}  // namespace millrace
