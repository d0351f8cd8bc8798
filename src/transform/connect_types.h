// What Connect's transforms ask of schemas and maps. Our Values do not know Connect's logical types (core/java_class.h): a
// Decimal is Bytes, dates and times are integers; their schema says what they are.
// Threads: any; nothing is kept. Source: Kafka Connect 4.0's org.apache.kafka.connect.data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/java_class.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_illegal_argument_exception = "java.lang.IllegalArgumentException";

std::string schema_text(const Schema& schema);         // Schema{name:INT32}

// Of a Decimal's schema. Errors: DataException, no scale.
Result<int> scale_of(const Schema& schema);

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
