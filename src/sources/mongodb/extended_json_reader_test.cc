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
