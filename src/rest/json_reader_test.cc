#include "rest/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

Json read(std::string_view text) {
  auto json = read_json(text);
  EXPECT_TRUE(json.has_value()) << (json ? "" : json.error());
  return json && *json ? **json : Json{};
}

std::string error_of(std::string_view text) {
  const auto json = read_json(text);
  return json ? "none" : json.error();
}

constexpr std::string_view k_at = "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); ";

TEST(JsonReader, NumbersKeepTheirSourceText) {
  const Json json = read(R"([1, -0, 1.50, 1e3, 12345678901234567890123, 0.10E-2, true, null])");
  std::vector<std::string> texts;
  for (const Json& item : json.items) texts.push_back(item.text);
  EXPECT_THAT(texts, testing::ElementsAre("1", "-0", "1.50", "1e3", "12345678901234567890123", "0.10E-2", "true",
                                          "null"));
}

TEST(JsonReader, MembersKeepTheirOrderAndTheLastDuplicateWinsInTheFirstPlace) {
  EXPECT_EQ(json_text_of(read(R"( {"b":1, "a":{"x":[]}, "b":"z", "c":{}} )")), R"({"b":"z","a":{"x":[]},"c":{}})");
}

TEST(JsonReader, EscapesAreReadAndWrittenAsJacksonDoes) {
  const Json json = read(R"(["a\u0041\n\/é\ud83d\ude00", "\ud800", "\ud83dx"])");
  EXPECT_EQ(json.items[0].text, "aA\n/é😀");
  EXPECT_EQ(json_text_of(json), R"(["aA\n/é\uD83D\uDE00","\uD800","\uD83Dx"])");
}

TEST(JsonReader, DecimalsAreWrittenAsJavaDoubles) {
  EXPECT_EQ(json_text_of(read("[1.50,1e3,1E21,-0,7]")), "[1.5,1000.0,1.0E21,0,7]");
}

TEST(JsonReader, NothingButBlanksIsNothing) {
  EXPECT_FALSE(read_json("").value().has_value());
  EXPECT_FALSE(read_json(" \r\n\t").value().has_value());
}

TEST(JsonReader, WhatFollowsTheValueIsNotLookedAt) { EXPECT_EQ(json_text_of(read(R"({"a":1}})")), R"({"a":1})"); }

TEST(JsonReader, UnexpectedCharactersAreNamedWithTheirPlace) {
  EXPECT_EQ(error_of("{not json"),
            "Unexpected character ('n' (code 110)): was expecting double-quote to start field name" +
                std::string{k_at} + "line: 1, column: 3]");
  EXPECT_EQ(error_of("{\n\"a\" 1}"),
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value" +
                std::string{k_at} + "line: 2, column: 6]");
}

TEST(JsonReader, EveryCutOffTextIsAnErrorAndNotACrash) {
  const std::string whole = R"({"a":[1,{"b":"c\u00e9d"},true,null,-1.5e+3],"d":{}})";
  ASSERT_TRUE(read_json(whole).has_value());
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_FALSE(read_json(std::string_view{whole}.substr(0, size)).has_value()) << size;
}

TEST(JsonReader, MalformedTextsAreErrors) {
  for (const std::string_view text : {"{\"a\":}", "[1,]", "{\"a\":1,}", "[01]", "[1.]", "[.5]", "[-]", "[1e]", "nul",
                                      "\"a\nb\"", "\"\\x\"", "\"\\u12g4\"", "\"\xC3\x28\"", "\"\xFF\"", "[1 2]",
                                      "{1:2}", "]", ",", "[\"a\"", "[1x]"})
    EXPECT_FALSE(read_json(text).has_value()) << text;
}

TEST(JsonReader, DepthIsBounded) {
  EXPECT_TRUE(read_json(std::string(1000, '[') + std::string(1000, ']')).has_value());
  EXPECT_THAT(error_of(std::string(100'000, '[')), testing::StartsWith("Document nesting depth (1001) exceeds"));
}

TEST(JsonTextOf, ANumberBeyondADoubleIsAString) {
  const auto json = read_json("[66E23012,-1e999,1e308]");
  ASSERT_TRUE(json && *json);
  EXPECT_EQ(json_text_of(**json), "[\"Infinity\",\"-Infinity\",1.0E308]");
}

}  // namespace
}  // namespace millrace
