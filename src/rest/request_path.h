// A request's target taken apart: path segments and query, percent-decoded each by itself, so that a name may hold
// any character, "/" and "%" too (Kafka Connect cannot reach such connectors; docs/rest.md).
// Threads: plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

struct RequestPath {
  std::vector<std::string> segments;                          // "/connectors/a%2Fb" gives connectors, a/b
  std::vector<std::pair<std::string, std::string>> query;     // in order; "+" is a blank
};

enum class BadPath { illegal, ambiguous };    // characters that a URI cannot have; empty or dot segments

// One "/" at the end is as if it were not there.
std::optional<BadPath> parse_path(std::string_view target, RequestPath& out);

// For a Location: everything but unreserved characters, sub-delimiters, ":" and "@" is encoded.
std::string encode_segment(std::string_view text);

}  // namespace millrace
