#include "transform/connect_literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/envelope.h"
#include "core/letters.h"
#include "core/numbers.h"
#include "transform/connect_types.h"
#include "transform/java_numbers.h"
#include "transform/simple_date_format.h"

namespace millrace {
namespace {

constexpr int k_depth_max = 100;   // of lists in lists; a deeper text is a string

SchemaPtr plain(Type type) { return envelope::plain_schema(type, false); }
SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }

// Tokens are the delimiters : , { } [ ] " and what stands between them; a backslash takes a delimiter's meaning away.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_{text} {}

  std::string_view text() const { return text_; }
  bool has_next() const { return next_ || at_ < text_.size(); }
  std::size_t mark() const { return at_ - (next_ ? next_->size() : 0); }
  void rewind(std::size_t position) {
    at_ = position;
    next_.reset();
  }

  std::string_view next() {
    if (!next_) return consume();
    const std::string_view token = *next_;
    next_.reset();
    return token;
  }

  // So many tokens as they stand in the text. None: there are fewer.
  std::optional<std::string_view> next(int count) {
    const std::size_t start = mark();
    for (int i = 0; i < count; ++i) {
      if (!has_next()) {
        rewind(start);
        return std::nullopt;
      }
      next();
    }
    return text_.substr(start, at_ - start);
  }

  // Blanks around the token, and tokens of blanks before it, do not count.
  bool take(std::string_view expected) {
    if (!next_) {
      if (!has_next()) return false;
      next_ = consume();
    }
    while (trimmed(*next_).empty() && at_ < text_.size()) next_ = consume();
    if (trimmed(*next_) != expected) return false;
    next_.reset();
    return true;
  }

 private:
  std::string_view consume() {
    const std::size_t start = at_;
    bool escaped = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        escaped = !escaped;
        continue;
      }
      if (!escaped && std::string_view{":,{}[]\""}.find(c) != std::string_view::npos) {
        if (start == at_) ++at_;
        break;
      }
      escaped = false;
    }
    return text_.substr(start, at_ - start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string_view> next_;
};

std::optional<ConnectLiteral> temporal(std::string_view token) {
  std::string text{token};
  for (std::size_t at = 0; (at = text.find("\\:", at)) != std::string::npos; ++at) text.erase(at, 1);
  static const auto time = SimpleDateFormat::compile("HH:mm:ss.SSS'Z'");
  static const auto date = SimpleDateFormat::compile("yyyy-MM-dd");
  static const auto timestamp = SimpleDateFormat::compile("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
  const auto read = [&](const Result<SimpleDateFormat>& format, Type type, std::string_view name,
                        std::int64_t unit) -> std::optional<ConnectLiteral> {
    const auto ms = format->parse(text);
    if (!ms) return std::nullopt;
    return ConnectLiteral{shared(envelope::semantic_schema(type, name, false)), Value{*ms / unit}};
  };
  switch (text.size()) {
    case 10: return read(date, Type::int32, k_date, k_day_ms);
    case 13: return read(time, Type::int32, k_time, 1);
    case 24: return read(timestamp, Type::int64, k_timestamp, 1);
    default: return std::nullopt;
  }
}

std::optional<ConnectLiteral> whole_number(std::string_view token) {
  const auto unscaled = unscaled_bytes(token, 0);
  if (!unscaled) return std::nullopt;
  const std::string digits = decimal_text(*unscaled, 0);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{}) return std::nullopt;
  for (const Type type : {Type::int8, Type::int16, Type::int32, Type::int64})
    if (cut_to(type, value) == value) return ConnectLiteral{plain(type), Value{value}};
  return std::nullopt;
}

std::optional<ConnectLiteral> number(std::string_view token) {
  auto decimal = parse_big_decimal(token);
  if (!decimal) return std::nullopt;
  if (auto whole = whole_number(token)) return whole;
  if (decimal->scale != 0) {
    if (const float value = decimal->float32(); !std::isinf(value)) return ConnectLiteral{plain(Type::float32), Value{value}};
    if (const double value = decimal->float64(); !std::isinf(value)) return ConnectLiteral{plain(Type::float64), Value{value}};
  }
  Schema schema = envelope::semantic_schema(Type::bytes, k_decimal, false);
  schema.parameters = {{"scale", std::to_string(decimal->scale)}};
  return ConnectLiteral{shared(std::move(schema)), Value{Bytes{std::move(decimal->unscaled)}}};
}

bool is_number_type(Type type) { return type >= Type::int8 && type <= Type::float64; }

// What the elements have in common. Once they have nothing, no further element changes that.
class CommonSchema {
 public:
  void add(const SchemaPtr& latest) {
    if (latest == nullptr || different_) return;
    if (schema_ == nullptr || schema_->type == latest->type) {
      schema_ = latest;
    } else if (!is_number_type(schema_->type) || !is_number_type(latest->type)) {
      different_ = true;
      schema_ = nullptr;
    } else if (schema_->type < latest->type) {
      schema_ = latest;
    }
  }
  const SchemaPtr& schema() const { return schema_; }   // null: nothing (or no element)

 private:
  SchemaPtr schema_;
  bool different_ = false;
};

// An element as one of the common schema. None: it is not, and then the text is no list.
std::optional<Value> aligned(const SchemaPtr& to, const ConnectLiteral& element) {
  if (element.schema == nullptr) return std::nullopt;
  if (to->type == element.schema->type && to->name == element.schema->name) return element.value;
  if (!is_number_type(to->type) || is_java_date(element.schema.get())) return std::nullopt;
  const double number = element.value.integer() != nullptr ? static_cast<double>(*element.value.integer())
                        : element.value.float32() != nullptr ? double{*element.value.float32()} : *element.value.float64();
  if (to->type == Type::float32)
    return element.value.integer() != nullptr ? Value{static_cast<float>(number)} : element.value;
  if (to->type == Type::float64) return Value{number};
  return Value{cut_to(to->type, *element.value.integer())};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_{text} {}

  // None: this cannot stand inside of a list or map.
  std::optional<ConnectLiteral> parse(bool embedded) {
    if (!tokens_.has_next()) return ConnectLiteral{};
    if (embedded && tokens_.take("\"")) return quoted();
    if (takes_literal("null", embedded)) return ConnectLiteral{};
    if (takes_literal("true", embedded)) return ConnectLiteral{plain(Type::boolean), Value{true}};
    if (takes_literal("false", embedded)) return ConnectLiteral{plain(Type::boolean), Value{false}};
    const std::size_t start = tokens_.mark();
    if (depth_ < k_depth_max) {
      ++depth_;
      auto made = tokens_.take("[") ? list() : tokens_.take("{") ? map() : std::nullopt;
      --depth_;
      if (made) return made;
    }
    tokens_.rewind(start);
    return scalar(embedded);
  }

 private:
  bool takes_literal(std::string_view literal, bool embedded) {
    const std::size_t start = tokens_.mark();
    if (tokens_.take(literal) && (embedded || !tokens_.has_next())) return true;
    tokens_.rewind(start);
    return false;
  }

  ConnectLiteral quoted() {
    std::string content;
    while (tokens_.has_next() && !tokens_.take("\"")) content += tokens_.next();
    ConnectLiteral parsed = content.empty() ? ConnectLiteral{} : parse_connect_literal(content);
    if (is_java_date(parsed.schema.get())) return parsed;
    return {plain(Type::string), Value{std::move(content)}};
  }

  std::optional<ConnectLiteral> list() {
    std::vector<ConnectLiteral> elements;
    CommonSchema common;
    while (tokens_.has_next()) {
      if (tokens_.take("]")) return list_of(common.schema(), elements);
      if (tokens_.take(",")) return std::nullopt;
      auto element = parse(true);
      if (!element) return std::nullopt;
      common.add(element->schema);
      elements.push_back(std::move(*element));
      const std::size_t position = tokens_.mark();
      if (tokens_.take("]")) tokens_.rewind(position);
      else if (!tokens_.take(",")) return std::nullopt;
    }
    return std::nullopt;
  }

  static std::optional<ConnectLiteral> list_of(const SchemaPtr& common, const std::vector<ConnectLiteral>& elements) {
    Value::Array array;
    for (const ConnectLiteral& element : elements) {
      auto value = common == nullptr ? std::optional{element.value} : aligned(common, element);
      if (!value) return std::nullopt;
      array.push_back(std::move(*value));
    }
    return ConnectLiteral{shared({.type = Type::array, .values = common}), Value{std::move(array)}};
  }

  using Entries = std::vector<std::pair<ConnectLiteral, ConnectLiteral>>;

  std::optional<ConnectLiteral> map() {
    Entries entries;
    CommonSchema keys, values;
    while (tokens_.has_next()) {
      if (tokens_.take("}")) return map_of(keys.schema(), values.schema(), entries);
      if (tokens_.take(",")) return std::nullopt;
      auto key = parse(true);
      if (!key || key->value.is_null() || !tokens_.take(":")) return std::nullopt;
      auto value = parse(true);
      if (!value) return std::nullopt;
      tokens_.take(",");
      keys.add(key->schema);
      values.add(value->schema);
      const auto known = std::ranges::find_if(entries, [&](const auto& entry) { return entry.first.value == key->value; });
      if (known == entries.end()) entries.emplace_back(std::move(*key), std::move(*value));
      else known->second = std::move(*value);
    }
    return std::nullopt;
  }

  static std::optional<ConnectLiteral> map_of(const SchemaPtr& keys, const SchemaPtr& values, const Entries& entries) {
    Value::Map map;
    for (const auto& [key, value] : entries) {
      auto map_key = keys == nullptr ? std::optional{key.value} : aligned(keys, key);
      auto map_value = keys == nullptr || values == nullptr ? std::optional{value.value} : aligned(values, value);
      if (!map_key || !map_value) return std::nullopt;
      map.emplace_back(std::move(*map_key), std::move(*map_value));
    }
    return ConnectLiteral{shared({.type = Type::map, .keys = keys, .values = keys == nullptr ? nullptr : values}), Value{std::move(map)}};
  }

  std::optional<ConnectLiteral> scalar(bool embedded) {
    const std::string_view raw = tokens_.next();
    const std::string_view token = trimmed(raw);
    if (token.empty()) return ConnectLiteral{plain(Type::string), Value{raw}};
    const bool digit = token[0] >= '0' && token[0] <= '9';
    if (digit) {
      const std::size_t position = tokens_.mark();
      if (const auto more = tokens_.next(4))   // a time's colons are delimiters
        if (auto found = temporal(std::string{token}.append(*more))) return found;
      tokens_.rewind(position);
      if (auto found = temporal(token)) return found;
    }
    if (digit || token[0] == '+' || token[0] == '-')
      if (auto found = number(token)) return found;
    if (embedded) return std::nullopt;
    return ConnectLiteral{plain(Type::string), Value{tokens_.text()}};
  }

  Tokens tokens_;
  int depth_ = 0;
};

}  // namespace

ConnectLiteral parse_connect_literal(std::string_view text) {
  if (text.empty()) return {plain(Type::string), Value{""}};
  auto parsed = Parser{text}.parse(false);
  return parsed ? std::move(*parsed) : ConnectLiteral{plain(Type::string), Value{text}};
}

}  // namespace millrace
