// The text of a BSON decimal128 as the Java driver's Decimal128.toString prints it. libbson's cuts significands that
// IEEE 754 does not allow but that its encoding can hold (35 digits) and that Java prints.
// Threads: any; nothing is kept.
#pragma once

#include <bson/bson.h>

#include <cstddef>
#include <cstdint>

namespace millrace::mongodb {

inline constexpr std::uint64_t k_decimal128_sign = 0x8000'0000'0000'0000;   // of its high half
inline constexpr std::size_t k_decimal128_room = 48;

// Puts bytes at `to`, which has k_decimal128_room, and returns their end: 1.10, -0E+3, 1E-7, NaN, -Infinity.
char* write_decimal128(char* to, const bson_decimal128_t& value);

}  // namespace millrace::mongodb
