// Connect's logical types and the classes that Java's error texts name. Our Values do not know them: a Decimal is
// Bytes, dates and times are integers; their schema says what they are.
// Threads: any; nothing is kept. Source: Kafka Connect 4.0's org.apache.kafka.connect.data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_decimal = "org.apache.kafka.connect.data.Decimal";
inline constexpr std::string_view k_date = "org.apache.kafka.connect.data.Date";            // days
inline constexpr std::string_view k_time = "org.apache.kafka.connect.data.Time";            // milliseconds of a day
inline constexpr std::string_view k_timestamp = "org.apache.kafka.connect.data.Timestamp";  // milliseconds
inline constexpr std::int64_t k_day_ms = 86'400'000;

inline constexpr std::string_view k_illegal_argument_exception = "java.lang.IllegalArgumentException";

std::string schema_text(const Schema& schema);         // Schema{name:INT32}

// Of a Decimal's schema. Errors: DataException, no scale.
Result<int> scale_of(const Schema& schema);

bool is_java_date(const Schema* schema);               // Date, Time or Timestamp: java.util.Date
std::int64_t java_date_ms(const Schema& schema, std::int64_t value);

// java.lang.Integer; "null" for null. `schema`: the value's, null where it has none.
std::string java_class_of(const Schema* schema, const Value& value);

// Requirements.requireMap. Errors: DataException.
Result<const Value::Map*> require_map(const Value& value, std::string_view purpose);
const Value* find_in(const Value::Map& map, std::string_view key);   // null: none
// The entries in the order in which Java iterates over a HashMap of them; the keys differ. `buckets`: its table's size before
// they came in, which grows with them.
Value::Map hash_map(Value::Map entries, std::size_t buckets);
std::size_t buckets_for_copy(std::size_t entries);       // new HashMap<>(map)
std::size_t buckets_for_capacity(std::size_t capacity);  // new HashMap<>(capacity)
void put_in(Value::Map& entries, std::string_view key, Value value);

}  // namespace millrace
