#include "sources/mongodb/java_json_string.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "core/json_escapes.h"
#include "sources/mongodb/java_characters.h"

namespace millrace::mongodb {
namespace {

using Byte = unsigned char;

constexpr std::size_t k_word = 8;
constexpr std::size_t k_chunk = 512;      // of input, for which room is asked at once
constexpr std::size_t k_growth_max = 6;   // U+0001 -> \u0001
// Beyond k_growth_max bytes for each of a chunk: a word that begins in it, then an escaped pair of surrogates.
constexpr std::size_t k_slack = k_word + 12;

constexpr bool is_plain(Byte c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

// How many of the word's first bytes are plain. A borrow from one byte to the next comes only from a hit: the lowest hit
// is exact.
std::size_t plain_bytes(std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  constexpr std::uint64_t k_ones = 0x0101'0101'0101'0101;
  const auto equal_to = [word](Byte c) { return (word ^ k_ones * c) - k_ones; };
  const std::uint64_t hits = ((word - k_ones * 0x20) | word | equal_to('"') | equal_to('\\') | equal_to(0x7F)) & k_ones * 0x80;
  return static_cast<std::size_t>(std::countr_zero(hits)) / 8;
}

// Copies all of a text shorter than a word when it is plain, with two loads that overlap.
bool copy_short(char* to, const Byte* from, std::size_t size) {
  if (size >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    return plain_bytes(std::uint64_t{last} << 32 | first) == k_word;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_plain(from[i])) return false;
    to[i] = static_cast<char>(from[i]);
  }
  return true;
}

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

// Writes what begins before `stop`; advances `from` to it or, by a last word or sequence, beyond.
char* write_chunk(char* to, const Byte*& from, const Byte* stop, const Byte* end) {
  while (from < stop) {
    const auto left = static_cast<std::size_t>(end - from);
    if (left >= k_word) {
      std::uint64_t word = 0;
      std::memcpy(&word, from, k_word);
      std::memcpy(to, &word, k_word);
      const std::size_t plain = plain_bytes(word);
      to += plain;
      from += plain;
      if (plain == k_word) continue;
    } else if (copy_short(to, from, left)) {
      from = end;
      return to + left;
    } else {
      while (is_plain(*from)) *to++ = static_cast<char>(*from++);
    }
    to = write_special(to, from, end);
  }
  return to;
}

}  // namespace

void append_java_json_string(TextCursor& out, std::string_view text) {
  const auto* from = reinterpret_cast<const Byte*>(text.data());
  const Byte* const end = from + text.size();
  char* to = out.room(std::min(text.size(), k_chunk) * k_growth_max + k_slack + 2);
  *to++ = '"';
  while (from < end) {
    const Byte* const stop = from + std::min(static_cast<std::size_t>(end - from), k_chunk);
    to = write_chunk(to, from, stop, end);
    out.set_end(to);
    to = out.room(std::min(static_cast<std::size_t>(end - from), k_chunk) * k_growth_max + k_slack + 1);
  }
  *to++ = '"';
  out.set_end(to);
}

}  // namespace millrace::mongodb
