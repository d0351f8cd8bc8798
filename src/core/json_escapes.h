// Pieces of the two writers of JSON strings: core/json_text (Jackson's rules) and MongoDB's Java driver's, which escape other
// characters and differ in the case of hex digits. Inline: they are inner loops.
// Threads: plain functions. Source of the malformed pieces: Java's UTF-8 decoder, one U+FFFD for each.
#pragma once

#include <cstddef>
#include <cstring>

namespace millrace::json {

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
