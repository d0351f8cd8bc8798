// read_json reads a request's body the way Jackson does for Kafka Connect: numbers keep their source text, object
// members keep their order (of duplicates the last value wins, at the first one's place), and errors are Jackson's
// sentences with line and column, because clients see them.
// Threads: plain functions. Bounds: 1000 levels, as Jackson has it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

// Counted from 1, in bytes, as Jackson counts them.
struct JsonPlace {
  int line = 1;
  int column = 1;
  // "\n at [Source: ...; line: 1, column: 3]", the end of every sentence.
  std::string text() const;
};

struct Json {
  enum class Kind : std::uint8_t { null, boolean, integer, decimal, string, array, object };
  Kind kind = Kind::null;
  std::string text{};                                  // of scalars: source text, of strings: their value
  std::vector<Json> items{};
  std::vector<std::pair<std::string, Json>> members{};
  JsonPlace begin{};                                   // of the first byte
  JsonPlace end{};                                     // after the last byte

  bool is(Kind wanted) const { return kind == wanted; }
  bool scalar() const { return kind != Kind::array && kind != Kind::object; }
  const Json* find(std::string_view name) const;
};

// None: there is nothing but white space. What follows the first value is not looked at. Errors: Jackson's text.
std::expected<std::optional<Json>, std::string> read_json(std::string_view text);

// Compact text again; integers as they were written, decimals as Java's doubles.
std::string json_text_of(const Json& json);

}  // namespace millrace
