// ConnectionString is a mongodb:// or mongodb+srv:// text taken apart, as MongoDB's Java driver 4.11 does it.
// Source: MongoDB manual, "Connection Strings"; reference of the Java driver's ConnectionString.
// Errors: what is wrong, without a part of the text, which may hold the password. Threads: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace millrace::mongodb {

struct ConnectionString {
  bool srv = false;
  std::optional<std::string> user, password;                    // decoded
  std::string hosts;                                            // as written: name:port,name
  std::string database;                                         // decoded, without a collection; empty: none
  std::vector<std::pair<std::string, std::string>> options;     // names in lower case; values as written

  const std::string* option(std::string_view lower_name) const;  // the last of that name; null: none
  bool option_is_true(std::string_view lower_name) const;
  std::string text() const;
};

Result<ConnectionString> parse_connection_string(std::string_view text);

// RFC 3986: all but letters, digits and -._~ as %XX.
std::string percent_encoded(std::string_view text);
// None: a % without two hex digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace millrace::mongodb
