#include "format/text_encoding.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/java_hash.h"
#include "core/letters.h"

namespace millrace {
namespace {

constexpr std::pair<std::string_view, TextEncoding> k_names[] = {
    {"utf-8", TextEncoding::utf8},          {"utf8", TextEncoding::utf8},
    {"unicode-1-1-utf-8", TextEncoding::utf8},
    {"us-ascii", TextEncoding::ascii},      {"ascii", TextEncoding::ascii},
    {"iso646-us", TextEncoding::ascii},     {"iso-8859-1", TextEncoding::latin1},
    {"iso8859-1", TextEncoding::latin1},    {"iso8859_1", TextEncoding::latin1},
    {"iso_8859-1", TextEncoding::latin1},   {"iso_8859_1", TextEncoding::latin1},
    {"latin1", TextEncoding::latin1},       {"l1", TextEncoding::latin1},
    {"utf-16", TextEncoding::utf16},        {"utf16", TextEncoding::utf16},
    {"utf_16", TextEncoding::utf16},        {"unicode", TextEncoding::utf16},
    {"utf-16be", TextEncoding::utf16_big},  {"utf_16be", TextEncoding::utf16_big},
    {"utf-16le", TextEncoding::utf16_little}, {"utf_16le", TextEncoding::utf16_little},
};

void append_unit(Output& out, unsigned unit, TextEncoding encoding) {
  const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
  out.append(encoding == TextEncoding::utf16_little ? low : high);
  out.append(encoding == TextEncoding::utf16_little ? high : low);
}

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

void append_utf16(Output& out, char32_t c, TextEncoding encoding) {
  if (is_surrogate(c)) c = 0xFFFD;
  if (c < 0x10000) return append_unit(out, c, encoding);
  c -= 0x10000;
  append_unit(out, 0xD800 + (c >> 10), encoding);
  append_unit(out, 0xDC00 + (c & 0x3FF), encoding);
}

// A lone surrogate has no UTF-8.
void write_utf8(Output& out, std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1)) {
    if (at + 2 >= text.size() || static_cast<unsigned char>(text[at + 1]) < 0xA0) continue;
    out.append(text.substr(copied, at - copied));
    out.append('?');
    copied = at + 3;
  }
  out.append(text.substr(copied));
}

}  // namespace

std::optional<TextEncoding> text_encoding(std::string_view java_name) {
  const std::string name = lower(java_name);
  const auto at = std::ranges::find(k_names, std::string_view{name}, &std::pair<std::string_view, TextEncoding>::first);
  if (at == std::end(k_names)) return std::nullopt;
  return at->second;
}

void append_encoded(Output& out, std::string_view utf8, TextEncoding encoding) {
  if (encoding == TextEncoding::utf8) return write_utf8(out, utf8);
  // Java writes a mark of the byte order, but not before nothing.
  if (encoding == TextEncoding::utf16 && !utf8.empty()) append_unit(out, 0xFEFF, encoding);
  while (!utf8.empty()) {
    const char32_t c = next_code_point(utf8).value;
    if (encoding == TextEncoding::ascii || encoding == TextEncoding::latin1)
      out.append(c < (encoding == TextEncoding::ascii ? 0x80U : 0x100U) ? static_cast<char>(c) : '?');
    else append_utf16(out, c, encoding);
  }
}

}  // namespace millrace
