// The decimal half of numbers.h: text <-> big-endian two's complement of any size.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "core/numbers.h"

namespace millrace {

namespace {

__extension__ using Uint128 = unsigned __int128;

// More digits than any database has: PostgreSQL's numeric ends at 131,072 + 16,383.
constexpr std::int64_t k_digits_max = 1'000'000;

struct DecimalText {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;

  std::int64_t scale() const { return static_cast<std::int64_t>(fraction.size()) - exponent; }
  std::size_t size() const { return whole.size() + fraction.size(); }
  char digit(std::size_t i) const { return i < whole.size() ? whole[i] : fraction[i - whole.size()]; }
};

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<DecimalText> parse(std::string_view text) {
  DecimalText parsed;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parsed.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  parsed.whole = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parsed.fraction = take_digits(text);
  }
  if (parsed.size() == 0) return std::nullopt;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), parsed.exponent);
    if (problem != std::errc{} || std::abs(parsed.exponent) > k_digits_max) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return parsed;
}

// How many digits of the text count at this scale, and how many zeros follow them. None: digits are lost.
struct Unscaled {
  std::size_t digits = 0;
  std::size_t zeros = 0;
};

std::optional<Unscaled> at_scale(const DecimalText& text, int scale) {
  const std::int64_t shift = scale - text.scale();
  if (shift >= 0) return Unscaled{text.size(), static_cast<std::size_t>(shift)};
  const auto cut = std::min(static_cast<std::size_t>(-shift), text.size());
  for (std::size_t i = text.size() - cut; i < text.size(); ++i)
    if (text.digit(i) != '0') return std::nullopt;
  return Unscaled{text.size() - cut, 0};
}

// Shortest two's complement of a magnitude whose bytes are big endian without leading zeros (zero: none).
std::size_t write_twos_complement(char* to, const unsigned char* magnitude, std::size_t size, bool negative) {
  if (size == 0) {
    *to = 0;
    return 1;
  }
  // A negative number needs no sign byte down to -128, -32768, ...: 0x80 followed by zeros.
  const bool power = negative && magnitude[0] == 0x80 &&
                     std::all_of(magnitude + 1, magnitude + size, [](unsigned char byte) { return byte == 0; });
  std::size_t lead = 0;
  if (magnitude[0] >= 0x80 && !power) to[lead++] = negative ? '\xFF' : '\0';
  if (!negative) {
    std::memcpy(to + lead, magnitude, size);
    return lead + size;
  }
  unsigned carry = 1;
  for (std::size_t i = size; i-- > 0;) {
    carry += static_cast<unsigned char>(~magnitude[i]);
    to[lead + i] = static_cast<char>(carry);
    carry >>= 8;
  }
  return lead + size;
}

std::size_t write_small(char* to, const DecimalText& text, const Unscaled& unscaled) {
  Uint128 value = 0;
  for (std::size_t i = 0; i < unscaled.digits; ++i)
    value = value * 10 + static_cast<unsigned>(text.digit(i) - '0');
  for (std::size_t i = 0; i < unscaled.zeros; ++i) value *= 10;
  unsigned char bytes[16];
  std::size_t begin = 16;
  for (; value != 0; value >>= 8) bytes[--begin] = static_cast<unsigned char>(value);
  return write_twos_complement(to, bytes + begin, 16 - begin, text.negative);
}

void multiply_add(std::vector<std::uint64_t>& limbs, std::uint64_t factor, std::uint64_t summand) {
  Uint128 carry = summand;
  for (std::uint64_t& limb : limbs) {
    carry += static_cast<Uint128>(limb) * factor;
    limb = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint64_t>(carry));
}

std::size_t write_large(char* to, const DecimalText& text, const Unscaled& unscaled) {
  std::vector<std::uint64_t> limbs;   // little endian
  const std::size_t total = unscaled.digits + unscaled.zeros;
  for (std::size_t at = 0; at < total;) {
    std::uint64_t chunk = 0;
    std::uint64_t factor = 1;
    for (int i = 0; i < 18 && at < total; ++i, ++at) {
      chunk = chunk * 10 + (at < unscaled.digits ? static_cast<unsigned>(text.digit(at) - '0') : 0);
      factor *= 10;
    }
    multiply_add(limbs, factor, chunk);
  }
  std::vector<unsigned char> bytes;
  for (std::size_t i = limbs.size(); i-- > 0;)
    for (int shift = 56; shift >= 0; shift -= 8)
      if (const auto byte = static_cast<unsigned char>(limbs[i] >> shift); byte != 0 || !bytes.empty())
        bytes.push_back(byte);
  return write_twos_complement(to, bytes.data(), bytes.size(), text.negative);
}

}  // namespace

std::size_t unscaled_room(std::string_view text, int scale) {
  std::size_t digits = text.size() + static_cast<std::size_t>(std::max(scale, 0));
  if (text.find('e') != std::string_view::npos || text.find('E') != std::string_view::npos)   // not find_first_of: a call a byte
    if (const auto parsed = parse(text); parsed && parsed->exponent > 0)
      digits += static_cast<std::size_t>(parsed->exponent);
  return digits * 5 / 12 + 2;   // a digit is 0.4153 bytes
}

Result<std::size_t> write_unscaled(char* to, std::string_view text, int scale) {
  const auto parsed = parse(text);
  if (!parsed)
    return fail("'" + std::string{text} + "' is not a decimal number", Retry::no, "java.lang.NumberFormatException");
  const auto unscaled = at_scale(*parsed, scale);
  if (!unscaled)
    return fail("Rounding necessary: '" + std::string{text} + "' has more than " + std::to_string(scale) +
                    " digits after the point",
                Retry::no, "java.lang.ArithmeticException");
  constexpr std::size_t k_int128_digits = 38;
  return unscaled->digits + unscaled->zeros <= k_int128_digits ? write_small(to, *parsed, *unscaled)
                                                               : write_large(to, *parsed, *unscaled);
}

Result<std::string> unscaled_bytes(std::string_view text, int scale) {
  std::string bytes(unscaled_room(text, scale), '\0');
  MR_TRY(const std::size_t size, write_unscaled(bytes.data(), text, scale));
  bytes.resize(size);
  return bytes;
}

int minimal_scale(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return 0;
  std::size_t last = parsed->size();
  while (last > 0 && parsed->digit(last - 1) == '0') --last;
  if (last == 0) return 0;
  const auto stripped = static_cast<std::int64_t>(parsed->size() - last);
  return static_cast<int>(std::max<std::int64_t>(parsed->scale() - stripped, 0));
}

namespace {

// Decimal digits of a magnitude, without leading zeros; "0" for none.
std::string digits_of(const std::vector<std::uint32_t>& words) {   // big endian
  constexpr std::uint32_t k_base = 1'000'000'000;
  std::vector<std::uint32_t> limbs;   // little endian, base 10^9
  for (const std::uint32_t word : words) {
    std::uint64_t carry = word;
    for (std::uint32_t& limb : limbs) {
      carry += static_cast<std::uint64_t>(limb) << 32;
      limb = static_cast<std::uint32_t>(carry % k_base);
      carry /= k_base;
    }
    for (; carry != 0; carry /= k_base) limbs.push_back(static_cast<std::uint32_t>(carry % k_base));
  }
  if (limbs.empty()) return "0";
  std::string digits = std::to_string(limbs.back());
  for (std::size_t i = limbs.size() - 1; i-- > 0;) {
    char block[9];
    std::uint32_t limb = limbs[i];
    for (int at = 8; at >= 0; --at, limb /= 10) block[at] = static_cast<char>('0' + limb % 10);
    digits.append(block, 9);
  }
  return digits;
}

std::vector<std::uint32_t> magnitude_of(std::string_view unscaled, bool negative) {
  const std::size_t words = (unscaled.size() + 3) / 4;
  std::vector<std::uint32_t> magnitude(words, 0);
  std::uint64_t carry = negative ? 1 : 0;
  for (std::size_t i = 0; i < words; ++i) {   // from the last word on
    std::uint32_t word = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) {
      const std::size_t from_end = i * 4 + byte;
      const unsigned char value = from_end < unscaled.size()
                                      ? static_cast<unsigned char>(unscaled[unscaled.size() - 1 - from_end])
                                      : (negative ? 0xFF : 0);
      word |= std::uint32_t{value} << (8 * byte);
    }
    if (negative) {
      carry += static_cast<std::uint32_t>(~word);
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    magnitude[words - 1 - i] = word;
  }
  return magnitude;
}

}  // namespace

std::string decimal_text(std::string_view unscaled, int scale) {
  const bool negative = !unscaled.empty() && static_cast<signed char>(unscaled[0]) < 0;
  const std::string digits = digits_of(magnitude_of(unscaled, negative));
  std::string text = negative ? "-" : "";
  const auto count = static_cast<std::int64_t>(digits.size());
  if (scale == 0) return text + digits;
  const std::int64_t exponent = count - 1 - scale;
  if (scale > 0 && exponent >= -6) {
    const std::int64_t whole = count - scale;
    if (whole <= 0) return text.append("0.").append(static_cast<std::size_t>(-whole), '0') + digits;
    const auto point = static_cast<std::size_t>(whole);
    return text.append(digits, 0, point).append(".").append(digits, point);
  }
  text += digits[0];
  if (count > 1) text.append(".").append(digits, 1);
  if (exponent == 0) return text;
  return text + (exponent > 0 ? "E+" : "E") + std::to_string(exponent);
}

}  // namespace millrace
