#include "sources/postgres/name_uuid.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace millrace::postgres {
namespace {

constexpr std::size_t k_block_bytes = 64;

// RFC 1321: the integer parts of 2^32 * abs(sin(i + 1)).
std::array<std::uint32_t, 64> sine_table() {
  std::array<std::uint32_t, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint32_t>(std::floor(4294967296.0 * std::abs(std::sin(static_cast<double>(i + 1)))));
  return table;
}

std::uint32_t little_endian(std::string_view block, std::size_t word) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(block[word * 4 + i]);
  return value;
}

using State = std::array<std::uint32_t, 4>;

void add_block(State& state, std::string_view block) {
  static const std::array<std::uint32_t, 64> k_sines = sine_table();
  constexpr std::array<int, 16> k_shifts{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    std::uint32_t mixed = 0;
    std::size_t word = 0;
    switch (i / 16) {
      case 0: mixed = (b & c) | (~b & d); word = i; break;
      case 1: mixed = (d & b) | (~d & c); word = (5 * i + 1) % 16; break;
      case 2: mixed = b ^ c ^ d; word = (3 * i + 5) % 16; break;
      default: mixed = c ^ (b | ~d); word = 7 * i % 16; break;
    }
    mixed += a + k_sines[i] + little_endian(block, word);
    a = d;
    d = c;
    c = b;
    b += std::rotl(mixed, k_shifts[i / 16 * 4 + i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

std::array<unsigned char, 16> md5(std::string_view bytes) {
  std::string padded{bytes};
  padded += '\x80';
  while (padded.size() % k_block_bytes != k_block_bytes - 8) padded += '\0';
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (int shift = 0; shift < 64; shift += 8) padded += static_cast<char>(bits >> shift);
  State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += k_block_bytes)
    add_block(state, std::string_view{padded}.substr(at, k_block_bytes));
  std::array<unsigned char, 16> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<unsigned char>(state[i / 4] >> 8 * (i % 4));
  return digest;
}

}  // namespace

std::string name_uuid(std::string_view bytes) {
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::array<unsigned char, 16> digest = md5(bytes);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x30);   // version 3
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80);   // IETF variant
  std::string text;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += k_hex[digest[i] >> 4];
    text += k_hex[digest[i] & 15];
  }
  return text;
}

}  // namespace millrace::postgres
