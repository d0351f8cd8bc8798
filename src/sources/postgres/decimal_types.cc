// numeric and money. A modifier of numeric is ((precision << 16) | scale) + 4; the scale is read as pgjdbc reads
// it, so that PostgreSQL 15's negative scales become 2048 + scale.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/envelope.h"
#include "core/numbers.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

enum class Special : std::uint8_t { none, not_a_number, infinity, negative_infinity };

Special special_of(std::string_view text) {
  if (text == "NaN") return Special::not_a_number;
  if (text == "Infinity") return Special::infinity;
  if (text == "-Infinity") return Special::negative_infinity;
  return Special::none;
}

// Digits with at most one point, and a sign before them.
bool is_plain_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  bool point = false;
  bool digits = false;
  for (const char c : text) {
    if (c == '.' && !point) point = true;
    else if (c >= '0' && c <= '9') digits = true;
    else return false;
  }
  return digits;
}

std::size_t fraction_digits(std::string_view text) {
  const std::size_t point = text.find('.');
  return point == std::string_view::npos ? 0 : text.size() - point - 1;
}

Result<Datum> special_in_precise_mode(const ColumnCodec& codec) {
  return unconvertible(codec, fmt::format("Got a special value (NaN/Infinity) for Decimal type in column {} but current "
                                          "mode does not handle it. If you need to support it then set decimal handling "
                                          "mode to 'string'.",
                                          codec.name));
}

// The bytes of the text at a scale, in the scratch.
Result<std::string_view> unscaled(std::string_view text, int scale, Scratch& scratch) {
  char* const place = scratch.bytes(unscaled_room(text, scale));
  MR_TRY(const std::size_t size, write_unscaled(place, text, scale));
  return std::string_view{place, size};
}

Result<Datum> decode_decimal(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (special_of(text) != Special::none) return special_in_precise_mode(codec);
  if (!is_plain_decimal(text)) return unreadable(codec, "numeric", text);
  const auto bytes = unscaled(text, codec.scale, scratch);
  if (!bytes) return unconvertible(codec, bytes.error().text);
  return Datum::bytes(*bytes);
}

Result<Datum> decode_variable_decimal(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (special_of(text) != Special::none) return special_in_precise_mode(codec);
  if (!is_plain_decimal(text)) return unreadable(codec, "numeric", text);
  const int scale = minimal_scale(text);
  MR_TRY(const std::string_view bytes, unscaled(text, scale, scratch));
  return Datum::of(scratch.tree(Value{Value::Struct{
      codec.schema, {Value{std::int64_t{scale}}, Value{Bytes{std::string{bytes}}}}}}));
}

// Plain decimal text beyond a double's range: infinite when digits stand before the point, else zero.
double out_of_range(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view whole = text.substr(0, text.find('.'));
  const bool huge = whole.find_first_of("123456789") != std::string_view::npos;
  const double magnitude = huge ? std::numeric_limits<double>::infinity() : 0.0;
  return negative ? -magnitude : magnitude;
}

double double_of(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return parsed.ec == std::errc::result_out_of_range ? out_of_range(text) : value;
}

// The driver reads the elements of an array as numbers before Debezium sees them, whatever decimal.handling.mode says.
Result<Datum> special_in_array(const ColumnCodec& codec, std::string_view text) {
  return unconvertible(codec, fmt::format("the element {} of an array of numeric does not convert", text));
}

Result<Datum> decode_double(const ColumnCodec& codec, std::string_view text, Scratch&) {
  using Limits = std::numeric_limits<double>;
  if (codec.in_array && special_of(text) != Special::none) return special_in_array(codec, text);
  switch (special_of(text)) {
    case Special::not_a_number: return Datum::of(Limits::quiet_NaN());
    case Special::infinity: return Datum::of(Limits::infinity());
    case Special::negative_infinity: return Datum::of(-Limits::infinity());
    case Special::none: break;
  }
  if (!is_plain_decimal(text)) return unreadable(codec, "numeric", text);
  return Datum::of(double_of(text));
}

// Java's BigDecimal.toPlainString at the column's scale; the server prints that scale but for negative ones.
Result<Datum> decode_decimal_text(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (codec.in_array && special_of(text) != Special::none) return special_in_array(codec, text);
  switch (special_of(text)) {
    case Special::not_a_number: return Datum::string("NAN");
    case Special::infinity: return Datum::string("POSITIVE_INFINITY");
    case Special::negative_infinity: return Datum::string("NEGATIVE_INFINITY");
    case Special::none: break;
  }
  if (!is_plain_decimal(text)) return unreadable(codec, "numeric", text);
  const std::size_t have = fraction_digits(text);
  const auto want = static_cast<std::size_t>(codec.scale < 0 ? 0 : codec.scale);
  if (have >= want) return Datum::string(text);
  const bool point = text.find('.') == std::string_view::npos;
  const std::size_t size = text.size() + (point ? 1 : 0) + want - have;
  char* const place = scratch.bytes(size);
  char* to = place + text.copy(place, text.size());
  if (point) *to++ = '.';
  std::fill(to, place + size, '0');
  return Datum::string({place, size});
}

// "-$1,234.50" or "($1,234.50)" -> "-1234.50". The currency sign is one character; empty: no such text.
std::string money_number(std::string_view text) {
  std::string number;
  const bool parenthesized = text.starts_with('(');
  if (parenthesized || text.starts_with('-')) {
    number += '-';
    text.remove_prefix(1);
  }
  if (parenthesized && text.ends_with(')')) text.remove_suffix(1);
  if (text.empty()) return {};
  text.remove_prefix(1);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80) text.remove_prefix(1);
  for (const char c : text)
    if (c != ',') number += c;
  return is_plain_decimal(number) ? number : std::string{};
}

// Half up to `scale` fraction digits; the sign of a result of only zeros does not matter to its bytes.
std::string rounded_half_up(std::string number, int scale) {
  const std::size_t have = fraction_digits(number);
  const auto want = static_cast<std::size_t>(scale);
  if (have <= want) return number;
  const bool up = number[number.size() - (have - want)] >= '5';
  number.resize(number.size() - (have - want));
  if (number.back() == '.') number.pop_back();
  if (!up) return number;
  for (std::size_t at = number.size(); at-- > 0;) {
    if (number[at] == '.') continue;
    if (number[at] == '-') {
      number.insert(1, "1");
      return number;
    }
    if (number[at] != '9') {
      ++number[at];
      return number;
    }
    number[at] = '0';
  }
  return "1" + number;
}

// The digits of Java's Double.toString without its exponent, as BigDecimal.valueOf takes them.
std::string plain_text_of(double value) {
  std::array<char, 64> text{};
  const auto scientific = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  std::string_view digits{text.data(), static_cast<std::size_t>(scientific.ptr - text.data())};
  const std::size_t mark = digits.find('e');
  int exponent = 0;
  const std::size_t exponent_at = mark + (digits[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits.data() + exponent_at, digits.data() + digits.size(), exponent);
  std::string plain;
  std::string_view mantissa = digits.substr(0, mark);
  if (mantissa.starts_with('-')) {
    plain += '-';
    mantissa.remove_prefix(1);
  }
  std::string all{mantissa.front()};
  if (mantissa.size() > 2) all += mantissa.substr(2);
  const int point = exponent + 1;   // digits before the point
  if (point <= 0) return plain + "0." + std::string(static_cast<std::size_t>(-point), '0') + all;
  const auto whole = static_cast<std::size_t>(point);
  if (all.size() <= whole) return plain + all + std::string(whole - all.size(), '0');
  return plain + all.substr(0, whole) + "." + all.substr(whole);
}

Result<Datum> decode_money(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string number = money_number(text);
  if (number.empty()) return unreadable(codec, "money", text);
  if (codec.phase == Phase::snapshot) number = plain_text_of(double_of(number));   // PGmoney holds a double
  MR_TRY(const std::string_view bytes, unscaled(rounded_half_up(std::move(number), codec.scale), codec.scale, scratch));
  return Datum::bytes(bytes);
}

Result<Datum> decode_money_double(const ColumnCodec& codec, std::string_view text, Scratch&) {
  const std::string number = money_number(text);
  if (number.empty()) return unreadable(codec, "money", text);
  return Datum::of(double_of(number));
}

Result<Datum> decode_money_text(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string number = money_number(text);
  if (number.empty()) return unreadable(codec, "money", text);
  if (codec.phase == Phase::snapshot) number = double_text(double_of(number));
  char* const place = scratch.bytes(number.size());
  number.copy(place, number.size());
  return Datum::string({place, number.size()});
}

Schema decimal_schema(bool optional, int scale) {
  Schema schema = envelope::semantic_schema(Type::bytes, "org.apache.kafka.connect.data.Decimal", optional);
  schema.parameters = {{"scale", std::to_string(scale)}};
  return schema;
}

Schema variable_scale_schema(bool optional) {
  Schema schema = envelope::semantic_schema(Type::structure, "io.debezium.data.VariableScaleDecimal", optional);
  schema.doc = "Variable scaled decimal";
  schema.fields = {{"scale", envelope::plain_schema(Type::int32, false)},
                   {"value", envelope::plain_schema(Type::bytes, false)}};
  return schema;
}

constexpr std::string_view k_zero_bytes{"\0", 1};

void draft_numeric(const ColumnType& column, CodecDraft& draft) {
  const bool variable = column.typmod < 4;
  draft.codec.length = variable ? -1 : (column.typmod - 4) >> 16;
  draft.codec.scale = variable ? -1 : (column.typmod - 4) & 0xFFFF;
  draft.schema.optional = column.optional;
  switch (column.modes.decimal) {
    case DecimalMode::real:
      draft.schema.type = Type::float64;
      draft.codec.decode = decode_double;
      draft.fallback = Datum::of(0.0);
      return;
    case DecimalMode::text:
      draft.schema.type = Type::string;
      draft.codec.decode = decode_decimal_text;
      draft.fallback = Datum::string(draft.codec.scale > 0 ? draft.keep("0." + std::string(static_cast<std::size_t>(draft.codec.scale), '0')) : "0");
      draft.codec.unavailable = Datum::string(draft.keep(column.modes.unavailable));
      return;
    case DecimalMode::precise:
      break;
  }
  if (variable) {
    draft.schema = variable_scale_schema(column.optional);
    draft.codec.decode = decode_variable_decimal;
    draft.fallback = draft.keep(Value{Value::Struct{
        std::make_shared<const Schema>(draft.schema), {Value{std::int64_t{0}}, Value{Bytes{std::string{k_zero_bytes}}}}}});
    return;
  }
  draft.schema = decimal_schema(column.optional, draft.codec.scale);
  draft.schema.parameters.emplace_back("connect.decimal.precision", std::to_string(draft.codec.length));
  draft.codec.decode = decode_decimal;
  draft.fallback = Datum::bytes(k_zero_bytes);
}

void draft_money(const ColumnType& column, CodecDraft& draft) {
  draft.codec.scale = column.modes.money_fraction_digits;
  draft.schema.optional = column.optional;
  switch (column.modes.decimal) {
    case DecimalMode::real:
      draft.schema.type = Type::float64;
      draft.codec.decode = decode_money_double;
      draft.fallback = Datum::of(0.0);
      return;
    case DecimalMode::text:
      draft.schema.type = Type::string;
      draft.codec.decode = decode_money_text;
      draft.fallback = Datum::string("0");
      return;
    case DecimalMode::precise:
      draft.schema = decimal_schema(column.optional, draft.codec.scale);
      draft.codec.decode = decode_money;
      draft.fallback = Datum::bytes(k_zero_bytes);
      return;
  }
}

}  // namespace

bool draft_decimal(const ColumnType& column, CodecDraft& draft) {
  if (column.type.oid == oid::numeric) draft_numeric(column, draft);
  else if (column.type.oid == oid::money) draft_money(column, draft);
  else return false;
  return true;
}

}  // namespace millrace::postgres
