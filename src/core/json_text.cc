#include "core/json_text.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/json_escapes.h"

namespace millrace {

namespace {

using Byte = unsigned char;

constexpr std::size_t k_block = 16;
// What one step may write beyond the bytes it has taken in: a block's width, or an escape of 12 bytes.
constexpr std::size_t k_slack = 32;

constexpr bool is_plain(Byte c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// Is a byte of the word not plain ASCII? Exact as a yes or no: a borrow into the next byte comes only from
// a byte that is itself a hit.
bool has_special(std::uint64_t word) {
  constexpr std::uint64_t k_ones = 0x0101'0101'0101'0101;
  const std::uint64_t hits = (word - k_ones * 0x20) | word | ((word ^ k_ones * '"') - k_ones) |
                             ((word ^ k_ones * '\\') - k_ones);
  return (hits & k_ones * 0x80) != 0;
}

// Copies a block and returns how many of its first bytes are plain.
std::size_t copy_block(char* to, const Byte* from) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
  // Signed: bytes from 0x80 on are below 0x20 too.
  const __m128i hits = _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(0x20)),
                                    _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                 _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
  return mask == 0 ? k_block : static_cast<std::size_t>(std::countr_zero(mask));
#else
  std::memcpy(to, from, k_block);
  std::uint64_t halves[2];
  std::memcpy(halves, from, k_block);
  if (!has_special(halves[0]) && !has_special(halves[1])) return k_block;
  std::size_t plain = 0;
  while (is_plain(from[plain])) ++plain;
  return plain;
#endif
}

// Copies all of a text shorter than a block when it is plain, with two loads that overlap.
bool copy_short(char* to, const Byte* from, std::size_t size) {
  if (size >= 8) {
    std::uint64_t first = 0, last = 0;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + size - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
    return !has_special(first) && !has_special(last);
  }
  if (size >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    return !has_special(std::uint64_t{last} << 32 | first);
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
  if (size == 4) return json::write_surrogates(to, at, json::k_upper_hex);
  if (at[0] == 0xED && at[1] >= 0xA0)
    return json::write_code_unit(to, 0xD000 | (at[1] & 63u) << 6 | (at[2] & 63u), json::k_upper_hex);
  std::memcpy(to, at, size);
  return to + size;
}

// Writes special characters up to the next plain one. `out` holds what is before `to`; room is asked for anew
// for each escape, as it is longer than what it stands for.
char* write_specials(Output& out, char* to, char* begin, const Byte*& from, const Byte* end) {
  while (from != end && !is_plain(*from)) {
    to = *from < 0x80 ? json::write_ascii_escape(to, *from++, json::k_upper_hex) : write_beyond_ascii(to, from, end);
    out.advance(static_cast<std::size_t>(to - begin));
    begin = to = out.reserve(static_cast<std::size_t>(end - from) + k_slack);
  }
  return to;
}

}  // namespace

void append_json_string(Output& out, std::string_view text) {
  const auto* from = reinterpret_cast<const Byte*>(text.data());
  const Byte* end = from + text.size();
  char* begin = out.reserve(text.size() + k_slack);
  char* to = begin;
  *to++ = '"';
  while (from != end) {
    const auto left = static_cast<std::size_t>(end - from);
    if (left >= k_block) {
      const std::size_t plain = copy_block(to, from);
      to += plain;
      from += plain;
      if (plain == k_block) continue;
    } else if (copy_short(to, from, left)) {
      to += left;
      break;
    } else {
      while (is_plain(*from)) *to++ = static_cast<char>(*from++);
    }
    begin = to = write_specials(out, to, begin, from, end);
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
