#include "core/java_regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool matches(std::string_view pattern, std::string_view subject, RegexCase letters = RegexCase::sensitive) {
  const auto regex = JavaRegex::compile(pattern, letters);
  EXPECT_TRUE(regex) << regex.error().text;
  if (!regex) return false;
  const auto matched = regex->matches(subject);
  EXPECT_TRUE(matched) << matched.error().text;
  return matched.value_or(false);
}

std::string refusal(std::string_view pattern) {
  const auto regex = JavaRegex::compile(pattern, RegexCase::ignored);
  return regex ? "" : regex.error().text;
}

std::string replaced(std::string_view pattern, std::string_view subject, std::string_view replacement) {
  const auto text = JavaRegex::compile(pattern).value().replace_first(subject, replacement);
  return text ? *text : "error: " + text.error().text;
}

TEST(JavaRegex, MatchesTheWholeSubject) {
  EXPECT_TRUE(matches("public\\..*", "public.users"));
  EXPECT_FALSE(matches("users", "public.users"));
  EXPECT_TRUE(matches("a|ab", "ab"));
  EXPECT_FALSE(matches("a$", "a\n"));
  EXPECT_TRUE(matches("a.b", "a\u00e9b"));
  EXPECT_FALSE(matches("a.b", "a\nb"));
  EXPECT_FALSE(matches("a.b", "a\u2028b"));
  EXPECT_TRUE(matches("(?s)a.b", "a\nb"));
}

TEST(JavaRegex, FoldsTheCaseOfAsciiOnly) {
  EXPECT_TRUE(matches("PUBLIC\\.[A-F]oo", "public.bOO", RegexCase::ignored));
  EXPECT_FALSE(matches("\u00c9", "\u00e9", RegexCase::ignored));
  EXPECT_FALSE(matches("k", "\u212a", RegexCase::ignored));   // the Kelvin sign
  EXPECT_TRUE(matches("(?i)ab(?-i)c", "ABc"));
  EXPECT_FALSE(matches("(?i)ab(?-i)c", "ABC"));
  EXPECT_TRUE(matches("(a)\\1", "aA", RegexCase::ignored));
  EXPECT_TRUE(matches("\\p{Lower}", "A", RegexCase::ignored));
}

TEST(JavaRegex, KnowsUnionsAndIntersectionsOfClasses) {
  EXPECT_TRUE(matches("[a-d[m-p]]+", "amp"));
  EXPECT_FALSE(matches("[a-d[m-p]]+", "e"));
  EXPECT_TRUE(matches("[a-z&&[^bc]]+", "adz"));
  EXPECT_FALSE(matches("[a-z&&[^bc]]+", "b"));
  EXPECT_TRUE(matches("[^a-z&&[def]]", "a"));
  EXPECT_FALSE(matches("[^a-z&&[def]]", "d"));
  EXPECT_TRUE(matches("[]a]+", "]a"));
  EXPECT_TRUE(matches("[[:alpha:]]+", "alph:"));   // a class in a class, not a POSIX name
}

TEST(JavaRegex, TakesJavasEscapes) {
  EXPECT_TRUE(matches("\\Qa.b*\\E+", "a.b**"));
  EXPECT_TRUE(matches("\\u0061\\x62\\x{1F600}\\0101\\t\\cA", "ab\U0001F600A\t\x01"));
  EXPECT_TRUE(matches("\\uD83D\\uDE00", "\U0001F600"));
  EXPECT_TRUE(matches("\\p{Alpha}\\p{Punct}\\P{L}\\pL\\p{IsLatin}", "a!1ba"));
  EXPECT_FALSE(matches("\\d", "\u0663"));            // ASCII, unless Unicode classes are asked for
  EXPECT_TRUE(matches("a{2}{3}", "aa"));
  EXPECT_FALSE(matches("(a)|\\2", "b"));             // no such group: never matches
}

TEST(JavaRegex, RefusesWhatJavaRefusesInItsWords) {
  EXPECT_EQ(refusal("((("), "Unclosed group near index 3\n(((");
  EXPECT_EQ(refusal("[abc"), "Unclosed character class near index 3\n[abc\n   ^");
  EXPECT_EQ(refusal("*a"), "Dangling meta character '*' near index 0\n*a\n^");
  EXPECT_EQ(refusal("a**"), "Dangling meta character '*' near index 2\na**\n  ^");
  EXPECT_EQ(refusal(")"), "Unmatched closing ')'\n)");
  EXPECT_EQ(refusal("a)"), "Unmatched closing ')' near index 0\na)\n^");
  EXPECT_EQ(refusal("a{b"), "Illegal repetition near index 2\na{b\n  ^");
  EXPECT_EQ(refusal("a{3,2}"), "Illegal repetition range near index 5\na{3,2}\n     ^");
  EXPECT_EQ(refusal("[b-a]"), "Illegal character range near index 3\n[b-a]\n   ^");
  EXPECT_EQ(refusal("\\q"), "Illegal/unsupported escape sequence near index 1\n\\q\n ^");
  EXPECT_EQ(refusal("(?z)"), "Unknown inline modifier near index 2\n(?z)\n  ^");
  EXPECT_EQ(refusal("a\\"), "Unescaped trailing backslash near index 2\na\\");
  EXPECT_EQ(refusal("[a\\"), "Unclosed character class near index 3\n[a\\");
  EXPECT_EQ(refusal("\\p{L"), "Unclosed character family near index 4\n\\p{L");
  EXPECT_EQ(refusal("\\k<n>"), "named capturing group <n> does not exist near index 4\n\\k<n>\n    ^");
}

TEST(JavaRegex, SaysWhatItDoesNotSupport) {
  for (const char* pattern : {"(?x)a b", "(?m)^a", "\\p{InGreek}", "\\N{DIGIT ONE}", "a{70000}", "(?<=a*)b"})
    EXPECT_TRUE(refusal(pattern).starts_with("unsupported: ")) << pattern << " " << refusal(pattern);
}

TEST(JavaRegex, EndsAMatchThatTakesTooLong) {
  const auto regex = JavaRegex::compile("(x+x+)+[yz]").value();
  const auto matched = regex.matches(std::string(60, 'x'));
  ASSERT_FALSE(matched);
  EXPECT_NE(matched.error().text.find("cannot be matched"), std::string::npos);
}

TEST(JavaRegex, ReplacesTheFirstMatch) {
  EXPECT_EQ(replaced("(.*)\\.(.*)", "public.users", "$2-$1"), "users-public");
  EXPECT_EQ(replaced("(?<head>[a-z]+)", "12ab cd", "<${head}>"), "12<ab> cd");
  EXPECT_EQ(replaced("b", "abc", "\\$\\\\"), "a$\\c");
  EXPECT_EQ(replaced("a|ab", "ab", "x"), "xb");
  EXPECT_EQ(replaced("x", "abc", "y"), "abc");
  EXPECT_EQ(replaced("(a)(b)?", "ac", "[$2$11]"), "[a1]c");
}

TEST(JavaRegex, RefusesAReplacementThatNamesNoGroup) {
  EXPECT_EQ(replaced("(a)", "a", "$2"), "error: No group 2");
  EXPECT_EQ(replaced("(a)", "a", "${n}"), "error: No group with name {n}");
  EXPECT_EQ(replaced("(a)", "a", "$"), "error: Illegal group reference");
  EXPECT_EQ(replaced("(a)", "a", "x\\"), "error: character to be escaped is missing in x\\");
}

TEST(RegexList, IsSplitAtCommasWithoutABackslash) {
  EXPECT_THAT(split_regex_list(" a\\.b , c{1\\,2},, \\\\,d"), ElementsAre("a\\.b", "c{1,2}", "\\\\", "d"));
  EXPECT_THAT(split_regex_list("  "), IsEmpty());
}

TEST(RegexList, MatchesWhenOneOfItsPatternsDoes) {
  const RegexList list = RegexList::compile("public\\.a, PUBLIC\\.b.*").value();
  EXPECT_TRUE(list.matches_any("public.A").value());
  EXPECT_TRUE(list.matches_any("public.bcd").value());
  EXPECT_FALSE(list.matches_any("public.ab").value());
  EXPECT_FALSE(RegexList{}.matches_any("").value());
  EXPECT_FALSE(RegexList::compile("a,(b"));
}

TEST(JavaRegex, AQuotedTextMatchesItselfAlone) {
  rc::check([](const std::vector<std::uint8_t>& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += static_cast<char>(byte % 0x5F + 0x20);
    RC_PRE(text.find("\\E") == std::string::npos && !text.ends_with('\\'));
    const auto regex = JavaRegex::compile("\\Q" + text + "\\E");
    RC_ASSERT(regex.has_value());
    RC_ASSERT(regex->matches(text).value());
    RC_ASSERT(!regex->matches(text + "x").value());
  });
}

}  // namespace
}  // namespace millrace
