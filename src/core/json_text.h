// JSON strings as Jackson writes them inside Kafka Connect: only what must be escaped is, hex is upper case,
// and each UTF-16 surrogate is an escape of its own, so that U+1F600 is "\uD83D\uDE00".
// Input is UTF-8. A lone surrogate (three bytes ED A0..BF xx: Java's cut strings) becomes its escape; other
// invalid bytes become U+FFFD, one for each piece that Java's decoder would replace.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

#include "core/output.h"

namespace millrace {

// With the quotes.
void append_json_string(Output& out, std::string_view text);
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

}  // namespace millrace
