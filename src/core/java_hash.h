// What Java's String and HashMap do with text: the UTF-16 form, hashCode(), and the order in which a HashMap of
// string keys is iterated. REST answers and offsets show that order, so it is part of the bytes.
// Threads: plain functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Bytes that are no UTF-8 become U+FFFD, a surrogate without its partner becomes '?', as Java's encoders do.
std::u16string utf16_of(std::string_view utf8);
std::string utf8_of(std::u16string_view utf16);
void append_utf8(std::string& out, char32_t code_point);

// One code point at the front of `rest`, which is advanced; `valid` is false (and the point U+FFFD) at bytes
// that are no UTF-8.
struct CodePoint {
  char32_t value = 0;
  bool valid = true;
};
CodePoint next_code_point(std::string_view& rest);

std::int32_t java_string_hash(std::string_view utf8);

// inserted: put() one by one into `new HashMap<>()`. copied: `new HashMap<>(other)`, whose table is sized at once
// and may be larger than an inserted one's (12 keys: 32 buckets instead of 16).
enum class JavaMapOrigin : std::uint8_t { inserted, copied };

// Indexes of the keys in iteration order. `keys` are different from each other and in order of insertion.
// `held_before`: how many keys the map held at most before it was cleared; clear() keeps the table.
std::vector<std::size_t> java_hash_map_order(std::span<const std::string> keys,
                                             JavaMapOrigin origin = JavaMapOrigin::inserted,
                                             std::size_t held_before = 0);

}  // namespace millrace
