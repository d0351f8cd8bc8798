#include "sources/mongodb/java_json_string.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cstdio>
#include <vector>

#include "core/java_hash.h"
#include "sources/mongodb/java_characters.h"

namespace millrace::mongodb {
namespace {

std::string printed(std::string_view text) {
  std::string out;
  {
    TextCursor cursor{out, 0};
    append_java_json_string(cursor, text);
  }
  return out;
}

TEST(JavaCharacters, AsManyArePrintedAsInJava21) {
  int count = 0;
  for (const std::uint64_t bits : k_printable_units) count += std::popcount(bits);
  EXPECT_EQ(count, 53'950);
  for (const char16_t unit : u"a \u00e9\u6f22\u20ac\ufffd\u00b2\u203f") EXPECT_EQ(is_printable(unit), unit != 0) << int{unit};
  for (const char16_t unit : {0x7F, 0x85, 0xAD, 0x0301, 0x30FC, 0x02B0, 0x2028, 0x200D, 0xE000, 0xFE0F, 0xFFFF, 0xD83D, 0x0378})
    EXPECT_FALSE(is_printable(unit)) << int{unit};
}

TEST(JavaJsonString, EscapesWhatTheDriverEscapes) {
  EXPECT_EQ(printed(""), R"("")");
  EXPECT_EQ(printed("a\"b\\c/\b\f\n\r\t\x01\x7f <>&'"), R"("a\"b\\c/\b\f\n\r\t\u0001\u007f <>&'")");
  EXPECT_EQ(printed("\u00e9\u30fc\u0301\u200d\U0001F600\u20ac\u2028"), "\"\u00e9\\u30fc\\u0301\\u200d\\ud83d\\ude00\u20ac\\u2028\"");
  EXPECT_EQ(printed(std::string_view{"a\0b", 3}), R"("a\u0000b")");
}

TEST(JavaJsonString, ReplacesWhatJavaReplaces) {
  EXPECT_EQ(printed("\xFF"), "\"\uFFFD\"");
  EXPECT_EQ(printed("x\xE2\x82"), "\"x\uFFFD\"");
  EXPECT_EQ(printed("\xC0\x80x"), "\"\uFFFD\uFFFDx\"");
  EXPECT_EQ(printed("\xED\xA0\x80" "b"), "\"\uFFFDb\"");   // a surrogate: its three bytes at once
  EXPECT_EQ(printed("\xF0\x9F\x98"), "\"\uFFFD\"");
}

std::string printed_by_unit(std::u16string_view units) {
  std::string out = "\"";
  for (const char16_t unit : units) {
    const std::string_view named = "\b\f\n\r\t\"\\";
    const std::size_t at = unit < 0x80 ? named.find(static_cast<char>(unit)) : std::string_view::npos;
    char escape[8];
    if (unit != 0 && at != std::string_view::npos) (out += '\\') += "bfnrt\"\\"[at];
    else if (is_printable(unit)) append_utf8(out, unit);
    else out.append(escape, static_cast<std::size_t>(std::snprintf(escape, sizeof escape, "\\u%04x", unit)));
  }
  return out += '"';
}

// Lengths beyond one chunk, special characters at every place of a word.
RC_GTEST_PROP(JavaJsonString, EqualsAPrinterOfSingleUnits, ()) {
  const auto piece = rc::gen::element<std::string>("a", "plain text ", "\"", "\\", "\x01", "\x7f", "\u00e9", "\u30fc", "\u6f22", "\U0001F600",
                                                   "\u2028", std::string(100, 'x'));
  std::string text;
  for (const auto& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
  RC_ASSERT(printed(text) == printed_by_unit(utf16_of(text)));
}

RC_GTEST_PROP(JavaJsonString, AnyBytesGiveWholeUtf8, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const std::string text = printed(bytes);
  std::string_view rest = text;
  while (!rest.empty()) RC_ASSERT(next_code_point(rest).valid);
}

}  // namespace
}  // namespace millrace::mongodb
