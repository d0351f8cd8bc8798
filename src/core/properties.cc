#include "core/properties.h"

#include <optional>

#include "core/file_content.h"
#include "core/java_hash.h"

namespace millrace {
namespace {

constexpr bool is_blank(char16_t c) { return c == u' ' || c == u'\t' || c == u'\f'; }
constexpr bool is_line_end(char16_t c) { return c == u'\n' || c == u'\r'; }

struct LogicalLine {
  std::u16string text;
  int number = 0;   // of its first line in the file
};

// Joins continued lines and leaves out comments, blank lines and leading blanks: java.util.Properties.LineReader.
class LineReader {
 public:
  explicit LineReader(std::u16string_view text) : text_{text} {}

  std::optional<LogicalLine> next() {
    LogicalLine line;
    bool skip_blanks = true, continued = false, backslash = false;
    while (at_ < text_.size()) {
      const char16_t c = take();
      if (skip_blanks) {
        if (is_blank(c)) continue;
        if (!continued && is_line_end(c)) continue;
        skip_blanks = continued = false;
      }
      if (line.text.empty() && (c == u'#' || c == u'!')) {
        while (at_ < text_.size() && !is_line_end(text_[at_])) take();
        skip_blanks = true;
        continue;
      }
      if (!is_line_end(c)) {
        if (line.text.empty()) line.number = line_;
        line.text += c;
        backslash = c == u'\\' && !backslash;
        continue;
      }
      if (line.text.empty()) {
        skip_blanks = true;
        continue;
      }
      if (!backslash) return line;
      line.text.pop_back();
      if (at_ == text_.size()) return line;   // nothing follows: an entry all the same, if an empty one
      skip_blanks = continued = true;
      backslash = false;
      if (c == u'\r' && at_ < text_.size() && text_[at_] == u'\n') take();
    }
    if (line.text.empty()) return std::nullopt;
    if (backslash) line.text.pop_back();
    return line;
  }

 private:
  char16_t take() {
    const char16_t c = text_[at_++];
    if (at_ >= 2 && is_line_end(text_[at_ - 2]) && !(text_[at_ - 2] == u'\r' && c == u'\n')) ++line_;
    return c;
  }

  std::u16string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

std::optional<char16_t> four_hex_digits(std::u16string_view digits) {
  if (digits.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (const char16_t c : digits.substr(0, 4)) {
    const unsigned digit = c >= u'0' && c <= u'9'   ? c - u'0'
                           : c >= u'a' && c <= u'f' ? c - u'a' + 10u
                           : c >= u'A' && c <= u'F' ? c - u'A' + 10u
                                                    : 16u;
    if (digit == 16u) return std::nullopt;
    value = value * 16 + digit;
  }
  return static_cast<char16_t>(value);
}

// None: a malformed \u escape.
std::optional<std::string> unescaped(std::u16string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != u'\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char16_t c = text[++i];
    switch (c) {
      case u't': out += u'\t'; break;
      case u'n': out += u'\n'; break;
      case u'r': out += u'\r'; break;
      case u'f': out += u'\f'; break;
      case u'u': {
        const auto unit = four_hex_digits(text.substr(i + 1));
        if (!unit) return std::nullopt;
        out += *unit;
        i += 4;
        break;
      }
      default: out += c;
    }
  }
  return utf8_of(out);
}

struct Split {
  std::u16string_view key, value;
};

// The key ends at the first '=', ':' or blank that no backslash stands before; blanks around one '=' or ':' go.
Split split_at_separator(std::u16string_view line) {
  std::size_t end = 0;
  bool backslash = false;
  for (; end < line.size(); ++end) {
    const char16_t c = line[end];
    if (!backslash && (c == u'=' || c == u':' || is_blank(c))) break;
    backslash = c == u'\\' && !backslash;
  }
  std::size_t value = end;
  bool separated = false;
  for (; value < line.size(); ++value) {
    const char16_t c = line[value];
    if (is_blank(c)) continue;
    if (separated || (c != u'=' && c != u':')) break;
    separated = true;
  }
  return {line.substr(0, end), line.substr(value)};
}

Result<std::u16string> decoded(std::string_view text, PropertiesEncoding encoding) {
  std::u16string out;
  out.reserve(text.size());
  if (encoding == PropertiesEncoding::latin1) {
    for (const char c : text) out += static_cast<char16_t>(static_cast<unsigned char>(c));
    return out;
  }
  int line = 1;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view ahead = rest;
    const CodePoint point = next_code_point(ahead);
    if (!point.valid) return fail("line " + std::to_string(line) + " is not UTF-8");
    if (point.value == U'\n') ++line;
    rest = ahead;
  }
  return utf16_of(text);
}

}  // namespace

Result<Config> parse_properties(std::string_view text, PropertiesEncoding encoding) {
  MR_TRY(const std::u16string units, decoded(text, encoding));
  Config config;
  LineReader lines{units};
  while (const auto line = lines.next()) {
    const Split split = split_at_separator(line->text);
    auto key = unescaped(split.key);
    auto value = unescaped(split.value);
    // The line is not quoted: its value may be a secret.
    if (!key || !value)
      return fail("line " + std::to_string(line->number) + ": Malformed \\uxxxx encoding.");
    config.set(std::move(*key), std::move(*value));
  }
  return config;
}

Result<Config> read_properties_file(const std::string& path, PropertiesEncoding encoding) {
  MR_TRY(const std::string text, read_named_file(path));
  auto config = parse_properties(text, encoding);
  if (!config) return fail(path + ", " + config.error().text);
  return config;
}

}  // namespace millrace
