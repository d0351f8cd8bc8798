#include "sources/mongodb/json_scanner.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/java_hash.h"
#include "core/letters.h"

namespace millrace::mongodb {
namespace {

using Kind = JsonToken::Kind;

bool high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

Kind mark_of(char c) {
  switch (c) {
    case '{': return Kind::begin_object;
    case '}': return Kind::end_object;
    case '[': return Kind::begin_array;
    case ']': return Kind::end_array;
    case ':': return Kind::colon;
    case ',': return Kind::comma;
    default: return Kind::end;
  }
}

}  // namespace

bool JsonScanner::failed(std::string problem) {
  problem_ = std::move(problem) + " at byte " + std::to_string(at_) + " of the document's text";
  return false;
}

bool JsonScanner::next(JsonToken& token) {
  while (at_ < text_.size() && is_json_blank(text_[at_])) ++at_;
  token = {};
  if (at_ == text_.size()) {
    token.text = "<eof>";
    return true;
  }
  const char c = text_[at_];
  if (c == '"') return string(token);
  if (c == '-' || is_digit(c)) return number(token);
  if (is_letter(c)) return word(token);
  token.kind = mark_of(c);
  if (token.is(Kind::end)) return failed("Invalid JSON input: an unexpected character");
  token.text = c;
  ++at_;
  return true;
}

bool JsonScanner::string(JsonToken& token) {
  token.kind = Kind::string;
  std::size_t quote = 0;   // the next one, escaped or not; looked for once
  for (++at_;;) {
    if (quote < at_) quote = text_.find('"', at_);
    if (quote == std::string_view::npos) return failed("End of file in the JSON string that begins before");
    const std::string_view before = text_.substr(at_, quote - at_);
    const std::size_t plain = before.find('\\');
    token.text.append(before.substr(0, plain));
    if (plain == std::string_view::npos) {
      at_ = quote + 1;
      return true;
    }
    at_ += plain + 1;
    if (!escape(token.text)) return false;
  }
}

bool JsonScanner::escape(std::string& out) {
  if (at_ == text_.size()) return failed("End of file in a JSON string");
  constexpr std::string_view letters = "'\"\\/bfnrt", meanings = "'\"\\/\b\f\n\r\t";
  const char c = text_[at_++];
  if (const auto known = letters.find(c); known != std::string_view::npos) {
    out += meanings[known];
    return true;
  }
  if (c != 'u') return failed("Invalid escape sequence in a JSON string");
  char32_t unit = 0;
  if (!code_unit(unit)) return false;
  if (high_surrogate(unit) && text_.substr(at_).starts_with("\\u")) {
    const std::size_t behind_first = at_;
    at_ += 2;
    char32_t second = 0;
    if (!code_unit(second)) return false;
    if (low_surrogate(second)) unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
    else at_ = behind_first;
  }
  append_utf8(out, unit);
  return true;
}

bool JsonScanner::code_unit(char32_t& unit) {
  constexpr std::size_t k_hex_digits = 4;
  if (text_.size() - at_ < k_hex_digits) return failed("End of file in a JSON string");
  std::uint16_t value = 0;
  const char* const begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, begin + k_hex_digits, value, 16);
  if (error != std::errc{} || end != begin + k_hex_digits) return failed("Invalid escape sequence in a JSON string");
  unit = value;
  at_ += k_hex_digits;
  return true;
}

bool JsonScanner::number(JsonToken& token) {
  std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
  if (text_.substr(end).starts_with("Infinity")) {
    at_ = end + 8;
    token.kind = Kind::float64;
    token.number = -std::numeric_limits<double>::infinity();
    return true;
  }
  const auto digits = [&] {
    const std::size_t begin = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end != begin;
  };
  bool well_formed = digits(), whole = true;
  if (end < text_.size() && text_[end] == '.') {
    whole = false;
    ++end;
    well_formed = digits() && well_formed;
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    whole = false;
    ++end;
    if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
    well_formed = digits() && well_formed;
  }
  if (!well_formed) return failed("Invalid JSON number");
  const char* const begin = text_.data() + at_;
  const char* const behind = text_.data() + end;
  if (whole) {
    if (std::from_chars(begin, behind, token.integer).ec != std::errc{}) return failed("A JSON number beyond 64 bits");
    token.kind = std::in_range<std::int32_t>(token.integer) ? Kind::int32 : Kind::int64;
  } else {
    token.kind = Kind::float64;
    if (std::from_chars(begin, behind, token.number).ec == std::errc::result_out_of_range)
      token.number = std::strtod(std::string{begin, behind}.c_str(), nullptr);   // to infinity or zero, as Java rounds
  }
  token.text.assign(begin, behind);
  at_ = end;
  return true;
}

bool JsonScanner::word(JsonToken& token) {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
  token.text = text_.substr(begin, at_ - begin);
  token.kind = Kind::word;
  return true;
}

}  // namespace millrace::mongodb
