#include "core/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace millrace {
namespace {

using namespace std::string_literals;

TEST(JsonText, EscapesOnlyWhatJacksonDoes) {
  EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\b\t\n\f\r"), R"("\b\t\n\f\r")");
  EXPECT_EQ(json_string("\x00\x0B\x1F"s), R"("\u0000\u000B\u001F")");
  EXPECT_EQ(json_string("/<>&'\x7F"), "\"/<>&'\x7F\"");
  EXPECT_EQ(json_string(""), "\"\"");
}

TEST(JsonText, KeepsTheBasicPlaneRaw) {
  EXPECT_EQ(json_string("Zoë Müller \u0080\u009F\u2028\u2029\uFEFF\uFFFF"),
            "\"Zoë Müller \u0080\u009F\u2028\u2029\uFEFF\uFFFF\"");
}

TEST(JsonText, WritesSurrogatesAsEscapes) {
  EXPECT_EQ(json_string("\U0001F600"), R"("\uD83D\uDE00")");
  EXPECT_EQ(json_string("\U00010000\U0010FFFF"), R"("\uD800\uDC00\uDBFF\uDFFF")");
  EXPECT_EQ(json_string("x\xED\xA0\xBDy"), R"("x\uD83Dy")");   // cut between the two
}

TEST(JsonText, ReplacesInvalidBytesAsJavasDecoder) {
  EXPECT_EQ(json_string("a\xFF\xC0\xAFz"), "\"a\uFFFD\uFFFD\uFFFDz\"");
  EXPECT_EQ(json_string("\xE2\x82"), "\"\uFFFD\"");            // cut at the end
  EXPECT_EQ(json_string("\xE2\x82" "A"), "\"\uFFFDA\"");
  EXPECT_EQ(json_string("\xF0\x9F\x98" "A"), "\"\uFFFDA\"");
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(json_string("\xE0\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\"");
}

// The plain way: byte by byte, for valid text of the basic plane.
std::string escaped_slowly(std::string_view text) {
  static constexpr char k_hex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (c == '\b') out += "\\b";
    else if (c == '\f') out += "\\f";
    else if (static_cast<unsigned char>(c) < 0x20) ((out += "\\u00") += k_hex[c >> 4]) += k_hex[c & 15];
    else out += c;
  }
  return out += '"';
}

// Every place of the special character against every length of block.
RC_GTEST_PROP(JsonText, IsTheSameWhereverTheSpecialBytesStand, ()) {
  const auto piece = rc::gen::weightedOneOf<std::string>(
      {{20, rc::gen::construct<std::string>(rc::gen::just(std::size_t{1}), rc::gen::inRange<char>(' ', '\x7F'))},
       {1, rc::gen::construct<std::string>(rc::gen::just(std::size_t{1}), rc::gen::inRange<char>('\0', ' '))},
       {1, rc::gen::element("\""s, "\\"s, "ë"s, "\u2028"s)}});
  std::string text;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
  RC_ASSERT(json_string(text) == escaped_slowly(text));
}

TEST(JsonText, HoldsLongTextOfEscapes) {
  const std::string controls(1000, '\x01');
  std::string expected = "\"";
  for (int i = 0; i < 1000; ++i) expected += "\\u0001";
  EXPECT_EQ(json_string(controls), expected + "\"");
}

TEST(JsonText, AppendsBehindWhatIsThere) {
  std::string out = "{";
  append_json_string(out, "a");
  EXPECT_EQ(out, "{\"a\"");
}

}  // namespace
}  // namespace millrace
