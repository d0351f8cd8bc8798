#include "sources/mongodb/lenient_json.h"

#include <bson/bson.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;

std::string read(std::string_view text) {
  const auto bytes = document_of_json(text);
  if (!bytes) return "error: " + bytes.error().text;
  bson_t document;
  if (!bson_init_static(&document, reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size())) return "no BSON";
  char* const canonical = bson_as_canonical_extended_json(&document, nullptr);
  std::string out = canonical;
  bson_free(canonical);
  return out;
}

TEST(MongoLenientJson, ReadsWhatAShellWrites) {
  EXPECT_EQ(read(R"({ $match: { 'a.b': { $gt: 5 }, "c": 'it\'s "x"' } })"),
            R"({ "$match" : { "a.b" : { "$gt" : { "$numberInt" : "5" } }, "c" : "it's \"x\"" } })");
  EXPECT_EQ(read(R"({a: /x\/"y\d/i, b: true, c: null})"),
            R"({ "a" : { "$regularExpression" : { "pattern" : "x/\"y\\d", "options" : "i" } }, "b" : true, "c" : null })");
  EXPECT_EQ(read(R"({a: ObjectId("596e275826f08b2730779e1f"), b: NumberLong(5), c: new ISODate('1970-01-01T00:00:01Z')})"),
            R"({ "a" : { "$oid" : "596e275826f08b2730779e1f" }, "b" : { "$numberLong" : "5" }, "c" : { "$date" : { "$numberLong" : "1000" } } })");
  EXPECT_EQ(read("{a: Timestamp(5, 6), b: MinKey(), c: -Infinity}"),
            R"({ "a" : { "$timestamp" : { "t" : 5, "i" : 6 } }, "b" : { "$minKey" : 1 }, "c" : { "$numberDouble" : "-Infinity" } })");
  EXPECT_EQ(read(R"({"a": {"$regex": "x.*"}, "n": 5000000000, "d": 1.5})"),
            R"({ "a" : { "$regularExpression" : { "pattern" : "x.*", "options" : "" } }, "n" : { "$numberLong" : "5000000000" }, "d" : { "$numberDouble" : "1.5" } })");
}

TEST(MongoLenientJson, WhatCannotBeReadIsNamed) {
  for (const auto& [text, problem] : {std::pair{R"({"a": "x})", "a string does not end"}, {"{a: /x", "a pattern does not end"},
                                      {"{a: hello}", "the word hello is not known"}, {"{a: f(1)}", "f(...) is not understood"},
                                      {"{a: ISODate(", "does not end"}})
    EXPECT_THAT(read(text), HasSubstr(problem)) << text;
  for (const char* text : {"", "{", "[1", "{\"a\":}", "\\"}) EXPECT_THAT(read(text), HasSubstr("error: ")) << text;
  EXPECT_EQ(documents_of_json("[{a: 1}, {}]")->size(), 2U);
  for (const char* text : {"{}", "[1]", "5", "[{]"}) EXPECT_FALSE(documents_of_json(text)) << text;
}

}  // namespace
}  // namespace millrace::mongodb
