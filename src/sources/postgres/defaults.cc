// What a default expression (pg_get_expr) becomes in the schema: literals their value, calls the type's zero,
// everything else nothing. Debezium reads expressions by regular expressions, and so the text is cut where it cuts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>

#include "core/log.h"
#include "sources/postgres/codec_draft.h"
#include "sources/postgres/temporal_text.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_defaults_log = "io.debezium.connector.postgresql.PostgresDefaultValueConverter";

// What a call's result is written as; none: defaults of this type are not exported.
std::optional<std::string_view> call_placeholder(const ColumnCodec& codec, std::uint32_t type_oid) {
  switch (type_oid) {
    case oid::bit: return "00";
    case oid::varbit: return "0";
    case oid::boolean: return "f";
    case oid::bpchar: case oid::varchar: case oid::text: case oid::xml: return "";
    case oid::numeric: return codec.scale == 0 ? "0" : "0.0";
    case oid::float4: case oid::float8: return "0.0";
    case oid::int2: case oid::int4: case oid::int8: return "0";
    case oid::json: case oid::jsonb: return "{}";
    case oid::uuid: return "00000000-0000-0000-0000-000000000000";
    case oid::date: return "1970-01-01";
    case oid::time: return "00:00:00";
    case oid::timestamp: return "1970-01-01 00:00:00";
    case oid::timestamptz: return "1970-01-01 00:00:00+00";
    case oid::interval: return "00:00:00";
    default: return std::nullopt;
  }
}

bool keeps_blanks(std::uint32_t type_oid) {
  return type_oid == oid::bpchar || type_oid == oid::varchar || type_oid == oid::text || type_oid == oid::json ||
         type_oid == oid::jsonb || type_oid == oid::xml;
}

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

// "name(...", perhaps behind one parenthesis, with a closing one later; or one of SQL's words for now.
bool is_call(std::string_view expression) {
  constexpr std::array<std::string_view, 5> k_words{"current_timestamp", "current_time", "current_date", "localtime",
                                                    "localtimestamp"};
  for (const std::string_view word : k_words)
    if (equal_ignoring_case(expression, word)) return true;
  if (expression.starts_with('(')) expression.remove_prefix(1);
  std::size_t at = 0;
  while (at < expression.size()) {
    const char c = expression[at];
    const bool of_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!of_name) break;
    ++at;
  }
  if (at == 0 || at == expression.size() || expression[at] != '(') return false;
  const std::string_view line = expression.substr(at + 1, expression.find('\n', at) - at - 1);
  return line.find(')') != std::string_view::npos;
}

// Between the first two quotes of one line. All of it when it has no quote; none when its quotes stand on several lines.
std::optional<std::string_view> literal_of(std::string_view expression) {
  if (!expression.contains('\'')) return expression;
  for (std::size_t open = expression.find('\''); open != std::string_view::npos;
       open = expression.find('\'', open + 1)) {
    const std::size_t close = expression.find('\'', open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view text = expression.substr(open + 1, close - open - 1);
    if (text.find('\n') == std::string_view::npos) return text;
  }
  return std::nullopt;
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

// 'label'::type and nothing else.
std::optional<std::string_view> enum_label(std::string_view expression, std::string_view type) {
  const std::size_t tail = type.size() + 3;
  if (!expression.starts_with('\'') || expression.size() < tail + 1) return std::nullopt;
  if (!expression.ends_with(type) || expression.substr(expression.size() - tail, 3) != "'::") return std::nullopt;
  return expression.substr(1, expression.size() - tail - 1);
}

// The text of the default as the type's values are written; none: no default.
std::optional<std::string_view> default_text(std::string_view expression, const ColumnType& column,
                                             const ColumnCodec& codec) {
  if (column.type.kind == 'e') return enum_label(expression, column.type.name);
  const auto placeholder = call_placeholder(codec, column.type.oid);
  if (!placeholder || expression.starts_with("NULL::")) return std::nullopt;
  if (is_call(expression)) return *placeholder;
  const auto literal = literal_of(expression);
  if (!literal) return std::nullopt;
  std::string_view text = *literal;
  if (!keeps_blanks(column.type.oid)) text = without_spaces(text);
  if (column.type.oid == oid::boolean) return equal_ignoring_case(text, "true") || text == "t" ? "t" : "f";
  return text;
}

// The ends of LocalDateTime, cut to the 32 bits of a day.
std::optional<Datum> infinite_day(std::string_view text) {
  if (text == "infinity") return Datum::of(std::int64_t{169'560'311});
  if (text == "-infinity") return Datum::of(std::int64_t{-170'999'002});
  return std::nullopt;
}

// The ends of LocalDateTime too: in microseconds the seconds saturate, to which the later one's fraction adds. In
// milliseconds and with a zone they do not convert.
Result<Datum> infinite_timestamp(const ColumnCodec& codec, std::string_view text) {
  constexpr std::int64_t k_first = std::numeric_limits<std::int64_t>::min();
  if (codec.schema->name != "io.debezium.time.MicroTimestamp") return unreadable(codec, "timestamp", text);
  return Datum::of(text == "infinity" ? k_first + 999'998 : k_first);
}

// A default of another type of date: the driver reads a day as its midnight.
std::string as_timestamp(std::string_view text) {
  const auto date = parse_date(text);
  if (!date) return std::string{text};
  const std::string_view era = date->before_christ ? text.substr(text.size() - 3) : "";
  return std::string{text.substr(0, text.size() - era.size())}.append(" 00:00:00").append(era);
}

Result<Datum> converted_time(std::string_view text, const ColumnType& column, const ColumnCodec& codec, Scratch& scratch) {
  if (column.type.oid == oid::date) {
    if (const auto day = infinite_day(text)) return *day;
    if (const auto timestamp = parse_timestamp(text)) return Datum::of(timestamp->date.days());
  } else if (column.type.oid == oid::time) {
    if (text == "24:00:00") text = "23:59:59.999999";   // the driver's LocalTime.MAX
  } else {
    if (text.ends_with("infinity")) return infinite_timestamp(codec, text);
    return codec.decode(codec, as_timestamp(text), scratch);
  }
  return codec.decode(codec, text, scratch);
}

// BigDecimal.setScale without rounding: zeros at the end may go, other digits may not.
Result<Datum> converted_decimal(std::string_view text, const ColumnType& column, const ColumnCodec& codec, Scratch& scratch) {
  if (text == "NaN" || text.ends_with("Infinity")) return unreadable(codec, "numeric", text);   // of which BigDecimal knows nothing
  if (const auto point = text.find('.'); column.typmod >= 0 && point != std::string_view::npos) {
    const std::size_t most = point + 1 + static_cast<std::size_t>(std::max(codec.scale, 0));
    while (text.size() > most && text.ends_with('0')) text.remove_suffix(1);
    if (text.size() > most) return unreadable(codec, "numeric", text);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  return codec.decode(codec, text, scratch);
}

Result<Datum> converted(std::string_view text, const ColumnType& column, const ColumnCodec& codec, Scratch& scratch) {
  switch (column.type.oid) {
    case oid::numeric: return converted_decimal(text, column, codec, scratch);
    case oid::date: case oid::time: case oid::timestamp: case oid::timestamptz: return converted_time(text, column, codec, scratch);
    case oid::uuid: return is_uuid(text) ? codec.decode(codec, text, scratch) : unreadable(codec, "uuid", text);
    default: return codec.decode(codec, text, scratch);
  }
}

}  // namespace

void apply_default(const ColumnFacts& facts, const ColumnType& column, CodecDraft& draft) {
  if (!facts.default_expression || facts.generated) return;
  const auto text = default_text(*facts.default_expression, column, draft.codec);
  if (!text) return;
  // A struct cannot be a default.
  if (draft.schema.type == Type::structure) {
    logger(k_defaults_log)->warn("Struct can't be used as default value for column '{}', will use null instead.", facts.name);
    return;
  }
  ColumnCodec reader = draft.codec;
  reader.of_default = true;
  reader.schema = std::make_shared<const Schema>(draft.schema);
  Scratch scratch;
  const auto datum = converted(*text, column, reader, scratch);
  if (!datum) {
    logger(k_defaults_log)->warn("Cannot parse column default value '{}' to type '{}'. Expression evaluation is not supported.",
                                 *facts.default_expression, column.type.name);
    return;
  }
  draft.schema.default_value = std::make_shared<const Value>(value_of(*datum, draft.schema));
}

}  // namespace millrace::postgres
