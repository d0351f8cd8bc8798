// hashCode() of the objects that Java holds in the place of our Values, and MurmurHash3 as Debezium computes it.
// Threads: any; nothing is kept. Source: Java 21; Debezium 2.7's MurmurHash3.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/schema.h"

namespace millrace {

// Of a value that is not null. Java's hash of a struct differs from one start to the next; ours does not.
std::int32_t java_value_hash(const Schema& schema, const Value& value);

// Of texts and of byte arrays over their bytes, of others over their hashCode().
std::int32_t murmur3_value_hash(const Schema& schema, const Value& value);

}  // namespace millrace
