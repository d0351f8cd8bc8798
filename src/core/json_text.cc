#include "core/json_text.h"

#include <algorithm>
#include <cstring>

#include "core/json_escapes.h"

namespace millrace {

namespace {

using Byte = unsigned char;

// One sequence that begins at or above 0x80; advances `from`.
char* write_beyond_ascii(char* to, const Byte*& from, const Byte* end) {
  const auto [size, whole] = json::sequence_at(from, end);
  const Byte* at = from;
  from += size;
  if (!whole) return json::write_replacement(to);
  if (size == 4) return json::write_surrogates(to, at, json::k_upper_hex);
  if (at[0] == 0xED && at[1] >= 0xA0)
    return json::write_code_unit(to, 0xD000 | (at[1] & 63u) << 6 | (at[2] & 63u), json::k_upper_hex);
  std::memcpy(to, at, size);
  return to + size;
}

char* write_special(char* to, const Byte*& from, const Byte* end) {
  const Byte c = *from;
  if (c == '"' || c == '\\') {   // in JSON inside of JSON each few bytes
    *to++ = '\\';
    *to++ = static_cast<char>(c);
    ++from;
    return to;
  }
  return c < 0x80 ? json::write_ascii_escape(to, *from++, json::k_upper_hex) : write_beyond_ascii(to, from, end);
}

}  // namespace

void append_json_string(Output& out, std::string_view text) {
  const auto* from = reinterpret_cast<const Byte*>(text.data());
  const Byte* const end = from + text.size();
  const auto chunk = [&] { return std::min(static_cast<std::size_t>(end - from), json::k_chunk); };
  char* begin = out.reserve(chunk() * json::k_growth_max + json::k_slack + 2);
  char* to = begin;
  *to++ = '"';
  while (true) {
    to = json::write_chunk<json::Del::plain>(to, from, from + chunk(), end, write_special);
    if (from == end) break;
    out.advance(static_cast<std::size_t>(to - begin));
    begin = to = out.reserve(chunk() * json::k_growth_max + json::k_slack + 1);
  }
  *to++ = '"';
  out.advance(static_cast<std::size_t>(to - begin));
}

void append_json_string(std::string& out, std::string_view text) {
  StringOutput escaped;
  append_json_string(escaped, text);
  out += escaped.written();
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace millrace
