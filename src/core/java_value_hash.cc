#include "core/java_value_hash.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>

#include "core/java_class.h"
#include "core/java_hash.h"

namespace millrace {
namespace {

// Java's int: wraps around.
using Hash = std::uint32_t;

Hash of_long(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return static_cast<Hash>(bits ^ bits >> 32);
}
Hash of_double(double value) { return of_long(std::isnan(value) ? 0x7FF8000000000000 : std::bit_cast<std::int64_t>(value)); }
Hash of_float(float value) { return std::isnan(value) ? 0x7FC00000U : std::bit_cast<Hash>(value); }

Hash of_integer(const Schema& schema, std::int64_t value) {
  if (schema.name == k_date) return of_long(value * k_day_ms);   // a java.util.Date
  if (schema.name == k_time) return of_long(value);
  return schema.type == Type::int64 ? of_long(value) : static_cast<Hash>(value);
}

Hash of_buffer(std::string_view bytes) {
  Hash hash = 1;
  for (std::size_t i = bytes.size(); i-- > 0;) hash = 31 * hash + static_cast<Hash>(static_cast<signed char>(bytes[i]));
  return hash;
}

// BigDecimal: 31 times its BigInteger's, which is over the magnitude's 32 bit words, and the scale.
Hash of_decimal(const Schema& schema, std::string_view unscaled) {
  const bool negative = !unscaled.empty() && (unscaled.front() & 0x80) != 0;
  std::string magnitude{unscaled};
  if (negative) {   // two's complement
    unsigned carry = 1;
    for (std::size_t i = magnitude.size(); i-- > 0;) {
      const unsigned sum = (static_cast<unsigned char>(magnitude[i]) ^ 0xFFU) + carry;
      magnitude[i] = static_cast<char>(sum);
      carry = sum >> 8;
    }
  }
  magnitude.insert(0, (4 - magnitude.size() % 4) % 4, '\0');
  Hash hash = 0;
  for (std::size_t i = 0; i < magnitude.size(); i += 4) {
    Hash word = 0;
    for (std::size_t j = 0; j < 4; ++j) word = word << 8 | static_cast<unsigned char>(magnitude[i + j]);
    hash = 31 * hash + word;
  }
  if (negative) hash = 0 - hash;
  Hash scale = 0;
  for (const auto& [name, text] : schema.parameters)
    if (name == "scale") scale = static_cast<Hash>(std::atoi(text.c_str()));
  return 31 * hash + scale;
}

Hash hash_of(const Schema& schema, const Value& value);

Hash of_items(const Schema& schema, const Value::Array& items) {
  Hash hash = 1;
  for (const Value& item : items) hash = 31 * hash + (item.is_null() ? 0 : hash_of(*schema.values, item));
  return hash;
}

Hash of_entries(const Schema& schema, const Value::Map& entries) {
  Hash hash = 0;
  for (const auto& [key, entry] : entries)
    hash += (key.is_null() ? 0 : hash_of(*schema.keys, key)) ^ (entry.is_null() ? 0 : hash_of(*schema.values, entry));
  return hash;
}

Hash of_struct(const Value::Struct& structure) {
  Hash hash = 1;
  for (std::size_t i = 0; i < structure.fields.size(); ++i) {
    const Value& field = structure.fields[i];
    hash = 31 * hash + (field.is_null() ? 0 : hash_of(*structure.schema->fields[i].schema, field));
  }
  return hash;
}

Hash hash_of(const Schema& schema, const Value& value) {
  if (const bool* flag = value.boolean()) return *flag ? 1231 : 1237;
  if (const std::int64_t* number = value.integer()) return of_integer(schema, *number);
  if (const float* number = value.float32()) return of_float(*number);
  if (const double* number = value.float64()) return of_double(*number);
  if (const std::string* text = value.string()) return static_cast<Hash>(java_string_hash(*text));
  if (const Bytes* bytes = value.bytes())
    return schema.name == k_decimal ? of_decimal(schema, bytes->data) : of_buffer(bytes->data);
  if (const Value::Array* items = value.array()) return of_items(schema, *items);
  if (const Value::Map* entries = value.map()) return of_entries(schema, *entries);
  if (const Value::Struct* structure = value.structure()) return of_struct(*structure);
  return 0;
}

// MurmurHash3's x64 form of an early draft: 64 bits of it, two words at a time.
class Murmur {
 public:
  Murmur(std::uint64_t h1, std::uint64_t h2) : h1_{h1}, h2_{h2} {}

  void mix(std::uint64_t k1, std::uint64_t k2) {
    k1 = std::rotl(k1 * c1_, 23) * c2_;
    h1_ = (h1_ ^ k1) + h2_;
    h2_ = std::rotl(h2_, 41);
    k2 = std::rotl(k2 * c2_, 23) * c1_;
    h2_ = (h2_ ^ k2) + h1_;
    h1_ = h1_ * 3 + 0x52DCE729;
    h2_ = h2_ * 3 + 0x38495AB5;
    c1_ = c1_ * 5 + 0x7B7D159C;
    c2_ = c2_ * 5 + 0x6BCE6396;
  }
  std::int32_t finished(std::uint64_t size) {
    h2_ ^= size;
    h1_ += h2_;
    h2_ += h1_;
    h1_ = scrambled(h1_);
    h2_ = scrambled(h2_);
    h1_ += h2_;
    return static_cast<std::int32_t>(h1_ >> 32);
  }

 private:
  static std::uint64_t scrambled(std::uint64_t k) {
    k = (k ^ k >> 33) * 0xFF51AFD7ED558CCDULL;
    k = (k ^ k >> 33) * 0xC4CEB9FE1A85EC53ULL;
    return k ^ k >> 33;
  }

  std::uint64_t h1_, h2_;
  std::uint64_t c1_ = 0x87C37B91114253D5ULL, c2_ = 0x4CF5AD432745937FULL;
};

constexpr std::uint64_t k_h1 = 0x9368E53C2F6AF274ULL, k_h2 = 0x586DCD208F7CD3FDULL;
constexpr std::uint64_t k_seed = 9001;

std::int32_t murmur3_of_bytes(std::string_view bytes) {
  Murmur murmur{k_h1 ^ k_seed, k_h2 ^ k_seed};
  const auto byte = [&](std::size_t at) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at])); };
  const std::size_t whole = bytes.size() / 16 * 16;
  for (std::size_t at = 0; at < whole; at += 16) {
    std::uint64_t k1 = 0, k2 = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      k1 |= byte(at + i) << 8 * i;
      k2 |= byte(at + 8 + i) << 8 * i;
    }
    murmur.mix(k1, k2);
  }
  // The rest byte by byte, each with its sign.
  std::uint64_t k1 = 0, k2 = 0;
  for (std::size_t at = whole; at < bytes.size(); ++at) {
    const std::size_t i = at - whole;
    const auto extended = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(bytes[at])));
    (i < 8 ? k1 : k2) ^= extended << 8 * (i % 8);
  }
  if (whole != bytes.size()) murmur.mix(k1, k2);
  return murmur.finished(bytes.size());
}

std::int32_t murmur3_of_hash(Hash hash) {
  Murmur murmur{k_h1 ^ k_seed, k_h2 ^ k_seed};
  std::uint64_t k1 = 0;
  for (unsigned i = 0; i < 4; ++i)
    k1 ^= static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(hash >> 8 * i))) << 8 * i;
  murmur.mix(k1, 0);
  return murmur.finished(4);
}

}  // namespace

std::int32_t java_value_hash(const Schema& schema, const Value& value) { return static_cast<std::int32_t>(hash_of(schema, value)); }

std::int32_t murmur3_value_hash(const Schema& schema, const Value& value) {
  if (const std::string* text = value.string()) return murmur3_of_bytes(*text);
  return murmur3_of_hash(hash_of(schema, value));
}

}  // namespace millrace
