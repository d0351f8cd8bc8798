#include "sources/mongodb/repeated_names.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/java_hash.h"
#include "sources/mongodb/java_json_string.h"

namespace millrace::mongodb {
namespace {

// Nobody can write a document whose names all fall into one place of the table.
std::uint64_t seed_of_process() {
  static const std::uint64_t seed = [] {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }();
  return seed;
}

std::string_view name_of(const bson_iter_t& element) {
  return {bson_iter_key_unsafe(&element), bson_iter_key_len(&element)};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) text.remove_prefix(1);
    else if (!next_code_point(text).valid) return false;
  }
  return true;
}

// Names that Java holds for equal are printed alike.
std::string printed(std::string_view name) {
  std::string text;
  {
    TextCursor cursor{text, 2 * name.size()};
    append_java_json_string(cursor, name);
  }
  return text;
}

constexpr std::size_t k_broken = std::numeric_limits<std::size_t>::max();

// The 32 bits at the front, and so many bytes more.
std::size_t size_with_prefix(BsonView rest, std::size_t more) {
  std::uint32_t size = 0;
  if (rest.size() < sizeof size) return k_broken;
  std::memcpy(&size, rest.data(), sizeof size);
  return std::size_t{BSON_UINT32_FROM_LE(size)} + more;
}

std::size_t size_of_texts(BsonView rest, int count) {
  std::size_t size = 0;
  for (; count > 0; --count) {
    const auto end = std::find(rest.begin() + static_cast<std::ptrdiff_t>(size), rest.end(), std::uint8_t{0});
    if (end == rest.end()) return k_broken;
    size = static_cast<std::size_t>(end - rest.begin()) + 1;
  }
  return size;
}

// Of the value that `rest` begins with; it may be more than there is.
std::size_t value_size(bson_type_t type, BsonView rest) {
  switch (type) {
    case BSON_TYPE_UNDEFINED: case BSON_TYPE_NULL: case BSON_TYPE_MINKEY: case BSON_TYPE_MAXKEY: return 0;
    case BSON_TYPE_BOOL: return 1;
    case BSON_TYPE_INT32: return 4;
    case BSON_TYPE_DOUBLE: case BSON_TYPE_DATE_TIME: case BSON_TYPE_TIMESTAMP: case BSON_TYPE_INT64: return 8;
    case BSON_TYPE_OID: return 12;
    case BSON_TYPE_DECIMAL128: return 16;
    case BSON_TYPE_DOCUMENT: case BSON_TYPE_ARRAY: case BSON_TYPE_CODEWSCOPE: return size_with_prefix(rest, 0);
    case BSON_TYPE_UTF8: case BSON_TYPE_CODE: case BSON_TYPE_SYMBOL: return size_with_prefix(rest, 4);
    case BSON_TYPE_BINARY: return size_with_prefix(rest, 4 + 1);
    case BSON_TYPE_DBPOINTER: return size_with_prefix(rest, 4 + 12);
    case BSON_TYPE_REGEX: return size_of_texts(rest, 2);
    case BSON_TYPE_EOD: break;
  }
  return k_broken;
}

class NameTable {
 public:
  explicit NameTable(BsonView document) : document_{document} {}

  // False: the name is there already.
  bool insert(std::uint32_t name_offset, std::string_view name) {
    if ((count_ + 1) * 2 > capacity_) [[unlikely]] grow();
    std::uint32_t* const place = find(name);
    if (*place != 0) return false;
    *place = name_offset;
    ++count_;
    return true;
  }
  bool beyond_ascii() const { return (bits_seen_ & 0x8080'8080'8080'8080) != 0; }   // of the names so far

 private:
  static constexpr std::size_t k_small = 64;

  // Fewer than eight, as a number: two loads that overlap.
  static std::uint64_t last_bytes(std::string_view name) {
    std::uint32_t first = 0, last = 0;
    if (name.size() >= sizeof first) {
      std::memcpy(&first, name.data(), sizeof first);
      std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
      return std::uint64_t{last} << 32 | first;
    }
    std::uint64_t bits = 0;
    for (const char c : name) bits = bits << 8 | static_cast<unsigned char>(c);
    return bits;
  }

  std::uint64_t hash(std::string_view name) {
    constexpr std::uint64_t k_mix = 0x9E37'79B9'7F4A'7C15;
    std::uint64_t value = seed_ ^ name.size();
    const auto take = [&](std::uint64_t bits) {
      bits_seen_ |= bits;
      value = (value ^ bits) * k_mix;
      value ^= value >> 32;
    };
    for (; name.size() >= 8; name.remove_prefix(8)) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, name.data(), 8);
      take(bits);
    }
    take(last_bytes(name));
    return value;
  }

  bool stands_at(std::uint32_t offset, std::string_view name) const {
    const auto* text = reinterpret_cast<const char*>(document_.data()) + offset;
    return document_.size() - offset > name.size() && text[name.size()] == '\0' &&
           std::memcmp(text, name.data(), name.size()) == 0;
  }

  // Where the name is, or would be: 0 there.
  std::uint32_t* find(std::string_view name) {
    std::size_t at = hash(name) & (capacity_ - 1);
    while (table_[at] != 0 && !stands_at(table_[at], name)) at = (at + 1) & (capacity_ - 1);
    return table_ + at;
  }

  void grow() {
    const std::vector<std::uint32_t> old(table_, table_ + capacity_);
    capacity_ *= 4;
    large_.assign(capacity_, 0);
    table_ = large_.data();
    for (const std::uint32_t offset : old)
      if (offset != 0) *find(reinterpret_cast<const char*>(document_.data()) + offset) = offset;
  }

  const BsonView document_;
  const std::uint64_t seed_ = seed_of_process();
  std::array<std::uint32_t, k_small> small_{};   // offsets of names; 0: free
  std::vector<std::uint32_t> large_;
  std::uint32_t* table_ = small_.data();
  std::size_t capacity_ = k_small;
  std::size_t count_ = 0;
  std::uint64_t bits_seen_ = 0;
};

}  // namespace

// An iterator of libbson looks into the values; for their names alone it is enough to step over them.
bool may_repeat_a_name(BsonView document) {
  constexpr std::size_t k_header = 4;   // the length
  NameTable names{document};
  for (std::size_t at = k_header; at < document.size() && document[at] != BSON_TYPE_EOD;) {
    const auto* const begin = reinterpret_cast<const char*>(document.data()) + at + 1;
    const auto* const end = static_cast<const char*>(std::memchr(begin, 0, document.size() - at - 1));
    if (end == nullptr) return false;
    const std::string_view name{begin, end};
    if (!names.insert(static_cast<std::uint32_t>(at + 1), name)) return true;
    if (names.beyond_ascii() && !is_utf8(name)) return true;
    const std::size_t value = at + 1 + name.size() + 1;
    const std::size_t size = value_size(static_cast<bson_type_t>(document[at]), document.subspan(value));
    if (size == k_broken || size > document.size() - value) return false;
    at = value + size;
  }
  return false;
}

std::vector<ElementPlace> distinct_elements(BsonView document) {
  std::vector<ElementPlace> elements;
  std::unordered_map<std::string, std::size_t> index;
  bson_iter_t element;
  if (!iterate(document, element)) return elements;
  while (bson_iter_next(&element)) {
    const ElementPlace place{.offset = bson_iter_offset(&element), .name_size = bson_iter_key_len(&element)};
    const auto [known, is_new] = index.try_emplace(printed(name_of(element)), elements.size());
    if (is_new) elements.push_back(place);
    else elements[known->second] = place;
  }
  return elements;
}

}  // namespace millrace::mongodb
