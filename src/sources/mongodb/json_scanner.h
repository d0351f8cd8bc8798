// JsonScanner cuts extended JSON into tokens, with the numbers of the Java driver's scanner: an integer is an int32 if it
// fits and an int64 otherwise, one with a point or an exponent a double; NaN, Infinity and -Infinity are doubles as well.
// Threads: one. Lifetime: the text outlives it. Source: MongoDB's Java driver 4.11, what its own writer gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::mongodb {

inline bool is_json_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

struct JsonToken {
  enum class Kind : std::uint8_t {
    end, begin_object, end_object, begin_array, end_array, colon, comma, string, word, int32, int64, float64
  };
  Kind kind = Kind::end;
  std::string text{};          // string, word; of other tokens what an error shows
  std::int64_t integer = 0;
  double number = 0;

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_integer() const { return kind == Kind::int32 || kind == Kind::int64; }
  bool is_text() const { return kind == Kind::string || kind == Kind::word; }
};

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_{text} {}

  // False: no token begins here; problem() says why.
  bool next(JsonToken& token);

  std::size_t place() const { return at_; }
  void go_back(std::size_t place) { at_ = place; }
  const std::string& problem() const { return problem_; }

 private:
  bool string(JsonToken& token);
  bool escape(std::string& out);
  bool code_unit(char32_t& unit);
  bool number(JsonToken& token);
  bool word(JsonToken& token);
  bool failed(std::string problem);

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace millrace::mongodb
