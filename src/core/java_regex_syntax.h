// Translates a regular expression of java.util.regex into PCRE2's syntax, so that both match the same text:
// ASCII-only case folding, Java's line ends, class unions and intersections, \p names, quoting, escapes.
// Threads: plain function. Errors: PatternSyntaxException's texts for what Java refuses; a text that begins with
// "unsupported" for what Java takes and this program does not.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

Result<std::string> pcre_of_java_regex(std::string_view pattern, bool ignore_case);

// "<description> near index <index>", the pattern and a caret below the place, as PatternSyntaxException prints.
Error java_regex_error(std::string description, std::string_view pattern, std::ptrdiff_t index);

}  // namespace millrace
