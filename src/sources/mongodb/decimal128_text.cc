#include "sources/mongodb/decimal128_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/numbers.h"

namespace millrace::mongodb {
namespace {

constexpr std::uint64_t k_infinity = 0x7800'0000'0000'0000;
constexpr std::uint64_t k_nan = 0x7C00'0000'0000'0000;
constexpr std::uint64_t k_wide = 0x6000'0000'0000'0000;   // a significand of more than 113 bits: counts as 0
constexpr int k_exponent_bias = 6176;

char* copy(char* to, std::string_view text) { return std::copy(text.begin(), text.end(), to); }

// Ends at `end`; returns the first digit. 113 bits are 35 digits at most.
char* write_digits_before(char* end, std::uint64_t high, std::uint64_t low) {
  std::array<std::uint32_t, 4> parts{static_cast<std::uint32_t>(high >> 32), static_cast<std::uint32_t>(high),
                                     static_cast<std::uint32_t>(low >> 32), static_cast<std::uint32_t>(low)};
  for (bool last = false; !last;) {
    constexpr std::uint64_t k_block = 1'000'000'000;   // nine digits at a time
    std::uint64_t rest = 0;
    for (std::uint32_t& part : parts) {
      const std::uint64_t value = rest << 32 | part;
      part = static_cast<std::uint32_t>(value / k_block);
      rest = value % k_block;
    }
    last = std::ranges::all_of(parts, [](std::uint32_t part) { return part == 0; });
    for (int digit = 0; digit < 9 && (!last || rest != 0); ++digit, rest /= 10) *--end = static_cast<char>('0' + rest % 10);
  }
  return end;
}

char* lay_out(char* to, std::string_view digits, int exponent) {
  const int adjusted = exponent + static_cast<int>(digits.size()) - 1;
  if (exponent > 0 || adjusted < -6) {
    *to++ = digits.front();
    if (digits.size() > 1) *to++ = '.';
    to = copy(to, digits.substr(1));
    *to++ = 'E';
    if (adjusted > 0) *to++ = '+';
    return write_integer(to, adjusted);
  }
  if (exponent == 0) return copy(to, digits);
  if (adjusted < 0) {
    to = copy(to, "0.");
    to = std::fill_n(to, -adjusted - 1, '0');
    return copy(to, digits);
  }
  const auto whole = static_cast<std::size_t>(adjusted + 1);
  to = copy(to, digits.substr(0, whole));
  *to++ = '.';
  return copy(to, digits.substr(whole));
}

}  // namespace

char* write_decimal128(char* to, const bson_decimal128_t& value) {
  const std::uint64_t high = value.high;
  if ((high & k_nan) == k_nan) return copy(to, "NaN");
  if ((high & k_decimal128_sign) != 0) *to++ = '-';
  if ((high & k_nan) == k_infinity) return copy(to, "Infinity");
  if ((high & k_wide) == k_wide) return lay_out(to, "0", static_cast<int>(high >> 47 & 0x3FFF) - k_exponent_bias);
  char buffer[k_decimal128_room];
  char* const end = buffer + sizeof buffer;
  char* begin = write_digits_before(end, high & 0x1'FFFF'FFFF'FFFF, value.low);
  if (begin == end) *--begin = '0';
  return lay_out(to, {begin, static_cast<std::size_t>(end - begin)}, static_cast<int>(high >> 49 & 0x3FFF) - k_exponent_bias);
}

}  // namespace millrace::mongodb
