#include "rest/json_reader.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <cstdlib>

#include "core/java_hash.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace millrace {
namespace {

constexpr int k_levels_max = 1000;
constexpr std::string_view k_value_words = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";

struct Malformed {
  std::string text;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  std::optional<Json> document() {
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = line_start_ = 3;
    skip_blanks();
    if (done()) return std::nullopt;
    return value(1);
  }

 private:
  bool done() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }
  JsonPlace place() const { return {line_, static_cast<int>(position_ - line_start_) + 1}; }

  void skip_blanks() {
    for (; !done(); ++position_) {
      const char c = peek();
      if (c == '\n' || c == '\r') {
        if (c == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n') ++position_;
        ++line_;
        line_start_ = position_ + 1;
      } else if (c != ' ' && c != '\t') {
        return;
      }
    }
  }

  // Jackson gives the place behind the byte that it did not expect.
  [[noreturn]] void unexpected(std::string_view wanted) {
    const auto code = static_cast<unsigned char>(peek());
    JsonPlace at = place();
    ++at.column;
    const std::string what = std::iscntrl(code) != 0 ? fmt::format("(CTRL-CHAR, code {})", code)
                                                     : fmt::format("'{}' (code {})", peek(), code);
    throw Malformed{fmt::format("Unexpected character ({}): {}{}", what, wanted, at.text())};
  }
  [[noreturn]] void ended(std::string_view where) {
    throw Malformed{fmt::format("Unexpected end-of-input{}{}", where, place().text())};
  }
  [[noreturn]] void ended_in(std::string_view kind, const JsonPlace& start) {
    ended(fmt::format(": expected close marker for {} (start marker at{})", kind, start.text().substr(4)));
  }

  Json value(int level) {
    if (level > k_levels_max)
      throw Malformed{fmt::format("Document nesting depth ({}) exceeds the maximum allowed ({}, from "
                                  "`StreamReadConstraints.getMaxNestingDepth()`)", level, k_levels_max)};
    Json out;
    out.begin = place();
    const char c = peek();
    if (c == '{') {
      object(out, level);
    } else if (c == '[') {
      array(out, level);
    } else if (c == '"') {
      out.kind = Json::Kind::string;
      out.text = string();
    } else if (c == '-' || std::isdigit(static_cast<unsigned char>(c)) != 0) {
      number(out);
    } else {
      word(out);
    }
    out.end = place();
    return out;
  }

  void object(Json& out, int level) {
    out.kind = Json::Kind::object;
    ++position_;
    for (bool first = true;; first = false) {
      skip_blanks();
      if (done()) ended_in("Object", out.begin);
      if (peek() == '}' && first) break;
      if (!first) {
        if (peek() == '}') break;
        if (peek() != ',') unexpected("was expecting comma to separate Object entries");
        ++position_;
        skip_blanks();
        if (done()) ended_in("Object", out.begin);
      }
      if (peek() != '"') unexpected("was expecting double-quote to start field name");
      std::string name = string();
      skip_blanks();
      if (done()) ended(" within/between Object entries");
      if (peek() != ':') unexpected("was expecting a colon to separate field name and value");
      ++position_;
      skip_blanks();
      if (done()) ended(" within/between Object entries");
      put(out, std::move(name), value(level + 1));
    }
    ++position_;
  }

  static void put(Json& object, std::string name, Json value) {
    for (auto& [known, old] : object.members)
      if (known == name) {
        old = std::move(value);
        return;
      }
    object.members.emplace_back(std::move(name), std::move(value));
  }

  void array(Json& out, int level) {
    out.kind = Json::Kind::array;
    ++position_;
    for (bool first = true;; first = false) {
      skip_blanks();
      if (done()) ended_in("Array", out.begin);
      if (peek() == ']' && first) break;
      if (!first) {
        if (peek() == ']') break;
        if (peek() != ',') unexpected("was expecting comma to separate Array entries");
        ++position_;
        skip_blanks();
        if (done()) ended_in("Array", out.begin);
      }
      out.items.push_back(value(level + 1));
    }
    ++position_;
  }

  std::string string() {
    ++position_;
    std::string out;
    for (;;) {
      if (done()) ended(" in VALUE_STRING");
      const char c = peek();
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) {
        const int code = c;
        throw Malformed{fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using "
                                    "backslash to be included in string value{}", code, place().text())};
      }
      if (c == '\\') {
        escape(out);
      } else if (static_cast<unsigned char>(c) < 0x80) {
        out += c;
        ++position_;
      } else {
        raw_code_point(out);
      }
    }
    ++position_;
    return out;
  }

  void raw_code_point(std::string& out) {
    std::string_view rest = text_.substr(position_);
    const auto lead = static_cast<unsigned char>(rest.front());
    const CodePoint point = next_code_point(rest);
    if (!point.valid) throw Malformed{fmt::format("Invalid UTF-8 start byte 0x{:x}{}", lead, place().text())};
    const std::size_t next = text_.size() - rest.size();
    out.append(text_.substr(position_, next - position_));
    position_ = next;
  }

  void escape(std::string& out) {
    ++position_;
    if (done()) ended(" in character escape sequence");
    constexpr std::string_view k_letters = "\"\\/bfnrt";
    constexpr std::string_view k_values = "\"\\/\b\f\n\r\t";
    if (const auto at = k_letters.find(peek()); at != std::string_view::npos) {
      out += k_values[at];
      ++position_;
      return;
    }
    if (peek() != 'u')
      throw Malformed{fmt::format("Unrecognized character escape '{}' (code {}){}", peek(),
                                  static_cast<int>(static_cast<unsigned char>(peek())), place().text())};
    const char16_t first = unit();
    if (first < 0xD800 || first > 0xDBFF || !text_.substr(position_).starts_with("\\u")) {
      append_utf8(out, first);      // a lone surrogate too, in three bytes: it is written as it was read
      return;
    }
    ++position_;
    const char16_t second = unit();
    if (second >= 0xDC00 && second <= 0xDFFF) {
      append_utf8(out, 0x10000 + (static_cast<char32_t>(first - 0xD800) << 10) + (second - 0xDC00u));
    } else {
      append_utf8(out, first);
      append_utf8(out, second);
    }
  }

  // The four digits after "\u"; `position_` is at the u.
  char16_t unit() {
    ++position_;
    unsigned value = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
      if (done()) ended(" in character escape sequence");
      const auto c = static_cast<unsigned char>(peek());
      if (std::isxdigit(c) == 0) unexpected("expected a hex-digit for character escape sequence");
      value = value * 16 + static_cast<unsigned>(std::isdigit(c) != 0 ? c - '0' : std::tolower(c) - 'a' + 10);
    }
    return static_cast<char16_t>(value);
  }

  std::size_t digits() {
    const std::size_t start = position_;
    while (!done() && std::isdigit(static_cast<unsigned char>(peek())) != 0) ++position_;
    return position_ - start;
  }
  void need_digits(std::string_view wanted) {
    if (done()) ended(fmt::format(" in numeric value: {}", wanted));
    if (digits() == 0) unexpected(wanted);
  }

  void number(Json& out) {
    const std::size_t start = position_;
    out.kind = Json::Kind::integer;
    if (peek() == '-') ++position_;
    const std::size_t first = position_;
    need_digits("expected digit (0-9) to follow minus sign, for valid numeric value");
    if (text_[first] == '0' && position_ - first > 1)
      throw Malformed{"Invalid numeric value: Leading zeroes not allowed" + place().text()};
    if (!done() && peek() == '.') {
      out.kind = Json::Kind::decimal;
      ++position_;
      need_digits("Decimal point not followed by a digit");
    }
    if (!done() && (peek() == 'e' || peek() == 'E')) {
      out.kind = Json::Kind::decimal;
      ++position_;
      if (!done() && (peek() == '+' || peek() == '-')) ++position_;
      need_digits("Exponent indicator not followed by a digit");
    }
    if (!done() && (std::isalpha(static_cast<unsigned char>(peek())) != 0 || peek() == '_' || peek() == '.'))
      unexpected("Expected space separating root-level values");
    out.text = text_.substr(start, position_ - start);
  }

  void word(Json& out) {
    const std::size_t start = position_;
    while (!done() && (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_' || peek() == '$'))
      ++position_;
    const std::string_view text = text_.substr(start, position_ - start);
    if (text.empty()) unexpected(fmt::format("expected a valid value ({})", k_value_words));
    if (text == "true" || text == "false") {
      out.kind = Json::Kind::boolean;
    } else if (text != "null") {
      throw Malformed{fmt::format("Unrecognized token '{}': was expecting ({}){}", text, k_value_words,
                                  place().text())};
    }
    out.text = text;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

void append(std::string& out, const Json& json) {
  switch (json.kind) {
    case Json::Kind::string: append_json_string(out, json.text); return;
    case Json::Kind::array: {
      char before = '[';
      for (const Json& item : json.items) {
        out += before;
        append(out, item);
        before = ',';
      }
      out += json.items.empty() ? "[]" : "]";
      return;
    }
    case Json::Kind::object: {
      char before = '{';
      for (const auto& [name, value] : json.members) {
        out += before;
        append_json_string(out, name);
        out += ':';
        append(out, value);
        before = ',';
      }
      out += json.members.empty() ? "{}" : "}";
      return;
    }
    // As Java's Double and BigInteger print what they read.
    case Json::Kind::decimal: {
      const double value = std::strtod(json.text.c_str(), nullptr);   // beyond a double: Infinity, a string to Jackson
      out += std::isfinite(value) ? double_text(value) : '"' + double_text(value) + '"';
      return;
    }
    case Json::Kind::integer: out += json.text == "-0" ? "0" : json.text; return;
    default: out += json.text; return;
  }
}

}  // namespace

std::string JsonPlace::text() const {
  return fmt::format("\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
                     "line: {}, column: {}]", line, column);
}

const Json* Json::find(std::string_view name) const {
  for (const auto& [known, value] : members)
    if (known == name) return &value;
  return nullptr;
}

std::expected<std::optional<Json>, std::string> read_json(std::string_view text) {
  try {
    return Reader{text}.document();
  } catch (Malformed& malformed) {
    return std::unexpected{std::move(malformed.text)};
  }
}

std::string json_text_of(const Json& json) {
  std::string out;
  append(out, json);
  return out;
}

}  // namespace millrace
