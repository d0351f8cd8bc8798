// Pieces of the two writers of JSON strings: core/json_text (Jackson's rules) and MongoDB's Java driver's, which escape other
// characters and differ in the case of hex digits. Inline: they are inner loops. Text is copied in blocks, and room is asked
// for by chunks of input: k_growth_max bytes for each of a chunk, and k_slack.
// Threads: plain functions. Source of the malformed pieces: Java's UTF-8 decoder, one U+FFFD for each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace millrace::json {

inline constexpr std::size_t k_block = 16;
inline constexpr std::size_t k_chunk = 512;
inline constexpr std::size_t k_growth_max = 6;   // U+0001 -> \u0001
// A block that begins in a chunk, then an escaped pair of surrogates.
inline constexpr std::size_t k_slack = k_block + 12;

// What is copied as it is: printable ASCII but quote and backslash, and with Jackson DEL.
enum class Del : bool { escaped, plain };

template <Del del>
constexpr bool is_plain(unsigned char c) {
  return c >= 0x20 && c < (del == Del::plain ? 0x80 : 0x7F) && c != '"' && c != '\\';
}

// How many of the word's first bytes are plain. A borrow from one byte to the next comes only from a hit: the lowest hit
// is exact.
template <Del del>
std::size_t plain_bytes(std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  constexpr std::uint64_t k_ones = 0x0101'0101'0101'0101;
  const auto equal_to = [word](unsigned char c) { return (word ^ k_ones * c) - k_ones; };
  std::uint64_t hits = (word - k_ones * 0x20) | word | equal_to('"') | equal_to('\\');
  if constexpr (del == Del::escaped) hits |= equal_to(0x7F);
  return static_cast<std::size_t>(std::countr_zero(hits & k_ones * 0x80)) / 8;
}

// Copies a block and returns how many of its first bytes are plain.
template <Del del>
std::size_t copy_block(char* to, const unsigned char* from) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
  const auto equal_to = [block](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
  // Signed: bytes from 0x80 on are below 0x20 too.
  __m128i hits = _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(0x20)), _mm_or_si128(equal_to('"'), equal_to('\\')));
  if constexpr (del == Del::escaped) hits = _mm_or_si128(hits, equal_to(0x7F));
  return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(_mm_movemask_epi8(hits)) | 1u << k_block));
#else
  std::memcpy(to, from, k_block);
  std::uint64_t halves[2];
  std::memcpy(halves, from, k_block);
  const std::size_t plain = plain_bytes<del>(halves[0]);
  return plain < 8 ? plain : 8 + plain_bytes<del>(halves[1]);
#endif
}

// Copies all of a text shorter than a block when it is plain, with two loads that overlap.
template <Del del>
bool copy_short(char* to, const unsigned char* from, std::size_t size) {
  if (size >= 8) {
    std::uint64_t first = 0, last = 0;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + size - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
    return plain_bytes<del>(first) == 8 && plain_bytes<del>(last) == 8;
  }
  if (size >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    return plain_bytes<del>(std::uint64_t{last} << 32 | first) == 8;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_plain<del>(from[i])) return false;
    to[i] = static_cast<char>(from[i]);
  }
  return true;
}

// Writes what begins before `stop`; advances `from` to it or, by a last block or sequence, beyond.
// write_special(to, from, end): writes one character that is not plain, advances `from`, gives the place behind.
template <Del del, typename WriteSpecial>
char* write_chunk(char* to, const unsigned char*& from, const unsigned char* stop, const unsigned char* end, WriteSpecial write_special) {
  while (from < stop) {
    const auto left = static_cast<std::size_t>(end - from);
    if (left >= k_block) {
      const std::size_t plain = copy_block<del>(to, from);
      to += plain;
      from += plain;
      if (plain == k_block) continue;
    } else if (copy_short<del>(to, from, left)) {
      from = end;
      return to + left;
    } else {
      while (is_plain<del>(*from)) *to++ = static_cast<char>(*from++);
    }
    to = write_special(to, from, end);
  }
  return to;
}

inline constexpr char k_upper_hex[] = "0123456789ABCDEF";
inline constexpr char k_lower_hex[] = "0123456789abcdef";

// \uXXXX: six bytes. Each gives the place behind what it wrote.
inline char* write_code_unit(char* to, unsigned unit, const char* hex) {
  to[0] = '\\';
  to[1] = 'u';
  to[2] = hex[unit >> 12 & 15];
  to[3] = hex[unit >> 8 & 15];
  to[4] = hex[unit >> 4 & 15];
  to[5] = hex[unit & 15];
  return to + 6;
}

// A character beyond U+FFFF as its two surrogates; `at`: four whole bytes.
inline char* write_surrogates(char* to, const unsigned char* at, const char* hex) {
  const unsigned point = (at[0] & 7u) << 18 | (at[1] & 63u) << 12 | (at[2] & 63u) << 6 | (at[3] & 63u);
  to = write_code_unit(to, 0xD7C0 + (point >> 10), hex);
  return write_code_unit(to, 0xDC00 | (point & 0x3FF), hex);
}

// A quote, a backslash or a control character.
inline char* write_ascii_escape(char* to, unsigned char c, const char* hex) {
  char letter = 0;
  switch (c) {
    case '"': case '\\': letter = static_cast<char>(c); break;
    case '\b': letter = 'b'; break;
    case '\t': letter = 't'; break;
    case '\n': letter = 'n'; break;
    case '\f': letter = 'f'; break;
    case '\r': letter = 'r'; break;
    default: return write_code_unit(to, c, hex);
  }
  to[0] = '\\';
  to[1] = letter;
  return to + 2;
}

inline char* write_replacement(char* to) {   // U+FFFD
  std::memcpy(to, "\xEF\xBF\xBD", 3);
  return to + 3;
}

// A sequence of UTF-8 that begins at or above 0x80: its length when whole (surrogates count as whole), otherwise the length
// of the piece that one U+FFFD stands for.
struct Sequence {
  std::size_t size;
  bool whole;
};

inline Sequence sequence_at(const unsigned char* from, const unsigned char* end) {
  const unsigned char lead = *from;
  std::size_t size = 0;
  unsigned char low = 0x80, high = 0xBF;   // limits of the second byte
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

}  // namespace millrace::json
