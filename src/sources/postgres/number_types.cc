// Booleans, integers, oid and floats.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>

#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

// Eight characters at once where there are as many; the last eight may overlap those before.
bool all_digits(std::string_view text) {
  constexpr std::uint64_t k_ones = 0x0101'0101'0101'0101;
  const auto not_digits = [](const char* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    word ^= k_ones * '0';   // 0 to 9 in each byte: adding 0x76 to another sets its upper bit, or it is set
    return (((word & k_ones * 0x7F) + k_ones * 0x76) | word) & k_ones * 0x80;
  };
  if (text.size() < sizeof(std::uint64_t)) return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  std::uint64_t others = not_digits(text.data() + text.size() - sizeof(std::uint64_t));
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) others |= not_digits(text.data() + at);
  return others == 0;
}

// Canonical decimal text of an integer whose magnitude is at most `max` (negative: `max_negative`).
bool is_integer(std::string_view text, std::string_view max, std::string_view max_negative) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = negative ? text.substr(1) : text;
  const std::string_view limit = negative ? max_negative : max;
  if (digits.empty() || digits.size() > limit.size()) return false;
  if (!all_digits(digits)) return false;
  if (digits.front() == '0' && text.size() > 1) return false;
  return digits.size() < limit.size() || digits <= limit;
}

Result<Datum> decode_int2(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (!is_integer(text, "32767", "32768")) return unreadable(codec, "int2", text);
  return Datum::digits(text);
}

Result<Datum> decode_int4(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (!is_integer(text, "2147483647", "2147483648")) return unreadable(codec, "int4", text);
  return Datum::digits(text);
}

Result<Datum> decode_int8(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (!is_integer(text, "9223372036854775807", "9223372036854775808")) return unreadable(codec, "int8", text);
  return Datum::digits(text);
}

Result<Datum> decode_oid(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (!is_integer(text, "4294967295", "")) return unreadable(codec, "oid", text);
  return Datum::digits(text);
}

Result<Datum> decode_boolean(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "t") return Datum::of(true);
  if (text == "f") return Datum::of(false);
  return unreadable(codec, "bool", text);
}

template <typename Float>
Result<Datum> decode_float(const ColumnCodec& codec, std::string_view text, Scratch&) {
  using Limits = std::numeric_limits<Float>;
  if (text == "NaN") return Datum::of(Limits::quiet_NaN());
  if (text == "Infinity") return Datum::of(Limits::infinity());
  if (text == "-Infinity") return Datum::of(-Limits::infinity());
  Float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return unreadable(codec, sizeof(Float) == 4 ? "float4" : "float8", text);
  return Datum::of(value);
}

void fill_number(CodecDraft& draft, Type type, ColumnCodec::Decode decode, Datum fallback) {
  draft.schema.type = type;
  draft.codec.decode = decode;
  draft.fallback = fallback;
}

}  // namespace

bool draft_number(const ColumnType& column, CodecDraft& draft) {
  draft.schema.optional = column.optional;
  const Datum zero = Datum::of(std::int64_t{0});
  switch (column.type.oid) {
    case oid::boolean: fill_number(draft, Type::boolean, decode_boolean, Datum::of(false)); return true;
    case oid::int2: fill_number(draft, Type::int16, decode_int2, zero); return true;
    case oid::int4: fill_number(draft, Type::int32, decode_int4, zero); return true;
    case oid::int8: fill_number(draft, Type::int64, decode_int8, zero); return true;
    case oid::oid: fill_number(draft, Type::int64, decode_oid, zero); return true;
    case oid::float4: fill_number(draft, Type::float32, decode_float<float>, Datum::of(0.0F)); return true;
    case oid::float8: fill_number(draft, Type::float64, decode_float<double>, Datum::of(0.0)); return true;
    default: return false;
  }
}

}  // namespace millrace::postgres
