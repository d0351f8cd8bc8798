#include "sources/mongodb/extended_json.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/java_hash.h"
#include "core/numbers.h"
#include "sources/mongodb/decimal128_text.h"
#include "sources/mongodb/java_json_string.h"
#include "sources/mongodb/repeated_names.h"

namespace millrace::mongodb {
namespace {

constexpr std::size_t k_path_max = 100;   // of a field in an error
constexpr std::int64_t k_last_ms_of_9999 = 253'402'300'799'999;

std::string_view sized(const char* text, std::uint32_t size) { return {text, size}; }

// "2019-05-27T13:58:28.1Z": the milliseconds without trailing zeros, or not at all.
char* write_date(char* to, std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds{ms}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto digits = [&to](auto value, int count, char after) {
    auto number = static_cast<unsigned>(value);
    for (int i = count - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
    to += count;
    *to++ = after;
  };
  digits(static_cast<int>(date.year()), 4, '-');
  digits(static_cast<unsigned>(date.month()), 2, '-');
  digits(static_cast<unsigned>(date.day()), 2, 'T');
  digits(clock.hours().count(), 2, ':');
  digits(clock.minutes().count(), 2, ':');
  digits(clock.seconds().count(), 2, '.');
  digits(clock.subseconds().count(), 3, 'Z');
  char* last = to - 2;   // of the fraction
  while (*last == '0') --last;
  if (*last == '.') --last;
  last[1] = 'Z';
  return last + 2;
}

class JsonWriter {
 public:
  JsonWriter(Dialect dialect, std::string& out, std::size_t bson_size)
      : out_{out, bson_size * 2 + 512}, strict_{dialect == Dialect::strict},
        between_{dialect == Dialect::relaxed_spaced ? ", " : ","} {}

  // False: see problem().
  bool document(BsonView document);
  bool value(const bson_iter_t& value);
  std::string problem() const {
    return path_.empty() ? problem_ : "field \"" + path_ + "\": " + problem_;
  }

 private:
  bool elements(BsonView document);
  bool distinct(BsonView document);
  bool element(const bson_iter_t& element, bool first);
  bool array(BsonView array);
  bool code_with_scope(const bson_iter_t& value);
  void number(double value);
  void large_integer(std::int64_t value);
  void binary(const bson_iter_t& value);
  void object_id(const bson_oid_t* id);
  void date(std::int64_t ms);
  void regex(const bson_iter_t& value);
  void reference(const bson_iter_t& value);
  void timestamp(const bson_iter_t& value);
  void decimal(const bson_iter_t& value);

  bool enter() { return ++depth_ <= k_nesting_max || refuse("documents and arrays are nested deeper than " + std::to_string(k_nesting_max)); }
  bool leave(bool well) {
    --depth_;
    return well;
  }
  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  // For an iterator that has stopped: true where it stands on the document's last byte.
  bool at_end(const bson_iter_t& iterator, std::size_t size) {
    if (iterator.err_off == 0 && std::size_t{iterator.off} + 1 == size) return true;
    return refuse("the bytes are no BSON behind position " + std::to_string(iterator.off) + " of " + std::to_string(size));
  }
  bool inside(const bson_iter_t& element) {
    path_ = bson_iter_key_unsafe(&element) + (path_.empty() ? "" : "." + path_);
    if (path_.size() > k_path_max) path_.replace(k_path_max, std::string::npos, "...");
    return false;
  }

  // {"$name": "text"}
  void string_member(std::string_view opening, std::string_view text) {
    out_.append(opening);
    append_java_json_string(out_, text);
    out_.append('}');
  }
  void integer(std::int64_t number) { out_.set_end(write_integer(out_.room(k_integer_room), number)); }

  TextCursor out_;
  const bool strict_;
  const std::string_view between_;
  int depth_ = 0;
  std::string problem_, path_;
};

bool JsonWriter::document(BsonView document) {
  if (!enter()) return leave(false);
  out_.append('{');
  const bool well = may_repeat_a_name(document) ? distinct(document) : elements(document);
  out_.append('}');
  return leave(well);
}

bool JsonWriter::elements(BsonView document) {
  bson_iter_t at;
  if (!iterate(document, at)) return refuse("the bytes are no BSON document");
  for (bool first = true; bson_iter_next(&at); first = false)
    if (!element(at, first)) return false;
  return at_end(at, document.size());
}

bool JsonWriter::distinct(BsonView document) {
  bson_iter_t at;
  if (!iterate(document, at)) return refuse("the bytes are no BSON document");
  while (bson_iter_next(&at)) {}
  if (!at_end(at, document.size())) return false;
  bool first = true;
  for (const ElementPlace& place : distinct_elements(document)) {
    bson_iter_init_from_data_at_offset(&at, document.data(), document.size(), place.offset, place.name_size);
    if (!element(at, std::exchange(first, false))) return false;
  }
  return true;
}

bool JsonWriter::element(const bson_iter_t& at, bool first) {
  if (!first) out_.append(between_);
  append_java_json_string(out_, sized(bson_iter_key_unsafe(&at), bson_iter_key_len(&at)));
  out_.append(": ");
  return value(at) || inside(at);
}

bool JsonWriter::array(BsonView array) {
  if (!enter()) return leave(false);
  bson_iter_t at;
  if (!iterate(array, at)) return leave(refuse("the bytes are no BSON array"));
  out_.append('[');
  for (bool first = true; bson_iter_next(&at); first = false) {
    if (!first) out_.append(between_);
    if (!value(at)) return leave(inside(at));
  }
  out_.append(']');
  return leave(at_end(at, array.size()));
}

bool JsonWriter::value(const bson_iter_t& at) {
  std::uint32_t size = 0;
  const char* text = nullptr;
  switch (bson_iter_type(&at)) {
    case BSON_TYPE_DOUBLE: number(bson_iter_double(&at)); return true;
    case BSON_TYPE_UTF8:
      text = bson_iter_utf8(&at, &size);
      append_java_json_string(out_, sized(text, size));
      return true;
    case BSON_TYPE_DOCUMENT: return document(document_at(at));
    case BSON_TYPE_ARRAY: return array(document_at(at));
    case BSON_TYPE_BINARY: binary(at); return true;
    case BSON_TYPE_UNDEFINED: out_.append(R"({"$undefined": true})"); return true;
    case BSON_TYPE_OID: object_id(bson_iter_oid(&at)); return true;
    case BSON_TYPE_BOOL: out_.append(bson_iter_bool(&at) ? "true" : "false"); return true;
    case BSON_TYPE_DATE_TIME: date(bson_iter_date_time(&at)); return true;
    case BSON_TYPE_NULL: out_.append("null"); return true;
    case BSON_TYPE_REGEX: regex(at); return true;
    case BSON_TYPE_DBPOINTER: reference(at); return true;
    case BSON_TYPE_CODE:
      text = bson_iter_code(&at, &size);
      string_member(R"({"$code": )", sized(text, size));
      return true;
    case BSON_TYPE_SYMBOL:
      text = bson_iter_symbol(&at, &size);
      string_member(R"({"$symbol": )", sized(text, size));
      return true;
    case BSON_TYPE_CODEWSCOPE: return code_with_scope(at);
    case BSON_TYPE_INT32: integer(bson_iter_int32(&at)); return true;
    case BSON_TYPE_TIMESTAMP: timestamp(at); return true;
    case BSON_TYPE_INT64: large_integer(bson_iter_int64(&at)); return true;
    case BSON_TYPE_DECIMAL128: decimal(at); return true;
    case BSON_TYPE_MAXKEY: out_.append(R"({"$maxKey": 1})"); return true;
    case BSON_TYPE_MINKEY: out_.append(R"({"$minKey": 1})"); return true;
    case BSON_TYPE_EOD: break;
  }
  return refuse("type " + std::to_string(static_cast<int>(bson_iter_type(&at))) + " is none of BSON's");
}

void JsonWriter::number(double value) {
  const bool quoted = !strict_ && !std::isfinite(value);
  if (quoted) out_.append(R"({"$numberDouble": ")");
  out_.set_end(write_double(out_.room(k_float_room), value));
  if (quoted) out_.append("\"}");
}

void JsonWriter::large_integer(std::int64_t value) {
  if (strict_) out_.append(R"({"$numberLong": ")");
  integer(value);
  if (strict_) out_.append("\"}");
}

void JsonWriter::binary(const bson_iter_t& at) {
  constexpr char k_hex[] = "0123456789ABCDEF";
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&at, &subtype, &size, &data);   // without the inner length of subtype 2
  out_.append(strict_ ? std::string_view{R"({"$binary": ")"} : R"({"$binary": {"base64": ")");
  out_.set_end(write_base64(out_.room(base64_size(size)), {reinterpret_cast<const char*>(data), size}));
  out_.append('"');
  out_.append(between_);
  out_.append(strict_ ? std::string_view{R"("$type": ")"} : R"("subType": ")");
  out_.append(k_hex[static_cast<unsigned>(subtype) >> 4 & 15]);
  out_.append(k_hex[static_cast<unsigned>(subtype) & 15]);
  out_.append(strict_ ? std::string_view{"\"}"} : "\"}}");
}

void JsonWriter::object_id(const bson_oid_t* id) {
  char hex[25];
  bson_oid_to_string(id, hex);
  out_.append(R"({"$oid": ")");
  out_.append({hex, 24});
  out_.append("\"}");
}

void JsonWriter::date(std::int64_t ms) {
  if (strict_) {
    out_.append(R"({"$date": )");
    integer(ms);
    out_.append('}');
  } else if (ms >= 0 && ms <= k_last_ms_of_9999) {
    out_.append(R"({"$date": ")");
    out_.set_end(write_date(out_.room(32), ms));
    out_.append("\"}");
  } else {
    out_.append(R"({"$date": {"$numberLong": ")");
    integer(ms);
    out_.append("\"}}");
  }
}

void JsonWriter::regex(const bson_iter_t& at) {
  const char* options = nullptr;
  const std::string_view pattern{bson_iter_regex(&at, &options)};
  out_.append(strict_ ? std::string_view{R"({"$regex": )"} : R"({"$regularExpression": {"pattern": )");
  append_java_json_string(out_, pattern);
  out_.append(between_);
  out_.append(strict_ ? std::string_view{R"("$options": )"} : R"("options": )");
  append_java_json_string(out_, sorted_options(options));
  out_.append(strict_ ? std::string_view{"}"} : "}}");
}

void JsonWriter::reference(const bson_iter_t& at) {
  std::uint32_t size = 0;
  const char* collection = nullptr;
  const bson_oid_t* id = nullptr;
  bson_iter_dbpointer(&at, &size, &collection, &id);
  out_.append(R"({"$ref": )");
  append_java_json_string(out_, sized(collection, size));
  out_.append(between_);
  out_.append(R"("$id": )");
  object_id(id);
  out_.append('}');
}

bool JsonWriter::code_with_scope(const bson_iter_t& at) {
  std::uint32_t size = 0, scope_size = 0;
  const std::uint8_t* scope = nullptr;
  const char* code = bson_iter_codewscope(&at, &size, &scope_size, &scope);
  out_.append(R"({"$code": )");
  append_java_json_string(out_, sized(code, size));
  out_.append(between_);
  out_.append(R"("$scope": )");
  const bool well = document({scope, scope_size});
  out_.append('}');
  return well;
}

void JsonWriter::timestamp(const bson_iter_t& at) {
  std::uint32_t seconds = 0, increment = 0;
  bson_iter_timestamp(&at, &seconds, &increment);
  out_.append(R"({"$timestamp": {"t": )");
  integer(seconds);
  out_.append(between_);
  out_.append(R"("i": )");
  integer(increment);
  out_.append("}}");
}

void JsonWriter::decimal(const bson_iter_t& at) {
  bson_decimal128_t value{};
  bson_iter_decimal128(&at, &value);
  out_.append(R"({"$numberDecimal": ")");
  out_.set_end(write_decimal128(out_.room(k_decimal128_room), value));
  out_.append("\"}");
}

std::unexpected<Error> unprintable(const JsonWriter& writer) {
  return fail(writer.problem() + ". The document cannot be written as JSON: look at it with the server's own tools, and "
                                 "repair or remove it there", Retry::no, k_debezium_exception);
}

}  // namespace

std::string sorted_options(std::string_view options) {
  std::u16string units = utf16_of(options);
  std::ranges::sort(units);
  return utf8_of(units);
}

Result<void> write_json(BsonView document, Dialect dialect, std::string& out) {
  JsonWriter writer{dialect, out, document.size()};
  if (!writer.document(document)) return unprintable(writer);
  return {};
}

Result<void> write_json_value(const bson_iter_t& value, Dialect dialect, std::string& out) {
  JsonWriter writer{dialect, out, value.next_off - value.off};
  if (!writer.value(value)) return unprintable(writer);
  return {};
}

}  // namespace millrace::mongodb
