#include "format/java_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "core/java_class.h"
#include "core/numbers.h"
#include "format/json_writer.h"
#include "format/text_encoding.h"

namespace millrace {

namespace {

// What Java holds as a java.util.Date, in milliseconds since 1970.
std::optional<std::int64_t> date_ms(const Schema* schema, const Value& value) {
  if (value.integer() == nullptr || !is_java_date(schema)) return std::nullopt;
  return java_date_ms(*schema, *value.integer());
}

std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

struct Day {
  std::int64_t year;
  int month;
  int day;
};

// From a day number that counts from 1 March of a year 0, with `leap` days per calendar rule taken out already.
Day month_and_day(std::int64_t year, std::int64_t day_of_year) {
  const auto shifted = static_cast<int>((5 * day_of_year + 2) / 153);   // 0 is March
  const int month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year + (month <= 2 ? 1 : 0), month, static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

// Java's GregorianCalendar: Julian before 15 October 1582.
Day day_of(std::int64_t days) {
  constexpr std::int64_t k_gregorian_begin = -141'427;
  if (days < k_gregorian_begin) {
    const std::int64_t since_march = days + 719'470;   // Julian 1 March 0000
    const std::int64_t cycle = floor_divide(since_march, 1461);
    const std::int64_t in_cycle = since_march - cycle * 1461;
    const std::int64_t year = (in_cycle - in_cycle / 1460) / 365;
    return month_and_day(cycle * 4 + year, in_cycle - year * 365);
  }
  const std::int64_t since_march = days + 719'468;
  const std::int64_t era = floor_divide(since_march, 146'097);
  const std::int64_t in_era = since_march - era * 146'097;
  const std::int64_t year = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
  return month_and_day(era * 400 + year, in_era - (365 * year + year / 4 - year / 100));
}

// java.util.Date.toString: "Thu Jan 01 00:00:00 UTC 1970"; years before 1 count backwards without a sign.
std::string java_date_text(std::int64_t ms) {
  static constexpr std::string_view k_weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr std::string_view k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t days = floor_divide(ms, k_day_ms);
  const std::int64_t seconds = (ms - days * k_day_ms) / 1000;
  const Day day = day_of(days);
  return fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}",
                     k_weekdays[static_cast<std::size_t>(days - floor_divide(days, 7) * 7)],
                     k_months[day.month - 1], day.day, seconds / 3600, seconds / 60 % 60, seconds % 60,
                     day.year > 0 ? day.year : 1 - day.year);
}

// Connect's Values guesses the kind from the number: below a day it is a time, whole days are a date.
std::string header_date_text(std::int64_t ms) {
  const std::int64_t days = floor_divide(ms, k_day_ms);
  const std::int64_t rest = ms - days * k_day_ms;
  const std::string time = fmt::format("{:02}:{:02}:{:02}.{:03}Z", rest / 3'600'000, rest / 60'000 % 60,
                                       rest / 1000 % 60, rest % 1000);
  if (days < 1) return time;
  const Day day = day_of(days);
  const std::string date = fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
  return rest == 0 ? date : date + "T" + time;
}

void append_text(Output& out, std::string_view text) { append_encoded(out, text, TextEncoding::utf8); }

// Debezium holds the bytes of these in a byte[], too.
bool has_byte_arrays(const Schema& structure) {
  return structure.name == "io.debezium.data.VariableScaleDecimal" || structure.name.starts_with("io.debezium.data.geometry.");
}

// Object.toString: the number is one of the object, of which all that is known is its form.
std::string byte_array_text(std::string_view bytes) {
  return fmt::format("[B@{:x}", static_cast<std::uint32_t>(murmur2(bytes)) & 0x7FFF'FFFFU);
}

// Numbers and truth values, alike in both forms. False: the value is none of them.
bool append_number(Output& out, const Schema* schema, const Value& value) {
  char text[k_float_room];
  char* end = text;
  if (const bool* truth = value.boolean()) {
    out.append(*truth ? "true" : "false");
    return true;
  }
  if (const Bytes* bytes = value.bytes(); bytes != nullptr && schema != nullptr && is_decimal(*schema)) {
    out.append(decimal_text(bytes->data, decimal_scale(*schema).value_or(0)));
    return true;
  }
  if (const std::int64_t* number = value.integer()) end = write_integer(text, *number);
  if (const float* number = value.float32()) end = write_float(text, *number);
  if (const double* number = value.float64()) end = write_double(text, *number);
  out.append(std::string_view{text, end});
  return end != text;
}

const Schema* values_of(const Schema* schema) { return schema == nullptr ? nullptr : schema->values.get(); }
const Schema* keys_of(const Schema* schema) { return schema == nullptr ? nullptr : schema->keys.get(); }

void append_java_or_null(Output& out, const Schema* schema, const Value& value) {
  if (value.is_null()) return out.append("null");
  append_java_text(out, schema, value);
}

void append_java_struct(Output& out, const Value::Struct& structure) {
  out.append("Struct{");
  bool first = true;
  for (std::size_t i = 0; i < structure.fields.size(); ++i) {
    if (structure.fields[i].is_null()) continue;
    if (!std::exchange(first, false)) out.append(',');
    const Field& field = structure.schema->fields[i];
    append_text(out, field.name);
    out.append('=');
    const Bytes* bytes = structure.fields[i].bytes();
    if (bytes != nullptr && has_byte_arrays(*structure.schema)) out.append(byte_array_text(bytes->data));
    else append_java_text(out, field.schema.get(), structure.fields[i]);
  }
  out.append('}');
}

class HeaderText {
 public:
  explicit HeaderText(Output& out) : out_{out} {}

  void element(const Schema* schema, const Value& value, bool embedded) const {
    if (value.is_null()) return out_.append("null");
    if (const auto ms = date_ms(schema, value)) return out_.append(header_date_text(*ms));
    if (append_number(out_, schema, value)) return;
    if (const std::string* text = value.string()) return embedded ? quoted(*text) : append_text(out_, *text);
    if (const Bytes* bytes = value.bytes()) return embedded ? quoted(base64(bytes->data)) : out_.append(base64(bytes->data));
    if (const Value::Array* array = value.array()) return list(schema, *array);
    if (const Value::Map* map = value.map()) return entries(schema, *map);
    structure(*value.structure());
  }

 private:
  void quoted(std::string_view text) const {
    std::string escaped;
    for (const char c : text) {
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c;
    }
    out_.append('"');
    append_text(out_, escaped);
    out_.append('"');
  }

  void list(const Schema* schema, const Value::Array& array) const {
    out_.append('[');
    bool first = true;
    for (const Value& item : array) {
      if (!std::exchange(first, false)) out_.append(',');
      element(values_of(schema), item, true);
    }
    out_.append(']');
  }

  void entries(const Schema* schema, const Value::Map& map) const {
    out_.append('{');
    bool first = true;
    for (const auto& [key, mapped] : map) {
      if (!std::exchange(first, false)) out_.append(',');
      element(keys_of(schema), key, true);
      out_.append(':');
      element(values_of(schema), mapped, true);
    }
    out_.append('}');
  }

  // Struct.get: a null field has its default.
  void structure(const Value::Struct& structure) const {
    out_.append('{');
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      if (i != 0) out_.append(',');
      const Field& field = structure.schema->fields[i];
      quoted(field.name);
      out_.append(':');
      const Value* value = &structure.fields[i];
      if (value->is_null() && field.schema->default_value != nullptr) value = field.schema->default_value.get();
      element(field.schema.get(), *value, true);
    }
    out_.append('}');
  }

  Output& out_;
};

}  // namespace

void append_java_text(Output& out, const Schema* schema, const Value& value) {
  if (const auto ms = date_ms(schema, value)) return out.append(java_date_text(*ms));
  if (append_number(out, schema, value)) return;
  if (const std::string* text = value.string()) return append_text(out, *text);
  if (const Bytes* bytes = value.bytes(); bytes != nullptr && is_byte_array(schema)) return out.append(byte_array_text(bytes->data));
  if (const Bytes* bytes = value.bytes())
    return out.append(fmt::format("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes->data.size()));
  if (const Value::Struct* structure = value.structure()) return append_java_struct(out, *structure);
  bool first = true;
  if (const Value::Array* array = value.array()) {
    out.append('[');
    for (const Value& item : *array) {
      if (!std::exchange(first, false)) out.append(", ");
      append_java_or_null(out, values_of(schema), item);
    }
    return out.append(']');
  }
  out.append('{');
  for (const auto& [key, mapped] : *value.map()) {
    if (!std::exchange(first, false)) out.append(", ");
    append_java_or_null(out, keys_of(schema), key);
    out.append('=');
    append_java_or_null(out, values_of(schema), mapped);
  }
  out.append('}');
}

void append_header_text(Output& out, const Schema* schema, const Value& value) {
  HeaderText{out}.element(schema, value, false);
}

}  // namespace millrace
