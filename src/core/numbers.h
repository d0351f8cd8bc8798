// Numbers as Kafka, Java 21 and Connect write them: text of integers and floats, decimals between text and
// two's complement, base64, the hash that chooses a partition.
// write_*() put bytes at `to` and return their end; the room they need is stated, and all of it may be touched.
// Threads: any; nothing is kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

inline constexpr std::size_t k_integer_room = 32;
inline constexpr std::size_t k_float_room = 32;

char* write_integer(char* to, std::int64_t value);
// Java's Double.toString and Float.toString; NaN, Infinity, -Infinity without quotes.
char* write_double(char* to, double value);
char* write_float(char* to, float value);
std::string double_text(double value);
std::string float_text(float value);

// Standard alphabet, with padding, one line.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
char* write_base64(char* to, std::string_view bytes);   // room: base64_size()
std::string base64(std::string_view bytes);

// Decimal text ("-12.50", "1.5E+3") at a scale -> its unscaled integer as the shortest big-endian two's
// complement, as Java's new BigDecimal(text).setScale(scale).unscaledValue().toByteArray().
// Errors: text that is no decimal number, digits that the scale would cut off.
std::size_t unscaled_room(std::string_view text, int scale);
Result<std::size_t> write_unscaled(char* to, std::string_view text, int scale);   // the number of bytes
Result<std::string> unscaled_bytes(std::string_view text, int scale);
// The scale without trailing zeros, at least 0: what VariableScaleDecimal uses. 0 for text that is no number.
int minimal_scale(std::string_view text);

// BigDecimal.toString of big-endian two's complement bytes at a scale: 123.45, 1E-8, 1.2E+4.
std::string decimal_text(std::string_view unscaled, int scale);

// Of a message key; the partition is (murmur2(key) & 0x7fffffff) % partitions.
std::int32_t murmur2(std::string_view bytes);

}  // namespace millrace
