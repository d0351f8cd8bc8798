#include "sources/mongodb/lenient_json.h"

#include <bson/bson.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/letters.h"
#include "sources/mongodb/bson_view.h"
#include "sources/mongodb/json_scanner.h"

namespace millrace::mongodb {
namespace {

bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool goes_on_word(char c) { return begins_word(c) || (c >= '0' && c <= '9'); }

// What a shell's call stands for in extended JSON; its only argument comes as a text.
struct Call {
  std::string_view name, wrapper;
};
constexpr std::array k_calls{Call{"ObjectId", "$oid"},           Call{"ISODate", "$date"},    Call{"NumberLong", "$numberLong"},
                             Call{"NumberDecimal", "$numberDecimal"}, Call{"NumberInt", "$numberInt"}};

struct Word {
  std::string_view name, json;
};
constexpr std::array k_words{Word{"true", "true"}, Word{"false", "false"}, Word{"null", "null"}, Word{"undefined", R"({"$undefined":true})"},
                             Word{"NaN", R"({"$numberDouble":"NaN"})"}, Word{"Infinity", R"({"$numberDouble":"Infinity"})"},
                             Word{"MinKey", R"({"$minKey":1})"}, Word{"MaxKey", R"({"$maxKey":1})"}};

// Writes a shell's JSON as strict extended JSON.
class Strict {
 public:
  explicit Strict(std::string_view text) : text_{text} {}

  Result<std::string> text() && {
    while (at_ < text_.size()) MR_CHECK(next());
    return std::move(out_);
  }

 private:
  Result<void> next() {
    const char c = text_[at_];
    if (c == '"' || c == '\'') return string();
    if (c == '/') return pattern();
    if (begins_word(c)) return word();
    out_ += c;
    ++at_;
    return {};
  }

  std::unexpected<Error> problem(const std::string& what) const {
    return fail(what + " at character " + std::to_string(at_ + 1), Retry::no, "org.bson.json.JsonParseException");
  }

  void quote(std::string_view inside) {
    out_ += '"';
    for (const char c : inside) (c == '"' || c == '\\' ? out_ += '\\' : out_) += c;
    out_ += '"';
  }

  Result<void> string() {
    const char end = text_[at_++];
    out_ += '"';
    for (; at_ < text_.size() && text_[at_] != end; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        if (text_[++at_] != '\'') out_ += '\\';
      } else if (text_[at_] == '"') {
        out_ += '\\';
      }
      out_ += text_[at_];
    }
    if (at_ >= text_.size()) return problem("a string does not end");
    ++at_;
    out_ += '"';
    return {};
  }

  // /pattern/options
  Result<void> pattern() {
    std::string pattern;
    for (++at_; at_ < text_.size() && text_[at_] != '/'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') ++at_;
      else if (text_[at_] == '\\' && at_ + 1 < text_.size()) pattern += text_[at_++];
      pattern += text_[at_];
    }
    if (at_ >= text_.size()) return problem("a pattern does not end");
    ++at_;
    out_ += R"({"$regularExpression":{"pattern":)";
    quote(pattern);
    out_ += R"(,"options":)";
    quote(taken_word());
    out_ += "}}";
    return {};
  }

  std::string_view taken_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && goes_on_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<void> word() {
    const std::size_t begin = at_;
    const std::string_view name = taken_word();
    std::size_t after = at_;
    while (after < text_.size() && is_json_blank(text_[after])) ++after;
    const char next = after < text_.size() ? text_[after] : '\0';
    if (next == ':') {
      quote(name);
      return {};
    }
    if (name == "new") return {};   // the call follows
    if (next == '(') return call(name, after + 1);
    const auto known = std::ranges::find(k_words, name, &Word::name);
    if (known == k_words.end()) {
      at_ = begin;
      return problem("the word " + std::string{name} + " is not known; texts stand in quotes");
    }
    // -Infinity: its sign stands in front already.
    if (name == "Infinity" && out_.ends_with('-')) {
      out_.pop_back();
      out_ += R"({"$numberDouble":"-Infinity"})";
    } else {
      out_ += known->json;
    }
    return {};
  }

  Result<void> call(std::string_view name, std::size_t arguments) {
    const std::size_t end = text_.find(')', arguments);
    if (end == std::string_view::npos) return problem("a call of " + std::string{name} + " does not end");
    const std::string_view inside = trimmed(text_.substr(arguments, end - arguments));
    const auto known = std::ranges::find(k_calls, name, &Call::name);
    if (known != k_calls.end() && !inside.empty()) {
      out_ += "{\"" + std::string{known->wrapper} + "\":";
      quote(unquoted(inside));
      out_ += '}';
    } else if (const auto comma = inside.find(','); name == "Timestamp" && comma != std::string_view::npos) {
      out_ += R"({"$timestamp":{"t":)" + std::string{trimmed(inside.substr(0, comma))} + R"(,"i":)" +
              std::string{trimmed(inside.substr(comma + 1))} + "}}";
    } else if (inside.empty() && (name == "MinKey" || name == "MaxKey")) {
      out_ += name == "MinKey" ? R"({"$minKey":1})" : R"({"$maxKey":1})";
    } else {
      return problem(std::string{name} + "(...) is not understood; write it as extended JSON");
    }
    at_ = end + 1;
    return {};
  }

  static std::string_view unquoted(std::string_view text) {
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> document_of_json(std::string_view text) {
  MR_TRY(const std::string strict, Strict{text}.text());
  bson_error_t error{};
  bson_t document;      // nothing to destroy when the text is refused
  if (!bson_init_from_json(&document, strict.data(), static_cast<ssize_t>(strict.size()), &error))
    return fail(error.message, Retry::no, "org.bson.json.JsonParseException");
  std::string bytes{reinterpret_cast<const char*>(bson_get_data(&document)), document.len};
  bson_destroy(&document);
  return bytes;
}

Result<std::vector<std::string>> documents_of_json(std::string_view text) {
  MR_TRY(const std::string document, document_of_json(R"({"stages":)" + std::string{text} + "}"));
  const BsonView view{reinterpret_cast<const std::uint8_t*>(document.data()), document.size()};
  bson_iter_t list, item;
  std::vector<std::string> out;
  if (!iterate(view, list) || !bson_iter_find(&list, "stages") || !BSON_ITER_HOLDS_ARRAY(&list) || !iterate(document_at(list), item))
    return fail("it is no array of documents");
  while (bson_iter_next(&item)) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&item)) return fail("it is no array of documents");
    const BsonView bytes = document_at(item);
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return out;
}

}  // namespace millrace::mongodb
