#include "sources/mongodb/extended_json_reader.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/iso_offset_time.h"
#include "core/kubernetes_objects.h"
#include "core/letters.h"
#include "sources/mongodb/decimal128_reader.h"
#include "sources/mongodb/decimal128_text.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/json_scanner.h"

namespace millrace::mongodb {
namespace {

using Kind = JsonToken::Kind;
// "fallback": an object with such a name that is an ordinary document all the same.
enum class Taken : std::uint8_t { value, fallback, error };

constexpr std::size_t k_few_names = 16;   // are compared with each other; more are hashed

// The text of an integer as Java's Long.valueOf takes it.
template <typename Integer>
bool java_integer(std::string_view text, std::int64_t& out) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  out = value;
  return error == std::errc{} && end == text.data() + text.size();
}

// Since 1970, rounded down, of the text of a "$date": a date alone is its midnight, otherwise a time and an offset must follow. None: no
// such time, or one beyond 64 bits.
std::optional<std::int64_t> milliseconds_of(const std::string& text) {
  constexpr std::size_t k_date_alone = 10;   // yyyy-mm-dd
  const auto time = parse_offset_date_time(text.size() == k_date_alone ? text + "T00:00:00Z" : text);
  if (!time) return std::nullopt;
  const std::int64_t seconds = time->local_seconds - time->offset, millis = time->nanos / 1'000'000;
  const bool from_above = seconds < 0 && time->nanos > 0;   // the last ones that fit have seconds that do not
  std::int64_t out = 0;
  if (__builtin_mul_overflow(seconds + (from_above ? 1 : 0), std::int64_t{1000}, &out) ||
      __builtin_add_overflow(out, from_above ? millis - 1000 : millis, &out))
    return std::nullopt;
  return out;
}

// As Java's Double.valueOf takes it, but for hexadecimal ones.
bool double_of(std::string_view text, double& out) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  std::string_view rest = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (rest == "NaN" || rest == "Infinity") {
    out = rest == "NaN" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  } else {
    if (!rest.empty() && std::string_view{"dDfF"}.find(rest.back()) != std::string_view::npos) rest.remove_suffix(1);
    if (rest.empty() || rest.find_first_not_of("0123456789.eE+-") != std::string_view::npos || rest.front() == '+' || rest.front() == '-')
      return false;
    const std::string whole{rest};
    char* end = nullptr;
    out = std::strtod(whole.c_str(), &end);
    if (end != whole.c_str() + whole.size()) return false;
  }
  if (negative) out = -out;
  return true;
}

bool is_lower_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

// A subtype is one byte: its hex digits, or a number. Java keeps the lowest eight bits of what is larger.
bool subtype_of(const JsonToken& token, std::uint32_t& out) {
  std::int32_t value = static_cast<std::int32_t>(token.integer);
  if (!token.is(Kind::int32)) {
    std::string_view text = token.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (!token.is(Kind::string) || error != std::errc{} || end != text.data() + text.size()) return false;
  }
  out = static_cast<std::uint8_t>(value);
  return true;
}

std::optional<std::string> bytes_of_uuid(std::string_view text) {
  constexpr std::array<std::size_t, 4> k_dashes{8, 13, 18, 23};
  std::string hex = lower(text);
  if (hex.size() != 36) return std::nullopt;
  for (const std::size_t dash : k_dashes)
    if (hex[dash] != '-') return std::nullopt;
  std::erase(hex, '-');
  if (hex.size() != 32 || !is_lower_hex(hex)) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

void merge_repeated_names(DocumentFields& fields) {
  std::unordered_map<std::string, std::size_t> places;
  DocumentFields merged;
  for (DocumentField& field : fields) {
    const auto [place, is_new] = places.emplace(field.name, merged.size());
    if (is_new) merged.push_back(std::move(field));
    else merged[place->second].value = std::move(field.value);
  }
  fields = std::move(merged);
}

bool may_repeat_a_field(const DocumentFields& fields) {
  if (fields.size() > k_few_names) return true;
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (fields[i].name == fields[k].name) return true;
  return false;
}

class ExtendedJsonReader {
 public:
  explicit ExtendedJsonReader(std::string_view text) : scanner_{text} {}

  Result<DocumentValue> whole() {
    DocumentValue out;
    JsonToken behind;
    if (!value(out, 0) || !pop(behind)) return error();
    if (!behind.is(Kind::end)) {
      expected("the end", behind);
      return error();
    }
    return out;
  }

 private:
  // Each of these takes its part of the text; false: problem_ is set.
  bool value(DocumentValue& out, int depth);
  bool value_of(JsonToken& token, DocumentValue& out, int depth);
  bool word(const JsonToken& token, DocumentValue& out);
  bool array(DocumentValue& out, int depth);
  bool object(DocumentValue& out, int depth);
  bool fields(DocumentFields& out, JsonToken name, int depth);
  Taken wrapper(const std::string& name, DocumentValue& out, int depth);

  Taken binary(const std::string& first, DocumentValue& out);
  bool new_binary(DocumentValue& out);
  bool old_binary(const std::string& first, DocumentValue& out, bool& is_base64);
  bool base64_text(std::string& bytes, bool& is_base64);
  bool uuid(DocumentValue& out);
  bool old_regex(const std::string& first, DocumentValue& out);
  bool new_regex(DocumentValue& out);
  bool code(DocumentValue& out, int depth);
  bool date(DocumentValue& out);
  bool object_id(DocumentValue& out);
  bool object_id_of(std::string& out);
  bool timestamp(DocumentValue& out);
  bool undefined(DocumentValue& out);
  bool key(DocumentValue& out, bson_type_t type);
  bool number(const std::string& name, DocumentValue& out);
  bool db_pointer(DocumentValue& out);

  bool pop(JsonToken& token);
  bool take(Kind kind, std::string_view shown);
  bool take_name(std::string_view name);
  bool take_string(std::string& out);
  bool expected(std::string_view what, const JsonToken& found);
  bool failed(std::string problem);
  bool colon() { return take(Kind::colon, "':'"); }
  bool comma() { return take(Kind::comma, "','"); }
  bool begin() { return take(Kind::begin_object, "'{'"); }
  bool end() { return take(Kind::end_object, "'}'"); }
  // Two members in either order; `name` is the first one's, already taken.
  template <typename First, typename Second>
  bool pair(std::string_view name, std::string_view one, First take_one, std::string_view other, Second take_other);
  std::unexpected<Error> error() const { return fail(problem_, Retry::no, k_json_parse_exception); }

  JsonScanner scanner_;
  std::string problem_;
};

bool ExtendedJsonReader::failed(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool ExtendedJsonReader::expected(std::string_view what, const JsonToken& found) {
  return failed("JSON reader expected " + std::string{what} + " but found '" + found.text.substr(0, 100) + "' before byte " +
                std::to_string(scanner_.place()) + " of the document's text");
}

bool ExtendedJsonReader::pop(JsonToken& token) { return scanner_.next(token) || failed(scanner_.problem()); }

bool ExtendedJsonReader::take(Kind kind, std::string_view shown) {
  JsonToken token;
  return pop(token) && (token.is(kind) || expected(shown, token));
}

bool ExtendedJsonReader::take_name(std::string_view name) {
  JsonToken token;
  return pop(token) && ((token.is_text() && token.text == name) || expected(name, token));
}

bool ExtendedJsonReader::take_string(std::string& out) {
  JsonToken token;
  if (!pop(token)) return false;
  if (!token.is(Kind::string)) return expected("a string", token);
  out = std::move(token.text);
  return true;
}

template <typename First, typename Second>
bool ExtendedJsonReader::pair(std::string_view name, std::string_view one, First take_one, std::string_view other, Second take_other) {
  if (name == one) return colon() && take_one() && comma() && take_name(other) && colon() && take_other();
  if (name == other) return colon() && take_other() && comma() && take_name(one) && colon() && take_one();
  return failed("JSON reader expected " + std::string{one} + " and " + std::string{other} + " but found '" + std::string{name} + "'");
}

bool ExtendedJsonReader::value(DocumentValue& out, int depth) {
  JsonToken token;
  return pop(token) && value_of(token, out, depth);
}

bool ExtendedJsonReader::value_of(JsonToken& token, DocumentValue& out, int depth) {
  switch (token.kind) {
    case Kind::begin_array: return array(out, depth + 1);
    case Kind::begin_object: return object(out, depth + 1);
    case Kind::word: return word(token, out);
    case Kind::string:
      out.type = BSON_TYPE_UTF8;
      out.text = std::move(token.text);
      return true;
    case Kind::int32:
    case Kind::int64:
      out.type = token.is(Kind::int32) ? BSON_TYPE_INT32 : BSON_TYPE_INT64;
      out.integer = token.integer;
      return true;
    case Kind::float64:
      out.type = BSON_TYPE_DOUBLE;
      out.number = token.number;
      return true;
    default: return expected("a value", token);
  }
}

bool ExtendedJsonReader::word(const JsonToken& token, DocumentValue& out) {
  if (token.text == "true" || token.text == "false") {
    out.type = BSON_TYPE_BOOL;
    out.integer = token.text == "true" ? 1 : 0;
  } else if (token.text == "NaN" || token.text == "Infinity") {
    out.type = BSON_TYPE_DOUBLE;
    out.number = token.text == "NaN" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  } else if (token.text == "null") {
    out.type = BSON_TYPE_NULL;
  } else {
    return expected("a value", token);
  }
  return true;
}

bool ExtendedJsonReader::array(DocumentValue& out, int depth) {
  if (depth > k_reader_nesting_max) return failed("The document's text is nested more than " + std::to_string(k_reader_nesting_max) + " levels");
  out.type = BSON_TYPE_ARRAY;
  JsonToken token;
  if (!pop(token)) return false;
  if (token.is(Kind::end_array)) return true;
  while (true) {
    if (!value_of(token, out.items.emplace_back(), depth) || !pop(token)) return false;
    if (token.is(Kind::end_array)) return true;
    if (!token.is(Kind::comma)) return expected("',' or ']'", token);
    if (!pop(token)) return false;
  }
}

bool ExtendedJsonReader::object(DocumentValue& out, int depth) {
  if (depth > k_reader_nesting_max) return failed("The document's text is nested more than " + std::to_string(k_reader_nesting_max) + " levels");
  JsonToken name;
  if (!pop(name)) return false;
  if (name.is(Kind::string) && name.text.starts_with('$')) {
    const std::size_t place = scanner_.place();
    const Taken taken = wrapper(name.text, out, depth);
    if (taken != Taken::fallback) return taken == Taken::value;
    scanner_.go_back(place);
    out = {};
  }
  out.type = BSON_TYPE_DOCUMENT;
  return fields(out.fields, std::move(name), depth);
}

bool ExtendedJsonReader::fields(DocumentFields& out, JsonToken name, int depth) {
  if (name.is(Kind::end_object)) return true;
  while (true) {
    if (!name.is(Kind::string)) return expected("a name", name);
    DocumentField& field = out.emplace_back();
    field.name = std::move(name.text);
    JsonToken behind;
    if (!colon() || !value(field.value, depth) || !pop(behind)) return false;
    if (behind.is(Kind::end_object)) break;
    if (!behind.is(Kind::comma)) return expected("',' or '}'", behind);
    if (!pop(name)) return false;
  }
  if (may_repeat_a_field(out)) merge_repeated_names(out);
  return true;
}

// What an object is whose first name begins with '$'. Names that are not among these are a document's.
Taken ExtendedJsonReader::wrapper(const std::string& name, DocumentValue& out, int depth) {
  const auto taken = [](bool whole) { return whole ? Taken::value : Taken::error; };
  if (name == "$binary" || name == "$type") return binary(name, out);
  if (name == "$uuid") return taken(uuid(out));
  if (name == "$regex" || name == "$options") return old_regex(name, out) ? Taken::value : Taken::fallback;
  if (name == "$code") return taken(code(out, depth));
  if (name == "$date") return taken(date(out));
  if (name == "$maxKey") return taken(key(out, BSON_TYPE_MAXKEY));
  if (name == "$minKey") return taken(key(out, BSON_TYPE_MINKEY));
  if (name == "$oid") return taken(object_id(out));
  if (name == "$regularExpression") return taken(new_regex(out));
  if (name == "$symbol") {
    out.type = BSON_TYPE_SYMBOL;
    return taken(colon() && take_string(out.text) && end());
  }
  if (name == "$timestamp") return taken(timestamp(out));
  if (name == "$undefined") return taken(undefined(out));
  if (name == "$dbPointer") return taken(db_pointer(out));
  if (name == "$numberLong" || name == "$numberInt" || name == "$numberDouble" || name == "$numberDecimal")
    return taken(number(name, out));
  return Taken::fallback;
}

Taken ExtendedJsonReader::binary(const std::string& first, DocumentValue& out) {
  out.type = BSON_TYPE_BINARY;
  const std::size_t place = scanner_.place();
  JsonToken token;
  if (first == "$binary" && colon() && pop(token) && token.is(Kind::begin_object)) return new_binary(out) ? Taken::value : Taken::error;
  scanner_.go_back(place);
  bool is_base64 = true;
  if (old_binary(first, out, is_base64)) return Taken::value;
  return is_base64 ? Taken::fallback : Taken::error;
}

bool ExtendedJsonReader::new_binary(DocumentValue& out) {
  JsonToken name, subtype;
  bool is_base64 = true;
  return pop(name) &&
         pair(name.text, "base64", [&] { return base64_text(out.text, is_base64); }, "subType",
              [&] { return pop(subtype) && (subtype_of(subtype, out.detail) || expected("a binary subtype", subtype)); }) &&
         end() && end();
}

// An object that does not hold this is a document; bytes that are no base64 are an error.
bool ExtendedJsonReader::old_binary(const std::string& first, DocumentValue& out, bool& is_base64) {
  JsonToken subtype;
  return pair(first, "$binary", [&] { return base64_text(out.text, is_base64); }, "$type",
              [&] { return pop(subtype) && (subtype_of(subtype, out.detail) || expected("a binary subtype", subtype)); }) &&
         end();
}

bool ExtendedJsonReader::base64_text(std::string& bytes, bool& is_base64) {
  std::string text;
  if (!take_string(text)) return false;
  if (!text.ends_with('=') && text.size() % 4 > 1) text.append(4 - text.size() % 4, '=');   // Java does without
  auto decoded = base64_decoded(text);
  is_base64 = decoded.has_value();
  if (!is_base64) return failed("JSON reader expected base64 in $binary but found '" + text.substr(0, 100) + "'");
  bytes = std::move(*decoded);
  return true;
}

bool ExtendedJsonReader::uuid(DocumentValue& out) {
  std::string text;
  if (!colon() || !take_string(text) || !end()) return false;
  auto bytes = bytes_of_uuid(text);
  if (!bytes) return failed("JSON reader expected a UUID but found '" + text + "'");
  out.type = BSON_TYPE_BINARY;
  out.detail = BSON_SUBTYPE_UUID;
  out.text = std::move(*bytes);
  return true;
}

bool ExtendedJsonReader::old_regex(const std::string& first, DocumentValue& out) {
  out.type = BSON_TYPE_REGEX;
  if (!pair(first, "$regex", [&] { return take_string(out.text); }, "$options", [&] { return take_string(out.options); }) || !end())
    return false;
  out.options = sorted_options(out.options);
  return true;
}

bool ExtendedJsonReader::new_regex(DocumentValue& out) {
  out.type = BSON_TYPE_REGEX;
  JsonToken name;
  if (!colon() || !begin() || !pop(name) ||
      !pair(name.text, "pattern", [&] { return take_string(out.text); }, "options", [&] { return take_string(out.options); }) || !end() || !end())
    return false;
  out.options = sorted_options(out.options);
  return true;
}

bool ExtendedJsonReader::code(DocumentValue& out, int depth) {
  JsonToken behind;
  if (!colon() || !take_string(out.text) || !pop(behind)) return false;
  out.type = BSON_TYPE_CODE;
  if (behind.is(Kind::end_object)) return true;
  if (!behind.is(Kind::comma)) return expected("',' or '}'", behind);
  DocumentValue scope;
  if (!take_name("$scope") || !colon() || !value(scope, depth)) return false;
  if (scope.type != BSON_TYPE_DOCUMENT) return failed("JSON reader expected a document as $scope");
  out.type = BSON_TYPE_CODEWSCOPE;
  out.fields = std::move(scope.fields);
  return end();
}

bool ExtendedJsonReader::date(DocumentValue& out) {
  out.type = BSON_TYPE_DATE_TIME;
  JsonToken token;
  if (!colon() || !pop(token)) return false;
  if (token.is(Kind::begin_object)) {
    DocumentValue number_long;
    if (!take_name("$numberLong") || !number("$numberLong", number_long)) return false;
    out.integer = number_long.integer;
  } else if (token.is_integer()) {
    out.integer = token.integer;
  } else if (token.is(Kind::string)) {
    const auto time = milliseconds_of(std::string{token.text});
    if (!time) return failed("Failed to parse string as a date: '" + token.text.substr(0, 100) + "'");
    out.integer = *time;
  } else {
    return expected("an integer or a string", token);
  }
  return end();
}

bool ExtendedJsonReader::object_id(DocumentValue& out) {
  out.type = BSON_TYPE_OID;
  return object_id_of(out.text);
}

// Behind the name "$oid".
bool ExtendedJsonReader::object_id_of(std::string& out) {
  constexpr std::size_t k_digits = 24;
  if (!colon() || !take_string(out)) return false;
  out = lower(out);
  if (out.size() != k_digits || !is_lower_hex(out)) return failed("invalid hexadecimal representation of an ObjectId: [" + out.substr(0, 100) + "]");
  return end();
}

bool ExtendedJsonReader::timestamp(DocumentValue& out) {
  out.type = BSON_TYPE_TIMESTAMP;
  JsonToken name;
  std::int64_t seconds = 0, increment = 0;
  const auto integer = [&](std::int64_t& to) {
    JsonToken token;
    if (!pop(token)) return false;
    if (!token.is_integer()) return expected("an integer", token);
    to = static_cast<std::int32_t>(token.integer);   // Java's ints
    return true;
  };
  if (!colon() || !begin() || !pop(name) ||
      !pair(name.text, "t", [&] { return integer(seconds); }, "i", [&] { return integer(increment); }) || !end() || !end())
    return false;
  out.integer = seconds;
  out.detail = static_cast<std::uint32_t>(increment);
  return true;
}

bool ExtendedJsonReader::undefined(DocumentValue& out) {
  out.type = BSON_TYPE_UNDEFINED;
  return colon() && take_name("true") && end();
}

bool ExtendedJsonReader::key(DocumentValue& out, bson_type_t type) {
  out.type = type;
  JsonToken token;
  return colon() && pop(token) && ((token.is(Kind::int32) && token.integer == 1) || expected("1", token)) && end();
}

bool ExtendedJsonReader::number(const std::string& name, DocumentValue& out) {
  std::string text;
  if (!colon() || !take_string(text)) return false;
  bool known = false;
  if (name == "$numberLong") {
    out.type = BSON_TYPE_INT64;
    known = java_integer<std::int64_t>(text, out.integer);
  } else if (name == "$numberInt") {
    out.type = BSON_TYPE_INT32;
    known = java_integer<std::int32_t>(text, out.integer);
  } else if (name == "$numberDouble") {
    out.type = BSON_TYPE_DOUBLE;
    known = double_of(text, out.number);
  } else if (const auto decimal = read_decimal128(text)) {
    out.type = BSON_TYPE_DECIMAL128;
    std::array<char, k_decimal128_room> room;
    out.text.assign(room.data(), write_decimal128(room.data(), *decimal));
    known = true;
  }
  return (known || failed("Exception converting value '" + text.substr(0, 100) + "' of " + name)) && end();
}

bool ExtendedJsonReader::db_pointer(DocumentValue& out) {
  out.type = BSON_TYPE_DBPOINTER;
  JsonToken name;
  const auto id = [&] { return begin() && take_name("$oid") && object_id_of(out.options); };
  return colon() && begin() && pop(name) && pair(name.text, "$ref", [&] { return take_string(out.text); }, "$id", id) && end() && end();
}

}  // namespace

Result<DocumentValue> read_value(std::string_view text) { return ExtendedJsonReader{text}.whole(); }

Result<DocumentFields> read_document(std::string_view text) {
  MR_TRY(DocumentValue value, read_value(text));
  if (value.type != BSON_TYPE_DOCUMENT)
    return fail("The text is not a document: " + std::string{text.substr(0, 100)}, Retry::no, k_json_parse_exception);
  return std::move(value.fields);
}

}  // namespace millrace::mongodb
