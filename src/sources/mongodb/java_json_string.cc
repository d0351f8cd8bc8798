#include "sources/mongodb/java_json_string.h"

#include <algorithm>
#include <bit>
#include <cstdint>

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

char* write_escaped_unit(char* to, unsigned unit) {
  constexpr char k_hex[] = "0123456789abcdef";
  to[0] = '\\';
  to[1] = 'u';
  to[2] = k_hex[unit >> 12 & 15];
  to[3] = k_hex[unit >> 8 & 15];
  to[4] = k_hex[unit >> 4 & 15];
  to[5] = k_hex[unit & 15];
  return to + 6;
}

char* write_ascii_escape(char* to, Byte c) {
  char letter = 0;
  switch (c) {
    case '"': case '\\': letter = static_cast<char>(c); break;
    case '\b': letter = 'b'; break;
    case '\t': letter = 't'; break;
    case '\n': letter = 'n'; break;
    case '\f': letter = 'f'; break;
    case '\r': letter = 'r'; break;
    default: return write_escaped_unit(to, c);
  }
  to[0] = '\\';
  to[1] = letter;
  return to + 2;
}

// The length of a sequence of UTF-8 when it is whole, otherwise of the piece that Java's decoder takes for malformed.
// Surrogates count as whole: Java replaces their three bytes at once.
struct Sequence {
  std::size_t size;
  bool whole;
};

Sequence sequence_at(const Byte* from, const Byte* end) {
  const Byte lead = *from;
  std::size_t size = 0;
  Byte low = 0x80, high = 0xBF;   // limits of the second byte
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    if (lead == 0xE0) low = 0xA0;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (from + i == end || from[i] < low || from[i] > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

char* write_replacement(char* to) {
  std::memcpy(to, "\xEF\xBF\xBD", 3);
  return to + 3;
}

// One sequence that begins at or above 0x80; advances `from`.
char* write_beyond_ascii(char* to, const Byte*& from, const Byte* end) {
  const auto [size, whole] = sequence_at(from, end);
  const Byte* at = from;
  from += size;
  if (!whole) return write_replacement(to);
  if (size == 4) {
    const unsigned point = (at[0] & 7u) << 18 | (at[1] & 63u) << 12 | (at[2] & 63u) << 6 | (at[3] & 63u);
    to = write_escaped_unit(to, 0xD7C0 + (point >> 10));
    return write_escaped_unit(to, 0xDC00 | (point & 0x3FF));
  }
  const unsigned unit = size == 2 ? (at[0] & 31u) << 6 | (at[1] & 63u)
                                  : (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
  if (unit >= 0xD800 && unit <= 0xDFFF) return write_replacement(to);
  if (!is_printable(static_cast<char16_t>(unit))) return write_escaped_unit(to, unit);
  std::memcpy(to, at, size);
  return to + size;
}

char* write_special(char* to, const Byte*& from, const Byte* end) {
  return *from < 0x80 ? write_ascii_escape(to, *from++) : write_beyond_ascii(to, from, end);
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
