// The Java classes in which Connect and Debezium hold values, which Java's error texts name and some converters and
// transforms ask for; and Connect's logical types, which decide them.
// Threads: any; nothing is kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_decimal = "org.apache.kafka.connect.data.Decimal";
inline constexpr std::string_view k_date = "org.apache.kafka.connect.data.Date";            // days
inline constexpr std::string_view k_time = "org.apache.kafka.connect.data.Time";            // milliseconds of a day
inline constexpr std::string_view k_timestamp = "org.apache.kafka.connect.data.Timestamp";  // milliseconds
inline constexpr std::int64_t k_day_ms = 86'400'000;

inline constexpr std::string_view k_java_byte_array = "[B";
inline constexpr std::string_view k_java_buffer = "java.nio.HeapByteBuffer";

bool is_decimal(const Schema& schema);                 // java.math.BigDecimal
bool is_java_date(const Schema* schema);               // Date, Time or Timestamp: java.util.Date; a null schema is none
std::int64_t java_date_ms(const Schema& schema, std::int64_t value);
// Debezium holds most bytes in a ByteBuffer, those of this schema in a byte[].
bool is_byte_array(const Schema* schema);

// java.lang.Integer; "null" for null. `schema`: the value's, null where it has none; integers are Long then.
std::string_view java_class_of(const Schema* schema, const Value& value);

}  // namespace millrace
