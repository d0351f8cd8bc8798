#include "sources/mongodb/java_json_string.h"

#include <algorithm>
#include <cstring>

#include "core/json_escapes.h"
#include "sources/mongodb/java_characters.h"

namespace millrace::mongodb {
namespace {

using Byte = unsigned char;

// One sequence that begins at or above 0x80; advances `from`.
char* write_beyond_ascii(char* to, const Byte*& from, const Byte* end) {
  const auto [size, whole] = json::sequence_at(from, end);
  const Byte* at = from;
  from += size;
  if (!whole) return json::write_replacement(to);
  if (size == 4) return json::write_surrogates(to, at, json::k_lower_hex);
  const unsigned unit = size == 2 ? (at[0] & 31u) << 6 | (at[1] & 63u)
                                  : (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
  if (unit >= 0xD800 && unit <= 0xDFFF) return json::write_replacement(to);
  if (!is_printable(static_cast<char16_t>(unit))) return json::write_code_unit(to, unit, json::k_lower_hex);
  std::memcpy(to, at, size);
  return to + size;
}

char* write_special(char* to, const Byte*& from, const Byte* end) {
  return *from < 0x80 ? json::write_ascii_escape(to, *from++, json::k_lower_hex) : write_beyond_ascii(to, from, end);
}

}  // namespace

void append_java_json_string(TextCursor& out, std::string_view text) {
  const auto* from = reinterpret_cast<const Byte*>(text.data());
  const Byte* const end = from + text.size();
  const auto chunk = [&] { return std::min(static_cast<std::size_t>(end - from), json::k_chunk); };
  char* to = out.room(chunk() * json::k_growth_max + json::k_slack + 2);
  *to++ = '"';
  while (true) {
    to = json::write_chunk<json::Del::escaped>(to, from, from + chunk(), end, write_special);
    if (from == end) break;
    out.set_end(to);
    to = out.room(chunk() * json::k_growth_max + json::k_slack + 1);
  }
  *to++ = '"';
  out.set_end(to);
}

}  // namespace millrace::mongodb
