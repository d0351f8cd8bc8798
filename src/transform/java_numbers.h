// Numbers as Java's classes read them from text and turn them into each other: Byte.parseByte, Double.parseDouble,
// BigDecimal, Number.intValue.
// Threads: any; nothing is kept. Errors: NumberFormatException with Java 21's texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_number_format_exception = "java.lang.NumberFormatException";

// `type`: int8 to int64. No blanks, a leading plus is fine.
Result<std::int64_t> parse_java_integer(std::string_view text, Type type);
Result<double> parse_java_double(std::string_view text);
Result<float> parse_java_float(std::string_view text);

// A value of a numeric type as the smaller or other type, as casts do: digits that do not fit are cut off, floats saturate.
std::int64_t cut_to(Type type, std::int64_t number);
std::int64_t cut_to(Type type, double number);

// java.math.BigDecimal.
struct BigDecimal {
  std::string unscaled;   // shortest big-endian two's complement
  int scale = 0;

  std::string text() const;               // BigDecimal.toString
  std::int64_t low_bits() const;          // longValue: the whole part modulo 2^64
  double float64() const;
  float float32() const;
};
Result<BigDecimal> parse_big_decimal(std::string_view text);

}  // namespace millrace
