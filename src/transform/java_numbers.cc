#include "transform/java_numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <type_traits>

#include "core/letters.h"
#include "core/numbers.h"

namespace millrace {
namespace {

std::unexpected<Error> not_a_number(std::string text) { return fail(std::move(text), Retry::no, k_number_format_exception); }
std::unexpected<Error> not_a_number_for(std::string_view input) {
  return not_a_number("For input string: \"" + std::string{input} + '"');
}

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

// Digits with at most one point, an exponent; what Java and from_chars both take, but "inf" and "nan".
template <typename Float>
std::optional<Float> read_float(std::string_view digits, std::chars_format format, bool negative) {
  if (digits.empty() || (format == std::chars_format::general && !is_digit(digits[0]) && digits[0] != '.')) return std::nullopt;
  Float value{};
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, format);
  if (end != digits.data() + digits.size() || problem == std::errc::invalid_argument) return std::nullopt;
  if (problem == std::errc::result_out_of_range) {   // which of both ends, from_chars does not say
    const std::string text = (format == std::chars_format::hex ? "0x" : "") + std::string{digits};
    if constexpr (std::is_same_v<Float, float>) value = std::strtof(text.c_str(), nullptr);
    else value = std::strtod(text.c_str(), nullptr);
  }
  return negative ? -value : value;
}

template <typename Float>
Result<Float> parse_float(std::string_view text) {
  std::string_view rest = trimmed(text);
  if (rest.empty()) return not_a_number("empty String");
  const std::string_view whole = rest;
  const bool negative = rest[0] == '-';
  if (negative || rest[0] == '+') rest.remove_prefix(1);
  if (rest == "NaN") return std::numeric_limits<Float>::quiet_NaN();
  if (rest == "Infinity") return negative ? -std::numeric_limits<Float>::infinity() : std::numeric_limits<Float>::infinity();
  if (!rest.empty() && std::string_view{"fFdD"}.find(rest.back()) != std::string_view::npos && rest.find_first_of("xX") == std::string_view::npos)
    rest.remove_suffix(1);
  std::optional<Float> value;
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x') {
    if (std::string_view{"fFdD"}.find(rest.back()) != std::string_view::npos && rest.find_first_of("pP") != std::string_view::npos) rest.remove_suffix(1);
    if (rest.find_first_of("pP") != std::string_view::npos) value = read_float<Float>(rest.substr(2), std::chars_format::hex, negative);
  } else {
    value = read_float<Float>(rest, std::chars_format::general, negative);
  }
  if (!value) return not_a_number_for(whole);
  return *value;
}

int bits_of(Type type) { return type == Type::int8 ? 8 : type == Type::int16 ? 16 : type == Type::int32 ? 32 : 64; }

}  // namespace

Result<std::int64_t> parse_java_integer(std::string_view text, Type type) {
  const std::string_view digits = without_plus(text);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{} || end != digits.data() + digits.size()) return not_a_number_for(text);
  if (cut_to(type, value) == value) return value;
  if (type == Type::int32 || cut_to(Type::int32, value) != value) return not_a_number_for(text);
  return not_a_number("Value out of range. Value:\"" + std::string{text} + "\" Radix:10");   // parseByte and parseShort
}

Result<double> parse_java_double(std::string_view text) { return parse_float<double>(text); }
Result<float> parse_java_float(std::string_view text) { return parse_float<float>(text); }

std::int64_t cut_to(Type type, std::int64_t number) {
  const int unused = 64 - bits_of(type);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << unused) >> unused;
}

std::int64_t cut_to(Type type, double number) {
  if (std::isnan(number)) return 0;
  const auto saturated = [&](auto least, auto most) -> std::int64_t {
    if (number <= static_cast<double>(least)) return least;
    if (number >= static_cast<double>(most)) return most;
    return static_cast<std::int64_t>(number);
  };
  if (type == Type::int64) return saturated(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  return cut_to(type, saturated(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

std::string BigDecimal::text() const { return decimal_text(unscaled, scale); }

std::int64_t BigDecimal::low_bits() const {
  const std::string digits = decimal_text(unscaled, 0);
  const bool negative = digits[0] == '-';
  std::string_view whole = std::string_view{digits}.substr(negative ? 1 : 0);
  if (scale > 0) whole = whole.substr(0, whole.size() - std::min<std::size_t>(whole.size(), static_cast<std::size_t>(scale)));
  std::uint64_t bits = 0;
  for (const char digit : whole) bits = bits * 10 + static_cast<std::uint64_t>(digit - '0');
  for (int i = 0; i > scale && bits != 0; --i) bits *= 10;
  return static_cast<std::int64_t>(negative ? 0 - bits : bits);
}

double BigDecimal::float64() const { return *parse_float<double>(text()); }
float BigDecimal::float32() const { return *parse_float<float>(text()); }

Result<BigDecimal> parse_big_decimal(std::string_view text) {
  const auto mark = std::min(text.find_first_of("eE"), text.size());
  std::int64_t exponent = 0;
  if (mark < text.size()) {
    const std::string_view digits = without_plus(text.substr(mark + 1));
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (problem != std::errc{} || end != digits.data() + digits.size() || std::abs(exponent) > std::numeric_limits<std::int32_t>::max())
      return not_a_number("No digits following exponential mark or too many nonzero exponent digits.");
  }
  const std::string_view digits = text.substr(0, mark);
  const auto point = digits.find('.');
  const auto fraction = point == std::string_view::npos ? 0 : static_cast<std::int64_t>(digits.size() - point - 1);
  auto unscaled = unscaled_bytes(digits, static_cast<int>(fraction));
  if (!unscaled)
    return not_a_number(digits.empty() ? "Index 0 out of bounds for length 0" : "Character array is missing \"exponent\" mark 'e' or 'E'.");
  return BigDecimal{.unscaled = std::move(*unscaled), .scale = static_cast<int>(fraction - exponent)};
}

}  // namespace millrace
