#include "sources/mongodb/extended_json_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "sources/mongodb/canonical_json.h"

namespace millrace::mongodb {
namespace {

// Without the white space of the indentation.
std::string canonical(std::string_view text) {
  const auto document = read_document(text);
  if (!document) return "error: " + document.error().text;
  std::string out;
  for (const char c : canonical_json(*document))
    if (c != '\n' && c != ' ') out += c;
  return out;
}

bool refused(std::string_view text) { return !read_document(text); }

TEST(ExtendedJsonReader, IntegersAreAsWideAsTheyNeed) {
  EXPECT_EQ(canonical("{\"a\": 5,\"b\": 2147483648,\"c\": -1.0E-3}"),
            R"({"a":{"$numberInt":"5"},"b":{"$numberLong":"2147483648"},"c":{"$numberDouble":"-0.001"}})");
  EXPECT_TRUE(refused("{\"a\": 9223372036854775808}"));
}

TEST(ExtendedJsonReader, WrappersOfBothVersions) {
  EXPECT_EQ(canonical(R"({"a": {"$binary": "AQI=","$type": "80"}})"), canonical(R"({"a": {"$binary": {"base64": "AQI=", "subType": "80"}}})"));
  EXPECT_EQ(canonical(R"({"a": {"$date": 1558965508100}})"), canonical(R"({"a": {"$date": "2019-05-27T13:58:28.1Z"}})"));
  EXPECT_EQ(canonical(R"({"a": {"$date": "2019-05-27T15:58:28.1+02:00"}})"), canonical(R"({"a": {"$date": {"$numberLong": "1558965508100"}}})"));
  EXPECT_EQ(canonical(R"({"a": {"$regex": "x","$options": "mi"}})"), R"({"a":{"$regularExpression":{"pattern":"x","options":"im"}}})");
}

// What Java 21 says of each.
TEST(ExtendedJsonReader, DatesAsTexts) {
  const auto date = [](const std::string& text) { return canonical("{\"a\": {\"$date\": \"" + text + "\"}}"); };
  const auto ms = [](const std::string& number) { return R"({"a":{"$date":{"$numberLong":")" + number + R"("}}})"; };
  EXPECT_EQ(date("2020-01-31"), ms("1580428800000"));
  EXPECT_EQ(date("2020-01-31T10:00+01:30:15"), ms("1580459385000"));
  EXPECT_EQ(date("2020-01-31T10:00:00.Z"), ms("1580464800000"));
  EXPECT_EQ(date("1969-12-31T23:59:59.9999Z"), ms("-1"));
  EXPECT_EQ(date("1969-12-31T23:59:59.0001Z"), ms("-1000"));
  EXPECT_EQ(date("+292278994-08-17T07:12:55.807Z"), ms("9223372036854775807"));
  EXPECT_EQ(date("-292275055-05-16T16:47:04.192Z"), ms("-9223372036854775808"));
  for (const char* text : {"+292278994-08-17T07:12:55.808Z", "+292278995-08-17T07:12:55.807Z", "-292275056-05-16T16:47:04.192Z", "-0000-01-01T00:00:00Z",
                           "2020-01-31T10:00:00+0130", "2020-02-30", "2020-01-31T10:00:00", "2020-01-31T10:00:00.1234567891Z", "-020-01-31"})
    EXPECT_TRUE(refused(R"({"a": {"$date": ")" + std::string{text} + "\"}}")) << text;
}

TEST(ExtendedJsonReader, AnObjectThatBeginsLikeAWrapperMayBeADocument) {
  EXPECT_EQ(canonical(R"({"a": {"$regex": "x"}})"), R"({"a":{"$regex":"x"}})");
  EXPECT_EQ(canonical(R"({"a": {"$ref": "c","$id": 1}})"), R"({"a":{"$ref":"c","$id":{"$numberInt":"1"}}})");
  EXPECT_TRUE(refused(R"({"a": {"$oid": "x"}})"));
  EXPECT_TRUE(refused(R"({"a": {"$binary": "???","$type": "00"}})"));
  EXPECT_TRUE(refused(R"({"$oid": "65a1b2c3d4e5f60718293a4b"})"));   // no document
}

TEST(ExtendedJsonReader, OfARepeatedNameTheFirstPlaceAndTheLastValue) {
  EXPECT_EQ(canonical(R"({"a": "1","b": "2","a": "3"})"), R"({"a":"3","b":"2"})");
}

TEST(ExtendedJsonReader, Refusals) {
  for (const char* text : {"", "{", "{\"a\"}", "{\"a\": }", "{\"a\": 1,}", "{\"a\": 1} x", "{a: 1}", "[1]", "{\"a\": \"\\x\"}", "{\"a\": \"\\ud8\"}",
                           "{\"a\": 01e}", "{\"a\": nul}", "{\"a\": [1 2]}", "{\"a\": \"b}"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(ExtendedJsonReader, NestingHasABound) {
  const auto nested = [](int levels) {
    return "{\"a\": " + std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']') + "}";
  };
  EXPECT_TRUE(read_document(nested(k_reader_nesting_max - 1)));
  const auto deep = read_document(nested(100'000));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().text, "The document's text is nested more than 256 levels");
}

TEST(ExtendedJsonReader, Decimals) {
  EXPECT_EQ(canonical(R"({"a": {"$numberDecimal": "1E+6112"}})"), R"({"a":{"$numberDecimal":"1.0E+6112"}})");
  EXPECT_EQ(canonical(R"({"a": {"$numberDecimal": "-0E+9999"}})"), R"({"a":{"$numberDecimal":"-0E+6111"}})");
  EXPECT_EQ(canonical(R"({"a": {"$numberDecimal": "10E-6177"}})"), R"({"a":{"$numberDecimal":"1E-6176"}})");
  EXPECT_TRUE(refused(R"({"a": {"$numberDecimal": "12345678901234567890123456789012345"}})"));
  EXPECT_TRUE(refused(R"({"a": {"$numberDecimal": "1x"}})"));
}

}  // namespace
}  // namespace millrace::mongodb
