#include "sources/mongodb/decimal128_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "core/letters.h"
#include "sources/mongodb/decimal128_text.h"

namespace millrace::mongodb {
namespace {

constexpr std::int64_t k_exponent_max = 6111, k_exponent_min = -6176;
constexpr std::size_t k_digits_max = 34;

// A BigDecimal: its digits without leading zeros ("0" for zero) and the power of ten of the last one.
struct Number {
  std::string digits;
  std::int64_t exponent = 0;
  bool negative = false;

  bool zero() const { return digits == "0"; }
};

std::string_view take_digits(std::string_view& rest) {
  const std::string_view digits = rest.substr(0, std::min(rest.size(), rest.find_first_not_of("0123456789")));
  rest.remove_prefix(digits.size());
  return digits;
}

std::optional<Number> read_number(std::string_view rest) {
  Number number;
  if (rest.starts_with('-') || rest.starts_with('+')) {
    number.negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  number.digits = take_digits(rest);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const std::string_view fraction = take_digits(rest);
    number.digits += fraction;
    number.exponent = -static_cast<std::int64_t>(fraction.size());
  }
  if (number.digits.empty()) return std::nullopt;
  if (!rest.empty()) {
    if (rest.front() != 'e' && rest.front() != 'E') return std::nullopt;
    rest.remove_prefix(1);
    if (rest.size() > 1 && rest.front() == '+' && is_digit(rest[1])) rest.remove_prefix(1);
    std::int32_t exponent = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
    number.exponent += exponent;
  }
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size() - 1));
  return number;
}

// Drops the last digits if they are zeros.
bool drop_digits(Number& number, std::size_t count) {
  const std::size_t kept = count > number.digits.size() ? 0 : number.digits.size() - count;
  if (number.digits.find_first_not_of('0', kept) != std::string::npos) return false;
  number.digits.resize(kept);
  number.exponent += static_cast<std::int64_t>(count);
  return true;
}

// The exponent into its range, and no more digits than there is room for.
bool fit(Number& number) {
  if (number.exponent > k_exponent_max) {
    if (!number.zero()) {
      const std::int64_t zeros = number.exponent - k_exponent_max;
      if (zeros + static_cast<std::int64_t>(number.digits.size()) > static_cast<std::int64_t>(k_digits_max)) return false;
      number.digits.append(static_cast<std::size_t>(zeros), '0');
    }
    number.exponent = k_exponent_max;
  } else if (number.exponent < k_exponent_min) {
    if (number.zero()) number.exponent = k_exponent_min;
    else if (!drop_digits(number, static_cast<std::size_t>(k_exponent_min - number.exponent))) return false;
  }
  if (number.digits.size() > k_digits_max && !drop_digits(number, number.digits.size() - k_digits_max)) return false;
  return !number.digits.empty() && number.exponent <= k_exponent_max;
}

bson_decimal128_t encoded(const Number& number) {
  std::array<std::uint32_t, 4> parts{};   // the highest first; 34 digits are 113 bits
  for (const char digit : number.digits) {
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::size_t i = parts.size(); i-- > 0; carry >>= 32) {
      carry += std::uint64_t{parts[i]} * 10;
      parts[i] = static_cast<std::uint32_t>(carry);
    }
  }
  bson_decimal128_t value;
  value.high = std::uint64_t{parts[0]} << 32 | parts[1] | static_cast<std::uint64_t>(number.exponent - k_exponent_min) << 49;
  value.low = std::uint64_t{parts[2]} << 32 | parts[3];
  if (number.negative) value.high |= k_decimal128_sign;
  return value;
}

}  // namespace

std::optional<bson_decimal128_t> read_decimal128(std::string_view text) {
  const std::string word = lower(text);
  const bool negative = word.starts_with('-');
  const std::string_view name = std::string_view{word}.substr(negative || word.starts_with('+') ? 1 : 0);
  bson_decimal128_t value{};
  if (word == "nan" || word == "-nan") {
    value.high = 0x7C00'0000'0000'0000;
  } else if (name == "inf" || name == "infinity") {
    value.high = 0x7800'0000'0000'0000;
  } else {
    auto number = read_number(text);
    if (!number || !fit(*number)) return std::nullopt;
    return encoded(*number);
  }
  if (negative) value.high |= k_decimal128_sign;
  return value;
}

}  // namespace millrace::mongodb
