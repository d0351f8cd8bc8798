#include "core/java_hash.h"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace {
namespace {

constexpr char32_t k_replacement = 0xFFFD;

constexpr bool is_high_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool is_low_surrogate(char32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }

// HashMap spreads the upper half of the hash downwards, as its tables are small.
std::uint32_t spread(std::int32_t hash) {
  const auto bits = static_cast<std::uint32_t>(hash);
  return bits ^ (bits >> 16);
}

}  // namespace

CodePoint next_code_point(std::string_view& rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    rest.remove_prefix(1);
    return {lead, true};
  }
  const int length = lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3
                   : lead >= 0xF0 && lead <= 0xF4 ? 4 : 1;
  char32_t value = length == 2 ? lead & 0x1Fu : length == 3 ? lead & 0x0Fu : lead & 0x07u;
  std::size_t taken = 1;
  for (; taken < static_cast<std::size_t>(length) && taken < rest.size(); ++taken) {
    const unsigned char next = byte(taken);
    // The second byte's range keeps out overlong forms, surrogates, and points beyond U+10FFFF.
    const unsigned char low = taken > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = taken > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (next < low || next > high) break;
    value = value << 6 | (next & 0x3Fu);
  }
  rest.remove_prefix(taken);
  if (length == 1 || taken < static_cast<std::size_t>(length)) return {k_replacement, false};
  return {value, true};
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::u16string utf16_of(std::string_view utf8) {
  std::u16string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const char32_t c = next_code_point(utf8).value;
    if (c < 0x10000) {
      out += static_cast<char16_t>(c);
    } else {
      out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string utf8_of(std::u16string_view utf16) {
  std::string out;
  out.reserve(utf16.size());
  for (std::size_t i = 0; i < utf16.size(); ++i) {
    const char32_t c = utf16[i];
    if (is_high_surrogate(c) && i + 1 < utf16.size() && is_low_surrogate(utf16[i + 1])) {
      append_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (utf16[i + 1] - 0xDC00u));
      ++i;
    } else if (is_high_surrogate(c) || is_low_surrogate(c)) {
      out += '?';
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

std::int32_t java_string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  for (const char16_t unit : utf16_of(utf8)) hash = hash * 31 + unit;
  return static_cast<std::int32_t>(hash);
}

// Follows HashMap.putVal, resize and treeifyBin. A bin of nine keys doubles a table of less than 64 buckets;
// in larger tables it becomes a tree, whose order is left as insertion order here: nine equal buckets of 64 or
// more do not happen to the names of settings and columns.
std::vector<std::size_t> java_hash_map_order(std::span<const std::string> keys, JavaMapOrigin origin,
                                             std::size_t held_before) {
  constexpr std::size_t k_treeify_from = 8;
  constexpr std::size_t k_tree_table_min = 64;
  std::size_t buckets = 16;
  if (origin == JavaMapOrigin::copied) {
    const auto wanted = static_cast<std::size_t>(static_cast<float>(keys.size()) / 0.75F + 1.0F);
    for (buckets = 1; buckets < wanted; buckets *= 2) {}
  }
  while (held_before * 4 > buckets * 3) buckets *= 2;
  std::vector<std::uint32_t> hashes;
  hashes.reserve(keys.size());
  const auto in_bucket_of = [&](std::uint32_t hash) {
    return std::ranges::count_if(hashes, [&](std::uint32_t other) {
      return ((other ^ hash) & (buckets - 1)) == 0;
    });
  };
  for (const std::string& key : keys) {
    const std::uint32_t hash = spread(java_string_hash(key));
    const auto before = static_cast<std::size_t>(in_bucket_of(hash));
    hashes.push_back(hash);
    if (before >= k_treeify_from && buckets < k_tree_table_min) buckets *= 2;
    if (hashes.size() * 4 > buckets * 3) buckets *= 2;
  }
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return hashes[i] & (buckets - 1); });
  return order;
}

}  // namespace millrace
