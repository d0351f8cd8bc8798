#include "core/java_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <cstdint>
#include <utility>

#include "core/java_regex_syntax.h"
#include "core/letters.h"

namespace millrace {
namespace {

// Steps of one match. A table name takes some dozens; a pattern that needs more is a mistake such as (a+)+$.
constexpr std::uint32_t k_match_limit = 5'000'000;
constexpr std::uint32_t k_heap_limit_kib = 16 * 1024;

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;
using MatchContext = std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)>;

PCRE2_SPTR bytes(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

Result<Code> compiled(std::string_view translated, std::string_view pattern, std::uint32_t options) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  Code code{pcre2_compile(bytes(translated), translated.size(), options | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                          &error, &offset, nullptr),
            pcre2_code_free};
  if (code == nullptr) return std::unexpected{java_regex_error("unsupported: " + message_of(error), pattern, -1)};
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);   // without JIT the interpreter matches, only slower
  return code;
}

}  // namespace

struct JavaRegex::Impl {
  std::string pattern;
  Code whole{nullptr, pcre2_code_free};    // anchored at both ends: options at match time would turn JIT off
  Code first{nullptr, pcre2_code_free};
  MatchContext context{nullptr, pcre2_match_context_free};

  // The number of groups that matched, 0 for no match; the places are in `data`.
  Result<int> match(const Code& code, std::string_view subject, MatchData& data) const {
    data.reset(pcre2_match_data_create_from_pattern(code.get(), nullptr));
    const int found = pcre2_match(code.get(), bytes(subject), subject.size(), 0, 0, data.get(), context.get());
    if (found >= 0) return found == 0 ? 1 : found;
    if (found == PCRE2_ERROR_NOMATCH) return 0;
    return fail("the regular expression " + pattern + " cannot be matched against \"" + std::string{subject} +
                "\": " + message_of(found) + "; simplify its nested repetitions");
  }
};

Result<JavaRegex> JavaRegex::compile(std::string_view pattern, RegexCase letters) {
  MR_TRY(const std::string translated, pcre_of_java_regex(pattern, letters == RegexCase::ignored));
  auto impl = std::make_shared<Impl>();
  impl->pattern = pattern;
  MR_TRY(impl->whole, compiled(translated, pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED));
  MR_TRY(impl->first, compiled(translated, pattern, 0));
  impl->context.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(impl->context.get(), k_match_limit);
  pcre2_set_heap_limit(impl->context.get(), k_heap_limit_kib);
  return JavaRegex{std::move(impl)};
}

const std::string& JavaRegex::pattern() const { return impl_->pattern; }

Result<bool> JavaRegex::matches(std::string_view subject) const {
  MatchData data{nullptr, pcre2_match_data_free};
  MR_TRY(const int found, impl_->match(impl_->whole, subject, data));
  return found > 0;
}

Result<std::string> JavaRegex::replace_first(std::string_view subject, std::string_view replacement) const {
  MatchData data{nullptr, pcre2_match_data_free};
  MR_TRY(const int found, impl_->match(impl_->first, subject, data));
  if (found == 0) return std::string{subject};
  const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data.get());
  const int groups = static_cast<int>(pcre2_get_ovector_count(data.get())) - 1;
  std::string out{subject.substr(0, places[0])};
  const auto append_group = [&](int group) {
    if (group < found && places[2 * group] != PCRE2_UNSET)
      out += subject.substr(places[2 * group], places[2 * group + 1] - places[2 * group]);
  };
  for (std::size_t i = 0; i < replacement.size();) {
    const char c = replacement[i++];
    if (c == '\\') {
      if (i == replacement.size()) return fail("character to be escaped is missing in " + std::string{replacement});
      out += replacement[i++];
    } else if (c != '$') {
      out += c;
    } else if (i < replacement.size() && replacement[i] == '{') {
      const auto end = replacement.find('}', i);
      if (end == std::string_view::npos) return fail("named capturing group is missing trailing '}'");
      const std::string name{replacement.substr(i + 1, end - i - 1)};
      const int group = pcre2_substring_number_from_name(impl_->first.get(), bytes(name));
      if (group < 0) return fail("No group with name {" + name + "}");
      append_group(group);
      i = end + 1;
    } else {
      if (i == replacement.size() || !is_digit(replacement[i])) return fail("Illegal group reference");
      int group = replacement[i++] - '0';
      if (group > groups) return fail("No group " + std::to_string(group));
      while (i < replacement.size() && is_digit(replacement[i]) && group * 10 + (replacement[i] - '0') <= groups)
        group = group * 10 + (replacement[i++] - '0');
      append_group(group);
    }
  }
  out += subject.substr(places[1]);
  return out;
}

std::vector<std::string> split_regex_list(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  const auto finish = [&] {
    if (const std::string_view kept = trimmed(part); !kept.empty()) parts.emplace_back(kept);
    part.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != ',') part += '\\';
      part += text[++i];
    } else if (text[i] == ',') {
      finish();
    } else {
      part += text[i];
    }
  }
  finish();
  return parts;
}

Result<RegexList> RegexList::compile(std::string_view list) {
  RegexList out;
  for (const std::string& part : split_regex_list(list)) {
    MR_TRY(JavaRegex regex, JavaRegex::compile(part, RegexCase::ignored));
    out.patterns_.push_back(std::move(regex));
  }
  return out;
}

Result<bool> RegexList::matches_any(std::string_view subject) const {
  for (const JavaRegex& pattern : patterns_) {
    MR_TRY(const bool matched, pattern.matches(subject));
    if (matched) return true;
  }
  return false;
}

}  // namespace millrace
