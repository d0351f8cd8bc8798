#include "core/numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace millrace {

namespace {

constexpr auto k_two_digits = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
  return pairs;
}();

void write_two(char* to, std::uint32_t value) { std::memcpy(to, k_two_digits[value].data(), 2); }

// Four independent look-ups, where a loop of divisions would wait for each other.
inline void write_eight(char* to, std::uint32_t value) {
  const std::uint32_t high = value / 10'000, low = value % 10'000;
  write_two(to, high / 100);
  write_two(to + 2, high % 100);
  write_two(to + 4, low / 100);
  write_two(to + 6, low % 100);
}

// The first `count` digits of a number, at most eight.
inline void write_first(char* to, std::uint32_t value, int count) {
  char* end = to + count;
  for (; end - to >= 2; value /= 100) write_two(end -= 2, value % 100);
  if (end != to) *to = static_cast<char>('0' + value);
}

constexpr auto k_powers = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& each : powers) {
    each = power;
    power *= 10;
  }
  return powers;
}();

int digit_count(std::uint64_t value) {
  // 1233/4096 is log10(2), exact enough for 64 bits; the table corrects it downwards.
  const int guess = std::bit_width(value | 1) * 1233 >> 12;
  return guess + (value >= k_powers[static_cast<std::size_t>(guess)] || guess == 0 ? 1 : 0);
}

// The end is known before the digits are: what follows need not wait for the divisions.
char* write_natural(char* to, std::uint64_t value) {
  constexpr std::uint64_t k_block = 100'000'000;
  const int count = digit_count(value);
  char* const end = to + count;
  if (count <= 8) {
    write_first(to, static_cast<std::uint32_t>(value), count);
    return end;
  }
  const std::uint64_t high = value / k_block;
  if (count <= 16) {
    write_first(to, static_cast<std::uint32_t>(high), count - 8);
  } else {
    write_first(to, static_cast<std::uint32_t>(high / k_block), count - 16);
    write_eight(end - 16, static_cast<std::uint32_t>(high % k_block));
  }
  write_eight(end - 8, static_cast<std::uint32_t>(value % k_block));
  return end;
}

// From 10^-3 up to below 10^7 Java writes no exponent.
char* lay_out_as_java(char* to, const char* digits, int count, int exponent) {
  if (exponent >= 0 && exponent < 7) {
    const int whole = exponent + 1;
    for (int i = 0; i < whole; ++i) *to++ = i < count ? digits[i] : '0';
    *to++ = '.';
    if (count <= whole) {
      *to++ = '0';
      return to;
    }
    return std::copy(digits + whole, digits + count, to);
  }
  if (exponent < 0 && exponent >= -3) {
    *to++ = '0';
    *to++ = '.';
    for (int i = exponent + 1; i < 0; ++i) *to++ = '0';
    return std::copy(digits, digits + count, to);
  }
  *to++ = digits[0];
  *to++ = '.';
  if (count == 1) {
    *to++ = '0';
  } else {
    to = std::copy(digits + 1, digits + count, to);
  }
  *to++ = 'E';
  return write_integer(to, exponent);
}

// Amounts, percentages and the like. Decimals of 15 digits at most are different doubles, so the one that reads back is the
// only one, without its trailing zeros the shortest. Null: it is none of a few decimal places. `value`: positive.
char* write_short_decimal(char* to, double value) {
  constexpr double k_first_of_16_digits = 1e15;
  constexpr int k_places_max = 4;
  double power = 1;
  for (int places = 0; places <= k_places_max && value * power < k_first_of_16_digits; ++places, power *= 10) {
    const auto whole = static_cast<std::int64_t>(value * power + 0.5);
    if (static_cast<double>(whole) / power != value) continue;
    char digits[k_integer_room];
    int count = static_cast<int>(write_natural(digits, static_cast<std::uint64_t>(whole)) - digits);
    const int exponent = count - 1 - places;
    while (count > 1 && digits[count - 1] == '0') --count;
    return lay_out_as_java(to, digits, count, exponent);
  }
  return nullptr;
}

template <typename Float>
char* write_java_float(char* to, Float value) {
  if (std::isnan(value)) return static_cast<char*>(std::memcpy(to, "NaN", 3)) + 3;
  if (std::signbit(value)) {
    *to++ = '-';
    value = -value;
  }
  if (std::isinf(value)) return static_cast<char*>(std::memcpy(to, "Infinity", 8)) + 8;
  if (value == 0) return static_cast<char*>(std::memcpy(to, "0.0", 3)) + 3;

  if constexpr (std::is_same_v<Float, double>)
    if (char* const end = write_short_decimal(to, value)) return end;

  char text[k_float_room];   // d.ddde+dd
  auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  // Java looks for two digits at least. A second digit other than 0 reads back only where neighbours are far
  // apart: among the smallest subnormals.
  constexpr Float k_sparse = std::numeric_limits<Float>::denorm_min() * 1024;
  if (text[1] == 'e' && value < k_sparse)
    end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 1).ptr;

  const char* e = std::find(text, end, 'e');
  char digits[20];
  int count = 0;
  for (const char* at = text; at != e; ++at)
    if (*at != '.') digits[count++] = *at;
  while (count > 1 && digits[count - 1] == '0') --count;
  int exponent = 0;
  const char* exponent_begin = e + 1 + (e[1] == '+' ? 1 : 0);
  std::from_chars(exponent_begin, end, exponent);
  return lay_out_as_java(to, digits, count, exponent);
}

}  // namespace

char* write_integer(char* to, std::int64_t value) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *to++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_natural(to, magnitude);
}

char* write_double(char* to, double value) { return write_java_float(to, value); }
char* write_float(char* to, float value) { return write_java_float(to, value); }

std::string double_text(double value) {
  char text[k_float_room];
  return {text, write_double(text, value)};
}

std::string float_text(float value) {
  char text[k_float_room];
  return {text, write_float(text, value)};
}

// --- base64

namespace {

constexpr char k_base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for each 12 bits: half the look-ups.
constexpr auto k_base64_pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {k_base64_alphabet[i >> 6], k_base64_alphabet[i & 63]};
  return pairs;
}();

}  // namespace

char* write_base64(char* to, std::string_view bytes) {
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3, to += 4) {
    const unsigned bits = from[0] << 16 | from[1] << 8 | from[2];
    std::memcpy(to, k_base64_pairs[bits >> 12].data(), 2);
    std::memcpy(to + 2, k_base64_pairs[bits & 0xFFF].data(), 2);
  }
  if (left == 0) return to;
  const unsigned bits = from[0] << 16 | (left == 2 ? from[1] << 8 : 0);
  std::memcpy(to, k_base64_pairs[bits >> 12].data(), 2);
  to[2] = left == 2 ? k_base64_alphabet[bits >> 6 & 63] : '=';
  to[3] = '=';
  return to + 4;
}

std::string base64(std::string_view bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  write_base64(text.data(), bytes);
  return text;
}

// --- murmur2, with the seed of Kafka's clients

std::int32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t k_multiplier = 0x5BD1E995;
  std::uint32_t hash = 0x9747B28C ^ static_cast<std::uint32_t>(bytes.size());
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 4; left -= 4, from += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, from, 4);
    word *= k_multiplier;
    word ^= word >> 24;
    word *= k_multiplier;
    hash = hash * k_multiplier ^ word;
  }
  if (left == 3) hash ^= std::uint32_t{from[2]} << 16;
  if (left >= 2) hash ^= std::uint32_t{from[1]} << 8;
  if (left >= 1) {
    hash ^= from[0];
    hash *= k_multiplier;
  }
  hash ^= hash >> 13;
  hash *= k_multiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

}  // namespace millrace
