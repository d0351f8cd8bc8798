// A pattern, a subject and a replacement, each on a line: Java's syntax is taken over or refused, a match ends.
#include <cstdlib>
#include <string_view>

#include "core/java_regex.h"

namespace {

std::string_view line_of(std::string_view& rest) {
  const auto end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace millrace;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const std::string_view pattern = line_of(rest), subject = line_of(rest), replacement = line_of(rest);
  for (const RegexCase letters : {RegexCase::sensitive, RegexCase::ignored}) {
    const auto regex = JavaRegex::compile(pattern, letters);
    if (!regex) continue;
    const auto whole = regex->matches(subject);
    const auto replaced = regex->replace_first(subject, "");
    // What matches as a whole has a part that matches.
    if (whole && *whole && replaced && !subject.empty() && *replaced == subject && pattern.find("(?") == std::string_view::npos &&
        pattern.find_first_of("*?|{") == std::string_view::npos)
      std::abort();
    static_cast<void>(regex->replace_first(subject, replacement));
  }
  if (const auto list = RegexList::compile(pattern)) static_cast<void>(list->matches_any(subject));
  return 0;
}
