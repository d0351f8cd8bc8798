#include "kafka/jaas.h"

#include <cctype>

namespace millrace::kafka {
namespace {

std::unexpected<Error> malformed(std::string problem) {
  return fail("Invalid value [hidden] for configuration sasl.jaas.config: " + std::move(problem), Retry::no,
              k_config_exception);
}

// The tokens of java.io.StreamTokenizer as Kafka sets it up: words, quoted texts, single characters, both
// kinds of comments.
class Tokens {
 public:
  enum class Kind { end, word, quoted, symbol, broken };
  struct Token {
    Kind kind = Kind::end;
    std::string text;
  };

  explicit Tokens(std::string_view text) : text_{text} {}

  Token next() {
    skip_blanks_and_comments();
    if (at_ == text_.size()) return {};
    const char c = text_[at_];
    if (c == '"' || c == '\'') return quoted(c);
    if (is_word(c)) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      return {Kind::word, std::string{text_.substr(begin, at_ - begin)}};
    }
    ++at_;
    return {Kind::symbol, std::string(1, c)};
  }

 private:
  static bool is_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) || byte >= 0xA0 || c == '.' || c == '-' || c == '_' || c == '$' || c == '/' ||
           c == ':' || c == '@' || c == '+' || c == '*';
  }

  void skip_blanks_and_comments() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (static_cast<unsigned char>(rest[0]) <= ' ') {
        ++at_;
      } else if (rest.starts_with("//")) {
        const auto end = rest.find('\n');
        at_ = end == rest.npos ? text_.size() : at_ + end;
      } else if (rest.starts_with("/*")) {
        const auto end = rest.find("*/", 2);
        at_ = end == rest.npos ? text_.size() : at_ + end + 2;
      } else {
        return;
      }
    }
  }

  Token quoted(char quote) {
    ++at_;
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      char c = text_[at_++];
      if (c == '\n' || c == '\r') return {Kind::broken, {}};
      if (c == '\\' && at_ < text_.size()) c = escaped();
      out += c;
    }
    if (at_ == text_.size()) return {Kind::broken, {}};
    ++at_;
    return {Kind::quoted, std::move(out)};
  }

  char escaped() {
    const char c = text_[at_++];
    switch (c) {
      case 'a': return '\a';
      case 'b': return '\b';
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'v': return '\v';
      default: break;
    }
    if (c < '0' || c > '7') return c;
    int value = c - '0';
    // Three octal digits only when they fit a byte, as StreamTokenizer reads them.
    for (int digits = 1; digits < (c <= '3' ? 3 : 2) && at_ < text_.size(); ++digits) {
      const char digit = text_[at_];
      if (digit < '0' || digit > '7') break;
      value = value * 8 + (digit - '0');
      ++at_;
    }
    return static_cast<char>(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<void> read_options(Tokens& tokens, JaasEntry& entry) {
  using Kind = Tokens::Kind;
  for (auto token = tokens.next();; token = tokens.next()) {
    if (token.kind == Kind::symbol && token.text == ";") return {};
    if (token.kind == Kind::end)
      return malformed("the login module's options must end with a semicolon");
    if (token.kind != Kind::word && token.kind != Kind::quoted)
      return malformed("an option's name was expected after " + std::to_string(entry.options.size()) + " options");
    std::string name = std::move(token.text);
    const auto equals = tokens.next();
    if (equals.kind != Kind::symbol || equals.text != "=")
      return malformed("the value of option '" + name + "' is not specified");
    auto value = tokens.next();
    if (value.kind == Kind::broken) return malformed("the quote of option '" + name + "' is not closed");
    if (value.kind != Kind::word && value.kind != Kind::quoted)
      return malformed("the value of option '" + name + "' must be quoted");
    entry.options[std::move(name)] = std::move(value.text);
  }
}

}  // namespace

Result<JaasEntry> parse_jaas(std::string_view text) {
  using Kind = Tokens::Kind;
  Tokens tokens{text};
  JaasEntry entry;
  auto module = tokens.next();
  if (module.kind != Kind::word) return malformed("the login module is not specified");
  entry.login_module = std::move(module.text);
  auto flag = tokens.next();
  if (flag.kind != Kind::word) return malformed("the login module's control flag (required) is not specified");
  for (char& c : flag.text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (flag.text != "required" && flag.text != "requisite" && flag.text != "sufficient" && flag.text != "optional")
    return malformed("the control flag must be required, requisite, sufficient or optional");
  MR_CHECK(read_options(tokens, entry));
  if (tokens.next().kind != Kind::end) return malformed("only one login module is allowed");
  return entry;
}

}  // namespace millrace::kafka
