// Conditions of the name filters for the server's $match, as PCRE (MongoDB until 6.0: PCRE 8 with UTF, then PCRE2).
// The client's filter is Java's and decides; the server may only leave out what the client would. So a pattern is given
// to the server only where both engines read it alike, or the server's reading takes more.
// Threads: plain functions. Errors: none; an empty text is no condition.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::mongodb {

enum class NameForm : bool { regex, literal };

// Matches, with case ignored, at least every name that an include list of these items takes.
// Empty as soon as one of them cannot be given to the server.
std::string server_include_regex(const std::vector<std::string>& items, NameForm form);
// Matches at least every name that an exclude list of these items leaves; items that cannot be given to the server are
// left to the client.
std::string server_exclude_regex(const std::vector<std::string>& items, NameForm form);

// The two names of an item that can match one namespace only: "db.coll" in words, digits, '_' and '-', its dot quoted or
// not (no database has one). None: it may match others.
std::optional<std::pair<std::string, std::string>> single_namespace(std::string_view item);

}  // namespace millrace::mongodb
