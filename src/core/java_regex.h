// JavaRegex is a compiled regular expression with the meaning that java.util.regex gives it, on PCRE2 with JIT.
// RegexList is a list of them as Debezium's filters use it: case-insensitive, at least one must match the whole text.
// Threads: const calls from any thread. Errors: a pattern that Java refuses gives PatternSyntaxException's text, one
// that this program does not support says so; a match that takes too many steps is an error, not an answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace millrace {

enum class RegexCase { sensitive, ignored };

class JavaRegex {
 public:
  static Result<JavaRegex> compile(std::string_view pattern, RegexCase letters = RegexCase::sensitive);

  const std::string& pattern() const;
  Result<bool> matches(std::string_view subject) const;      // the whole subject, Matcher.matches()
  // Matcher.replaceFirst(): the first part that matches is replaced; no match gives the subject.
  // In the replacement $1 and ${name} are groups, \x is x.
  Result<std::string> replace_first(std::string_view subject, std::string_view replacement) const;

 private:
  struct Impl;
  explicit JavaRegex(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
  std::shared_ptr<const Impl> impl_;
};

// At commas that no backslash stands before; parts trimmed, "\," becomes ",", empty parts are dropped.
std::vector<std::string> split_regex_list(std::string_view text);

class RegexList {
 public:
  RegexList() = default;                                     // matches nothing
  static Result<RegexList> compile(std::string_view list);
  bool empty() const { return patterns_.empty(); }
  Result<bool> matches_any(std::string_view subject) const;

 private:
  std::vector<JavaRegex> patterns_;
};

}  // namespace millrace
