#include "sources/mongodb/server_regex.h"

#include <bson/bson.h>

#include <algorithm>
#include <optional>

#include "core/letters.h"

namespace millrace::mongodb {
namespace {

constexpr std::size_t k_regex_bytes_max = 16 * 1024;   // a server takes 32 764
// What an end of the text means to every engine: "$" also stands before a last line feed.
constexpr std::string_view k_end = R"((?![\s\S]))";

bool is_ascii(char c) { return (c & 0x80) == 0; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_text(const std::string& item) {
  return bson_utf8_validate(item.data(), item.size(), false) && std::ranges::none_of(item, is_control);
}

std::string escaped_literal(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (is_ascii(c) && !is_letter(c) && !is_digit(c) && c != '_') out += '\\';
    out += c;
  }
  return out;
}

// Walks through a Java pattern and says whether PCRE, with case ignored, matches at least the same names.
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_{pattern} {}

  bool safe() {
    const std::size_t size = rest_.size();
    while (!rest_.empty()) {
      const bool first = rest_.size() == size;
      const char c = take();
      const bool fine = c == '\\' ? escape() : c == '[' ? char_class() : c == '(' ? group() : c == '{' ? repetition()
                        : c == '^' ? first : c == '$' ? rest_.empty() : c != '}' && c != ']';
      if (!fine) return false;
    }
    return true;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // \d, \w, and signs that are only quoted.
  bool escape() {
    if (rest_.empty()) return false;
    const char c = take();
    return c == 'd' || c == 'w' || (is_ascii(c) && !is_letter(c) && !is_digit(c));
  }

  bool group() { return !accept('?') || accept(':'); }

  bool repetition() {
    const auto end = rest_.find('}');
    if (end == std::string_view::npos || end == 0 || !is_digit(rest_.front())) return false;
    const std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return std::ranges::count(inside, ',') <= 1 && std::ranges::all_of(inside, [](char c) { return is_digit(c) || c == ','; });
  }

  // No nested sets, no intersections. Letters in a negated class: the server's case folding knows more of them.
  bool char_class() {
    const bool negated = accept('^');
    for (bool any = false;; any = true) {
      if (rest_.empty()) return false;
      const char c = take();
      if (c == ']') return any;
      if (c == '[' || c == '&' || !is_ascii(c)) return false;
      if (c == '\\' && (rest_.empty() || (negated && is_letter(rest_.front())) || !escape())) return false;
      if (negated && (is_letter(c) || c == '-')) return false;
    }
  }

  std::string_view rest_;
};

// Exactly the letters of ASCII in both cases, for a match that does not ignore case.
std::string any_case(char c) {
  if (!is_letter(c)) return escaped_literal({&c, 1});
  return {'[', static_cast<char>(c | 0x20), static_cast<char>(c & ~0x20), ']'};
}

// A part of what the Java pattern matches: literal letters, digits and signs, where "." stands for printable ASCII only.
std::optional<std::string> part_of_regex(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool more = i + 1 < pattern.size();
    if (c == '.') {
      out += "[ -~]";
      if (more && (pattern[i + 1] == '*' || pattern[i + 1] == '+')) out += pattern[++i];
      if (i + 1 < pattern.size() && std::string_view{"*+?{"}.find(pattern[i + 1]) != std::string_view::npos) return std::nullopt;
      continue;
    }
    if (c == '\\') {
      if (!more || !is_ascii(pattern[i + 1]) || is_letter(pattern[i + 1]) || is_digit(pattern[i + 1])) return std::nullopt;
      out += any_case(pattern[++i]);
    } else if (is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == ' ') {
      out += any_case(c);
    } else {
      return std::nullopt;
    }
    if (i + 1 < pattern.size() && std::string_view{"*+?{"}.find(pattern[i + 1]) != std::string_view::npos) return std::nullopt;
  }
  return out;
}

std::optional<std::string> part_of(std::string_view item, NameForm form) {
  if (form == NameForm::regex) return part_of_regex(item);
  std::string out;
  for (const char c : item) out += is_ascii(c) ? any_case(c) : std::string{c};
  return out;
}

}  // namespace

std::string server_include_regex(const std::vector<std::string>& items, NameForm form) {
  std::string any;
  for (const std::string& item : items) {
    if (!is_text(item) || (form == NameForm::regex && !PatternReader{item}.safe())) return {};
    any += (any.empty() ? "(?:" : "|(?:") + (form == NameForm::literal ? escaped_literal(item) : item) + ")";
  }
  return any.empty() || any.size() > k_regex_bytes_max ? std::string{} : "^(?:" + any + ")$";
}

std::string server_exclude_regex(const std::vector<std::string>& items, NameForm form) {
  std::string any;
  for (const std::string& item : items) {
    const auto part = is_text(item) ? part_of(item, form) : std::nullopt;
    if (!part || part->empty() || any.size() + part->size() > k_regex_bytes_max) continue;
    any += (any.empty() ? "" : "|") + *part;
  }
  return any.empty() ? std::string{} : "^(?!(?-i:(?:" + any + ")" + std::string{k_end} + "))";
}

std::optional<std::pair<std::string, std::string>> single_namespace(std::string_view item) {
  const std::size_t dot = item.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view database = item.substr(0, dot > 0 && item[dot - 1] == '\\' ? dot - 1 : dot), collection = item.substr(dot + 1);
  const auto plain = [](std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; });
  };
  if (!plain(database) || !plain(collection)) return std::nullopt;
  return std::pair{std::string{database}, std::string{collection}};
}

}  // namespace millrace::mongodb
