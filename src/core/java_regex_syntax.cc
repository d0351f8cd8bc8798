#include "core/java_regex_syntax.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "core/java_hash.h"

namespace millrace {
namespace {

constexpr int k_depth_max = 200;             // of nested groups and classes; PCRE2's own limit is 250
constexpr std::int64_t k_repeat_max = 65'535;   // PCRE2's
constexpr char32_t k_end = 0xFFFFFFFF;
constexpr std::string_view k_line_ends = "\\n\\r\\x{85}\\x{2028}\\x{2029}";

bool is_latin_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }
bool is_latin_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
char32_t other_case(char32_t c) { return is_latin_letter(c) ? c ^ 0x20 : c; }

int hex_value(char32_t c) {
  if (is_latin_digit(c)) return static_cast<int>(c - U'0');
  const char32_t lower = is_latin_letter(c) ? (c | 0x20) : 0;
  return lower >= U'a' && lower <= U'f' ? static_cast<int>(lower - U'a') + 10 : -1;
}

std::string escaped(char32_t c) {
  if (is_latin_letter(c) || is_latin_digit(c)) return std::string(1, static_cast<char>(c));
  if (c > 0x20 && c < 0x7F) return {'\\', static_cast<char>(c)};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "\\x{%x}", static_cast<unsigned>(c));
  return text.data();
}

struct Unit {
  char32_t c;
  bool quoted;          // between \Q and \E: never a meta character
  std::size_t index;    // in the pattern
};

// Content of a positive PCRE2 class for a name of \p{...}; none: not known here.
std::optional<std::string> property(std::string name, bool ignore_case) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> k_posix{{
      {"Lower", "a-z"}, {"Upper", "A-Z"}, {"ASCII", "\\x00-\\x7f"}, {"Alpha", "a-zA-Z"}, {"Digit", "0-9"},
      {"Alnum", "a-zA-Z0-9"}, {"Punct", "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e"},
      {"Graph", "\\x21-\\x7e"}, {"Print", "\\x20-\\x7e"}, {"Blank", "\\x20\\t"}, {"Cntrl", "\\x00-\\x1f\\x7f"},
      {"XDigit", "0-9a-fA-F"}, {"Space", "\\x20\\t\\n\\x0b\\f\\r"},
  }};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> k_binary{{
      {"Letter", "L"}, {"Titlecase", "Lt"}, {"Punctuation", "P"}, {"Control", "Cc"}, {"Digit", "Nd"},
      {"WhiteSpace", "White_Space"},
  }};
  for (const auto& [posix, content] : k_posix)
    if (name == posix)
      return std::string{ignore_case && (name == "Lower" || name == "Upper") ? "a-zA-Z" : content};
  if (name.starts_with("In") || name.starts_with("java") || name.starts_with("block=") || name.starts_with("blk="))
    return std::nullopt;
  for (const std::string_view prefix : {"Is", "script=", "sc=", "general_category=", "gc="})
    if (name.size() > prefix.size() && name.starts_with(prefix)) {
      name.erase(0, prefix.size());
      break;
    }
  for (const auto& [binary, pcre] : k_binary)
    if (name == binary) name = pcre;
  if (ignore_case && (name == "Lu" || name == "Ll" || name == "Lt")) name = "L&";
  if (name.empty() || std::ranges::any_of(name, [](char c) { return c == '}' || c == '^' || c == '\\'; }))
    return std::nullopt;
  return "\\p{" + name + "}";
}

// A recursive descent over the pattern. A failure is thrown as Error inside this file only.
class Translator {
 public:
  // `groups_in_all`: of the pattern, once they are counted.
  Translator(std::string_view pattern, bool ignore_case, std::optional<int> groups_in_all)
      : pattern_{pattern}, groups_in_all_{groups_in_all}, ignore_case_{ignore_case} {
    read_units();
  }

  std::string whole() {
    std::string out = alternation();
    if (is(U')')) fail_at("Unmatched closing ')'", static_cast<std::ptrdiff_t>(index()) - 1);
    return out;
  }

  int groups() const { return groups_; }
  bool refers_to_missing_group() const { return highest_reference_ > groups_; }

 private:
  // ---- input -------------------------------------------------------------------------------------------------
  void read_units() {
    std::vector<std::pair<char32_t, std::size_t>> points;
    for (std::string_view rest = pattern_; !rest.empty();) {
      const char32_t c = next_code_point(rest).value;
      points.emplace_back(c, points.size());
    }
    length_ = points.size();
    bool quoting = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const char32_t next = i + 1 < points.size() ? points[i + 1].first : k_end;
      const bool backslash = points[i].first == U'\\';
      if (backslash && next == (quoting ? U'E' : U'Q')) {
        quoting = !quoting;
        ++i;
      } else {
        units_.push_back({points[i].first, quoting, points[i].second});
        if (backslash && !quoting && next != k_end) {   // what is escaped cannot begin a quote
          units_.push_back({next, false, points[i + 1].second});
          ++i;
        }
      }
    }
  }

  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < units_.size() ? units_[at_ + ahead].c : k_end;
  }
  bool is(char32_t c, std::size_t ahead = 0) const {
    return at_ + ahead < units_.size() && units_[at_ + ahead].c == c && !units_[at_ + ahead].quoted;
  }
  bool accept(char32_t c) {
    if (!is(c)) return false;
    ++at_;
    return true;
  }
  bool done() const { return at_ >= units_.size(); }
  std::size_t index() const { return done() ? length_ : units_[at_].index; }
  std::size_t last_index() const { return at_ == 0 ? 0 : units_[at_ - 1].index; }

  [[noreturn]] void fail_at(std::string description, std::ptrdiff_t at) const {
    throw java_regex_error(std::move(description), pattern_, at);
  }
  [[noreturn]] void fail_here(std::string description) const {
    fail_at(std::move(description), static_cast<std::ptrdiff_t>(index()));
  }
  [[noreturn]] void unsupported(const std::string& what) const {
    throw java_regex_error("unsupported: " + what, pattern_, static_cast<std::ptrdiff_t>(last_index()));
  }

  // ---- sequences ---------------------------------------------------------------------------------------------
  std::string alternation() {
    if (++depth_ > k_depth_max) unsupported("groups nested more than 200 deep");
    const bool ignore_case = ignore_case_, dot_all = dot_all_;
    std::string out;
    while (!done() && !is(U')')) {
      if (accept(U'|')) out += '|';
      else out += quantified();
    }
    ignore_case_ = ignore_case;   // flags set inside a group end with it
    dot_all_ = dot_all;
    --depth_;
    return out;
  }

  std::string quantified() {
    if (is(U'*') || is(U'+') || is(U'?'))
      fail_here(std::string{"Dangling meta character '"} + static_cast<char>(peek()) + "'");
    // Java repeats nothing at all where a count follows no atom; PCRE2 would read it otherwise.
    std::string out = is(U'{') ? "(?:)" : atom();
    if (out.empty()) return out;   // (?i)
    if (is(U'*') || is(U'+') || is(U'?')) {
      out += static_cast<char>(peek());
      ++at_;
    } else if (is(U'{')) {
      out += counted();
    } else {
      return out;
    }
    if (is(U'?') || is(U'+')) {
      out += static_cast<char>(peek());
      ++at_;
    }
    return out;
  }

  std::int64_t count() {
    std::int64_t value = 0;
    for (; is_latin_digit(peek()); ++at_) {
      value = value * 10 + static_cast<std::int64_t>(peek() - U'0');
      if (value > INT_MAX) fail_here("Illegal repetition range");
    }
    return value;
  }

  std::string counted() {
    ++at_;
    if (!is_latin_digit(peek())) fail_here("Illegal repetition");
    const std::int64_t least = count();
    std::string out = "{" + std::to_string(least);
    std::int64_t most = least;
    if (accept(U',')) {
      out += ',';
      if (!is(U'}')) {
        most = count();
        out += std::to_string(most);
      }
    }
    if (!is(U'}')) fail_here("Unclosed counted closure");
    if (most < least) fail_here("Illegal repetition range");
    ++at_;
    if (std::max(least, most) > k_repeat_max) unsupported("a repetition of more than 65535");
    return out + "}";
  }

  std::string atom() {
    if (units_[at_].quoted) return literal(units_[at_++].c);
    switch (const char32_t c = units_[at_++].c; c) {
      case U'(': return group();
      case U'[': return char_class();
      case U'\\': return escape();
      case U'^': return "(?:\\A)";
      case U'$': return end_of_line();
      case U'.': return dot_all_ ? "(?s:.)" : "[^" + std::string{k_line_ends} + "]";
      default: return literal(c);
    }
  }

  // The end, or before a line end that is last, but never between \r and \n.
  static std::string end_of_line() {
    return "(?:(?=(?:\\r\\n|(?<!\\r)\\n|[\\r\\x{85}\\x{2028}\\x{2029}])?\\z))";
  }

  std::string literal(char32_t c) const {
    if (c >= 0xD800 && c <= 0xDFFF) unsupported("half of a surrogate pair");
    if (ignore_case_ && is_latin_letter(c)) return "[" + escaped(c) + escaped(other_case(c)) + "]";
    return escaped(c);
  }

  // ---- groups ------------------------------------------------------------------------------------------------
  std::string group() {
    std::string open = "(";
    const bool ignore_case = ignore_case_, dot_all = dot_all_;
    if (accept(U'?')) {
      open = special_group();
      if (open.empty()) return {};   // (?i): flags for the rest of the group around it
    } else {
      ++groups_;
    }
    std::string inner = alternation();
    if (!accept(U')')) fail_at("Unclosed group", static_cast<std::ptrdiff_t>(length_));
    ignore_case_ = ignore_case;
    dot_all_ = dot_all;
    return open + inner + ")";
  }

  std::string special_group() {
    for (const char32_t kind : {U':', U'=', U'!', U'>'})
      if (accept(kind)) return {'(', '?', static_cast<char>(kind)};
    if (!accept(U'<')) return flags();
    if (accept(U'=')) return "(?<=";
    if (accept(U'!')) return "(?<!";
    if (!is_latin_letter(peek())) fail_here("capturing group name does not start with a Latin letter");
    std::string name;
    for (; is_latin_letter(peek()) || is_latin_digit(peek()); ++at_) name += static_cast<char>(peek());
    if (!accept(U'>')) fail_here("named capturing group is missing trailing '>'");
    if (std::ranges::find(names_, name) != names_.end())
      fail_at("Named capturing group <" + name + "> is already defined", static_cast<std::ptrdiff_t>(last_index()));
    if (name.size() > 32) unsupported("a group name of more than 32 characters");
    names_.push_back(name);
    ++groups_;
    return "(?<" + name + ">";
  }

  std::string flags() {
    bool on = true;
    for (;; ++at_) {
      switch (peek()) {
        case U'i': ignore_case_ = on; break;
        case U's': dot_all_ = on; break;
        case U'-':
          if (!on) fail_here("Unknown inline modifier");
          on = false;
          break;
        case U':': ++at_; return "(?:";
        case U')': ++at_; return {};
        case U'm': case U'd': case U'u': case U'x': case U'U': case U'c':
          ++at_;
          if (on) unsupported("inline flags other than i and s");
          --at_;
          break;
        default: fail_here("Unknown inline modifier");
      }
    }
  }

  // ---- escapes -----------------------------------------------------------------------------------------------
  std::string escape() {
    if (done()) fail_at("Unescaped trailing backslash", static_cast<std::ptrdiff_t>(length_));
    const char32_t c = peek();
    switch (c) {
      case U'A': case U'b': case U'B': case U'G': case U'z': {
        ++at_;
        if (c == U'b' && is(U'{') && peek(1) == U'g') unsupported("\\b{g}");
        return {'(', '?', ':', '\\', static_cast<char>(c), ')'};
      }
      case U'Z': ++at_; return end_of_line();
      case U'R': ++at_; return "(?:\\r\\n|[\\x0b\\f" + std::string{k_line_ends} + "])";   // PCRE2's is atomic
      case U'X': ++at_; return "(?:\\X)";
      case U'k': ++at_; return named_reference();
      default: break;
    }
    if (c >= U'1' && c <= U'9') return reference();
    if (const auto content = class_escape()) return "[" + *content + "]";
    return literal(char_escape());
  }

  std::string reference() {
    int number = static_cast<int>(units_[at_++].c - U'0');
    while (is_latin_digit(peek()) && number * 10 + static_cast<int>(peek() - U'0') <= groups_)
      number = number * 10 + static_cast<int>(units_[at_++].c - U'0');
    highest_reference_ = std::max(highest_reference_, number);
    // To Java a group that does not exist is one that never matches; to PCRE2 it is an error.
    if (groups_in_all_ && number > *groups_in_all_) return "(?!)";
    return std::string{ignore_case_ ? "(?i:" : "(?:"} + "\\g{" + std::to_string(number) + "})";
  }

  std::string named_reference() {
    if (!accept(U'<')) fail_here("\\k is not followed by '<' for named capturing group");
    std::string name;
    for (; is_latin_letter(peek()) || is_latin_digit(peek()); ++at_) name += static_cast<char>(peek());
    if (!accept(U'>')) fail_here("named capturing group is missing trailing '>'");
    if (std::ranges::find(names_, name) == names_.end())
      fail_at("named capturing group <" + name + "> does not exist", static_cast<std::ptrdiff_t>(last_index()));
    return std::string{ignore_case_ ? "(?i:" : "(?:"} + "\\k<" + name + ">)";
  }

  // \d, \p{..} and their kin: the content of a PCRE2 class. None: not one of them, nothing is consumed.
  std::optional<std::string> class_escape() {
    switch (const char32_t c = peek(); c) {
      case U'd': case U'D': case U'h': case U'H': case U's': case U'S': case U'v': case U'V': case U'w': case U'W':
        ++at_;
        return std::string{'\\', static_cast<char>(c)};
      case U'p': case U'P': {
        ++at_;
        std::string name;
        if (accept(U'{')) {
          while (!done() && !is(U'}')) append_utf8(name, units_[at_++].c);
          if (!accept(U'}')) fail_at("Unclosed character family", static_cast<std::ptrdiff_t>(length_));
        } else if (!done()) {
          append_utf8(name, units_[at_++].c);
        }
        return negated_or_not(name, c == U'P');
      }
      default: return std::nullopt;
    }
  }

  std::string negated_or_not(const std::string& name, bool negated) const {
    const auto content = property(name, ignore_case_);
    if (!content) unsupported("the character property {" + name + "}");
    if (!negated) return *content;
    if (content->starts_with("\\p")) return "\\P" + content->substr(2);
    // The complement of a POSIX set, as ranges: all sets are ASCII.
    return complement_of_ascii(*content);
  }

  // PCRE2 has no negated set inside a class, so the complement is spelled out.
  static std::string complement_of_ascii(std::string_view content) {
    std::array<bool, 128> in{};
    const auto next = [&content]() -> unsigned {
      if (content.front() != '\\') {
        const auto c = static_cast<unsigned char>(content.front());
        content.remove_prefix(1);
        return c;
      }
      const char kind = content[1];
      if (kind != 'x') {
        content.remove_prefix(2);
        return kind == 't' ? 9u : kind == 'n' ? 10u : kind == 'f' ? 12u : 13u;
      }
      const auto value = static_cast<unsigned>(hex_value(static_cast<unsigned char>(content[2])) * 16 +
                                               hex_value(static_cast<unsigned char>(content[3])));
      content.remove_prefix(4);
      return value;
    };
    while (!content.empty()) {
      const unsigned low = next();
      unsigned high = low;
      if (!content.empty() && content.front() == '-') {
        content.remove_prefix(1);
        high = next();
      }
      for (unsigned c = low; c <= high; ++c) in[c] = true;
    }
    std::string out = "\\x{80}-\\x{10ffff}";
    for (unsigned c = 0; c < 128; ++c)
      if (!in[c]) out += escaped(c);
    return out;
  }

  // One character written as an escape.
  char32_t char_escape() {
    const char32_t c = units_[at_++].c;
    switch (c) {
      case U'0': return octal();
      case U'a': return 7;
      case U'e': return 27;
      case U'f': return 12;
      case U'n': return 10;
      case U'r': return 13;
      case U't': return 9;
      case U'c':
        if (done()) fail_at("Illegal control escape sequence", static_cast<std::ptrdiff_t>(last_index()));
        return units_[at_++].c ^ 64;
      case U'u': return utf16_escape();
      case U'x': return hexadecimal();
      case U'N': unsupported("\\N");
      default:
        if (is_latin_letter(c) || is_latin_digit(c))
          fail_at("Illegal/unsupported escape sequence", static_cast<std::ptrdiff_t>(last_index()));
        return c;
    }
  }

  char32_t octal() {
    char32_t value = 0;
    int digits = 0;
    for (; digits < 3 && peek() >= U'0' && peek() <= U'7' && value * 8 + (peek() - U'0') <= 0377; ++at_, ++digits)
      value = value * 8 + (peek() - U'0');
    if (digits == 0) fail_here("Illegal octal escape sequence");
    return value;
  }

  char32_t hexadecimal() {
    char32_t value = 0;
    if (accept(U'{')) {
      for (; hex_value(peek()) >= 0; ++at_) {
        value = value * 16 + static_cast<char32_t>(hex_value(peek()));
        if (value > 0x10FFFF) fail_here("Hexadecimal codepoint is too big");
      }
      if (!accept(U'}')) fail_here("Unclosed hexadecimal escape sequence");
      return value;
    }
    for (int i = 0; i < 2; ++i, ++at_) {
      if (hex_value(peek()) < 0) fail_here("Illegal hexadecimal escape sequence");
      value = value * 16 + static_cast<char32_t>(hex_value(peek()));
    }
    return value;
  }

  char32_t four_digits() {
    char32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (hex_value(peek()) < 0) fail_here("Illegal Unicode escape sequence");
      value = value * 16 + static_cast<char32_t>(hex_value(peek()));
    }
    return value;
  }

  char32_t utf16_escape() {
    const char32_t high = four_digits();
    if (high < 0xD800 || high > 0xDBFF || !is(U'\\') || peek(1) != U'u') return high;
    const std::size_t back = at_;
    at_ += 2;
    const char32_t low = four_digits();
    if (low >= 0xDC00 && low <= 0xDFFF) return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    at_ = back;
    return high;
  }

  // ---- character classes -------------------------------------------------------------------------------------
  // A set is a PCRE2 expression that matches one character.
  struct Operand {
    std::string content;               // of a simple class
    std::vector<std::string> others;   // sets
    bool empty() const { return content.empty() && others.empty(); }
    std::string set() const {
      if (others.empty()) return "[" + content + "]";
      std::string out = "(?:";
      if (!content.empty()) out += "[" + content + "]|";
      for (const std::string& other : others) out += other + "|";
      out.back() = ')';
      return out;
    }
  };

  std::string char_class() {
    if (++depth_ > k_depth_max) unsupported("classes nested more than 200 deep");
    const bool negated = accept(U'^');
    std::optional<std::string> left;    // what stands before "&&"
    Operand current;
    bool any = false;
    const auto join = [&] {
      if (current.empty()) return;
      left = left ? "(?:(?=" + *left + ")" + current.set() + ")" : current.set();
      current = {};
    };
    while (true) {
      if (done()) fail_at("Unclosed character class", static_cast<std::ptrdiff_t>(length_) - 1);
      if (any && accept(U']')) break;
      if (is(U'&') && is(U'&', 1)) {
        at_ += 2;
        join();
      } else if (accept(U'[')) {
        current.others.push_back(char_class());
      } else {
        class_item(current);
      }
      any = true;
    }
    --depth_;
    if (!left && current.others.empty() && !current.empty())
      return (negated ? "[^" : "[") + current.content + "]";
    join();
    if (!left) unsupported("an empty character class");
    return negated ? "(?:(?!" + *left + ")(?s:.))" : *left;
  }

  void class_item(Operand& out) {
    char32_t low = 0;
    if (is(U'\\')) {
      ++at_;
      if (done()) fail_at("Unclosed character class", static_cast<std::ptrdiff_t>(length_));
      if (const auto content = class_escape()) {
        out.content += *content;
        return;
      }
      low = char_escape();
    } else {
      low = units_[at_++].c;
    }
    char32_t high = low;
    if (is(U'-') && !is(U']', 1) && !is(U'[', 1)) {
      ++at_;
      if (done()) fail_at("Illegal character range", static_cast<std::ptrdiff_t>(length_));
      if (accept(U'\\')) {
        const bool set = !done() && std::u32string_view{U"dDhHsSvVwWpP"}.find(peek()) != std::u32string_view::npos;
        if (done() || set) fail_here("Illegal character range");
        high = char_escape();
      } else {
        high = units_[at_++].c;
      }
      if (high < low) fail_at("Illegal character range", static_cast<std::ptrdiff_t>(last_index()));
    }
    append_range(out.content, low, high);
  }

  void append_range(std::string& content, char32_t low, char32_t high) const {
    const auto put = [&content](char32_t from, char32_t to) {
      content += escaped(from);
      if (to > from) content += "-" + escaped(to);
    };
    if (low <= 0xDFFF && high >= 0xD800) {
      if (low >= 0xD800 && high <= 0xDFFF) unsupported("half of a surrogate pair");
      if (low < 0xD800) put(low, 0xD7FF);   // the subject is UTF-8: it has no surrogates
      if (high > 0xDFFF) put(0xE000, high);
    } else {
      put(low, high);
    }
    if (!ignore_case_) return;
    for (const auto& [from, to] : {std::pair{U'a', U'z'}, std::pair{U'A', U'Z'}})
      if (low <= to && high >= from) put(other_case(std::max(low, from)), other_case(std::min(high, to)));
  }

  std::string_view pattern_;
  std::vector<Unit> units_;
  std::size_t length_ = 0;    // of the pattern, in code points as Java counts
  std::size_t at_ = 0;
  std::optional<int> groups_in_all_;
  int groups_ = 0;              // so far
  int highest_reference_ = 0;
  int depth_ = 0;
  std::vector<std::string> names_;
  bool ignore_case_ = false;
  bool dot_all_ = false;
};

}  // namespace

Error java_regex_error(std::string description, std::string_view pattern, std::ptrdiff_t index) {
  std::string text = std::move(description);
  if (index >= 0) text += " near index " + std::to_string(index);
  text += "\n";
  text += pattern;
  if (index >= 0 && static_cast<std::size_t>(index) < utf16_of(pattern).size())
    text += "\n" + std::string(static_cast<std::size_t>(index), ' ') + "^";
  return Error{.text = std::move(text), .exception = "java.util.regex.PatternSyntaxException"};
}

Result<std::string> pcre_of_java_regex(std::string_view pattern, bool ignore_case) {
  try {
    Translator translator{pattern, ignore_case, std::nullopt};
    std::string translated = translator.whole();
    if (!translator.refers_to_missing_group()) return translated;
    return Translator{pattern, ignore_case, translator.groups()}.whole();
  } catch (Error& error) {
    return std::unexpected{std::move(error)};
  }
}

}  // namespace millrace
