// Decimal text to BSON's decimal128, as the Java driver's Decimal128.parse takes it.
// Threads: any; nothing is kept.
#pragma once

#include <bson/bson.h>

#include <optional>
#include <string_view>

namespace millrace::mongodb {

// None: no number (a BigDecimal of Java, NaN, an infinity), more than 34 digits that count, an exponent out of range.
std::optional<bson_decimal128_t> read_decimal128(std::string_view text);

}  // namespace millrace::mongodb
