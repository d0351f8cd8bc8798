// Arrays, hstore and geometry. Expectations are what the real connector wrote (pg-types*, pg-risk-*).
#include <gtest/gtest.h>

#include "sources/postgres/array_text.h"
#include "sources/postgres/codec_test_text.h"
#include "sources/postgres/name_uuid.h"

namespace millrace::postgres {
namespace {

TEST(PostgresArrays, ItemsOfAnArrayText) {
  ArrayText walk{R"([0:3]={a,NULL,"n\"u\\ll, {",{x,{"}"}}})"};
  ArrayText::Item item;
  ASSERT_TRUE(walk.next(item));
  EXPECT_EQ(item.text, "a");
  ASSERT_TRUE(walk.next(item));
  EXPECT_TRUE(item.is_null);
  ASSERT_TRUE(walk.next(item));
  EXPECT_EQ(item.text, "n\"u\\ll, {");
  EXPECT_FALSE(item.is_null);
  ASSERT_TRUE(walk.next(item));
  EXPECT_TRUE(item.is_array);
  EXPECT_EQ(item.text, "{x,{\"}\"}}");
  EXPECT_FALSE(walk.next(item));
  EXPECT_TRUE(walk.ok());
}

TEST(PostgresArrays, TextsOfAnotherFormAreErrors) {
  for (const char* text : {"", "{", "}", "{1", "1}", "{1,}", "{,1}", "{1,,2}", "{\"a}", "{\"a\\}", "{{1}", "{a\"b}", "[0:1]", "{\"a\"b}"})
    EXPECT_TRUE((Column{.type = 1009, .optional = false}.value(text).starts_with("error"))) << text;
}

TEST(PostgresArrays, SchemasHaveOptionalItems) {
  EXPECT_EQ(Column{.type = 1007}.schema(), "array<int32?>?");
  EXPECT_EQ((Column{.type = 1009, .optional = false}.schema()), "array<string?>");
  EXPECT_EQ((Column{.type = 1231, .typmod = numeric_typmod(10, 2)}.schema()),
            "array<bytes? org.apache.kafka.connect.data.Decimal/1 {scale=2} {connect.decimal.precision=10}>?");
  EXPECT_EQ(Column{.type = 1182}.schema(), "array<int32? io.debezium.time.Date/1>?");
  EXPECT_EQ((Column{.type = 1183, .typmod = 0}.schema()), "array<int64? io.debezium.time.MicroTime/1>?");
  EXPECT_EQ(Column{.type = 2951}.schema(), "array<string? io.debezium.data.Uuid/1>?");
  EXPECT_EQ(Column{.type = test_oid::hstore_array}.schema(), "array<string? io.debezium.data.Json/1>?");
  EXPECT_EQ(Column{.type = test_oid::mood_array}.schema(),
            "array<string io.debezium.data.Enum/1 {allowed=sad,ok,very \"happy\",na\xC3\xAFve}>?");
}

TEST(PostgresArrays, Values) {
  EXPECT_EQ(Column{.type = 1007}.value("{1,NULL,3}"), "[1,null,3]");
  EXPECT_EQ(Column{.type = 1007}.value("{}"), "[]");
  EXPECT_EQ(Column{.type = 1007}.value("[0:1]={5,6}"), "[5,6]");
  EXPECT_EQ(Column{.type = 1016}.value("{1,9223372036854775807}"), "[1,9223372036854775807]");
  EXPECT_EQ(Column{.type = 1000}.value("{t,f}"), "[true,false]");
  EXPECT_EQ(Column{.type = 1009}.value(R"({"a b","c,d","e\"f","NULL","\\"})"), R"(["a b","c,d","e"f","NULL","\"])");
  EXPECT_EQ(Column{.type = 1014}.value(R"({"a  ","bc "})"), R"(["a  ","bc "])");
  EXPECT_EQ(Column{.type = 1231}.value("{1.10,2}"), "[(scale=1,value=b:Cw==),(scale=0,value=b:Ag==)]");
  EXPECT_EQ(Column{.type = 1001}.value(R"({"\\xdead"})"), "[b:3q0=]");
  EXPECT_EQ(Column{.type = 199}.value(R"({"{\"a\": 1}"})"), R"(["{"a": 1}"])");
  EXPECT_EQ(Column{.type = test_oid::hstore_array}.value(R"({"\"a\"=>\"1\""})"), R"(["{"a":"1"}"])");
  EXPECT_EQ(Column{.type = 1185}.value(R"({"2024-02-29 10:34:56.789+00"})"), "[\"2024-02-29T10:34:56.789000Z\"]");
  EXPECT_EQ(Column{.type = 1270}.value("{12:34:56+02}"), "[\"10:34:56Z\"]");
  EXPECT_EQ(Column{.type = 1270}.value("{12:34:56.789012+02}"), "[\"10:34:56Z\"]");
  EXPECT_EQ(Column{.type = 1183}.value("{12:34:56.789012}"), "[45296789000]");
  EXPECT_EQ(Column{.type = 1183}.value("{24:00:00}"), "[0]");
  EXPECT_EQ((Column{.type = 1183, .typmod = 0}.value("{NULL}")), "[null]");
  EXPECT_EQ((Column{.type = 1183, .typmod = 0, .modes = {.time = TimePrecision::adaptive_time_microseconds}}.value("{12:34:56}")),
            "[45296000000]");
}

TEST(PostgresArrays, DaysOfArraysLoseTheirEraAndTheGapOf1582) {
  EXPECT_EQ(Column{.type = 1182}.value("{1582-10-04,1582-10-05,1582-10-14,1582-10-15}"), "[-141438,-141427,-141418,-141427]");
  EXPECT_EQ((Column{.type = 1185, .typmod = 0}.value(R"({"0044-03-15 10:00:00+00 BC","1582-10-04 12:00:00+00","1582-10-14 06:15:00+00"})")),
            R"(["0044-03-15T10:00:00Z","1582-10-04T12:00:00Z","1582-10-24T06:15:00Z"])");
  EXPECT_EQ(Column{.type = 1185}.value("{-infinity}"), "[\"+292269055-12-02T23:00:00.000000Z\"]");
  EXPECT_EQ((Column{.type = 1185, .typmod = 0}.value("{infinity,-infinity}")), R"(["infinity","+292269055-12-02T23:00:00Z"])");
}

TEST(PostgresArrays, TimestampsInArraysAreJulianInBothPhases) {
  EXPECT_EQ(Column{.type = 1115}.value(R"({"0044-03-15 00:00:00 BC"})"), "[-63517996800000000]");
  EXPECT_EQ((Column{.type = 1115, .phase = Phase::snapshot}.value(R"({"0044-03-15 00:00:00 BC"})")), "[-63517996800000000]");
}

TEST(PostgresArrays, NestedArraysLoseTheirNumbers) {
  EXPECT_EQ(Column{.type = 1007}.value("{{1,2},{3,4}}"), "[null,null]");
  EXPECT_EQ(Column{.type = 1009}.value("{{a,b},{c,d}}"), "[\"{a,b}\",\"{c,d}\"]");
}

TEST(PostgresArrays, OneElementThatDoesNotConvertSpoilsAll) {
  EXPECT_EQ((Column{.type = 1231, .typmod = numeric_typmod(4, 2)}.value("{1.00,NaN}")), "null");
  for (const DecimalMode mode : {DecimalMode::real, DecimalMode::text})
    for (const std::string_view text : {"{1.00,NaN}", "{Infinity}", "{-Infinity,NULL}"})
      EXPECT_EQ((Column{.type = 1231, .modes = {.decimal = mode}}.value(text)), "null") << text;
  EXPECT_EQ(Column{.type = test_oid::mood_array}.value("{ok,sad}"), "[\"ok\",\"sad\"]");
  EXPECT_EQ(Column{.type = test_oid::mood_array}.value("{NULL,ok}"), "null");
  EXPECT_EQ((Column{.type = 1183, .modes = {.time = TimePrecision::connect}}.value("{12:00:00}")), "null");
  EXPECT_EQ((Column{.type = 1183, .typmod = 0}.value("{12:00:00}")), "null");
  EXPECT_EQ((Column{.type = 1183, .modes = {.time = TimePrecision::connect}}.value("{}")), "[]");
  EXPECT_EQ((Column{.type = 1231, .optional = false}.value("{NaN}")), "null");   // ChangeWriter sees to it
}

TEST(PostgresArrays, WithoutAConverterTheyAreLeftOut) {
  ValueModes raw;
  raw.include_unknown = true;
  for (const std::uint32_t type : {791u, 1187u, 143u, 1017u, 1003u}) {
    EXPECT_EQ(Column{.type = type}.schema(), "none") << type;
    EXPECT_EQ((Column{.type = type, .modes = raw}.schema()), "none") << type;
  }
  EXPECT_EQ(Column{.type = test_oid::composite_array}.schema(), "none");
  EXPECT_EQ((Column{.type = test_oid::composite_array, .modes = raw}.schema()), "array<bytes>?");
  EXPECT_EQ((Column{.type = test_oid::composite_array, .modes = raw}.value("{\"(1,x)\"}")), "[b:KDEseCk=]");
  EXPECT_EQ((Column{.type = 1561, .typmod = 3}.schema()), "bytes? io.debezium.data.Bits/1 {length=3}");
  EXPECT_EQ((Column{.type = 1561, .typmod = 3}.value("{101}")), "null");
}

TEST(PostgresHstore, PairsComeInTheOrderOfAJavaMap) {
  const Column json{.type = test_oid::hstore};
  EXPECT_EQ(json.schema(), "string? io.debezium.data.Json/1");
  EXPECT_EQ(json.value(R"("a"=>"1", "aa"=>"NULL")"), R"("{"aa":"NULL","a":"1"}")");
  EXPECT_EQ(json.value(R"("a"=>"1", "b"=>NULL, "c d"=>"x \"y\"")"), R"("{"a":"1","b":null,"c d":"x \"y\""}")");
  EXPECT_EQ(json.value(""), "\"{}\"");
  EXPECT_EQ(json.value("\"nl\"=>\"a\nb\""), R"("{"nl":"a\nb"}")");
  const Column map{.type = test_oid::hstore, .modes = {.hstore_as_map = true}};
  EXPECT_EQ(map.schema(), "map<string,string?>?");
  EXPECT_EQ(map.value(R"("a"=>"1", "aa"=>NULL)"), R"({"aa":null,"a":"1"})");
  for (const char* text : {"a", "\"a\"", "\"a\"=>", "\"a\"=>1", "\"a\"=>\"1", "\"a\"=>\"1\",", "\"a\"=>\"1\", ", "\"a\\"})
    EXPECT_TRUE(json.value(text).starts_with("error")) << text;
}

TEST(PostgresGeometry, Points) {
  const Column point{.type = 600};
  EXPECT_EQ(point.schema(), "struct<x double, y double, wkb bytes?, srid int32?>? io.debezium.data.geometry.Point/1"
                            " doc=Geometry (POINT)");
  EXPECT_EQ(point.value("(1.5,-2.25)"), "(x=1.5,y=-2.25,wkb=b:AQEAAAAAAAAAAAD4PwAAAAAAAALA,srid=null)");
  EXPECT_EQ(point.value("(1e+300,-1e-300)"), "(x=1.0E300,y=-1.0E-300,wkb=b:AQEAAACcdQCIPOQ3flnz+MIfbqWB,srid=null)");
  for (const char* text : {"", "(", "(1", "(1,", "(1,2", "1,2", "(1,2)x"}) EXPECT_TRUE(point.value(text).starts_with("error")) << text;
}

TEST(PostgresGeometry, PostgisKeepsItsBytesAndTellsTheSrid) {
  const Column column{.type = test_oid::geometry, .optional = false};
  EXPECT_EQ(column.schema(), "struct<wkb bytes, srid int32?>? io.debezium.data.geometry.Geometry/1 doc=Geometry");
  EXPECT_EQ(column.value("0101000020E6100000000000000000F03F0000000000000040"),
            "(wkb=b:AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==,srid=4326)");
  EXPECT_EQ(column.value("010100000000000000000008400000000000001040"),
            "(wkb=b:AQEAAAAAAAAAAAAIQAAAAAAAABBA,srid=null)");
  EXPECT_EQ(Column{.type = test_oid::geography}.schema(),
            "struct<wkb bytes, srid int32?>? io.debezium.data.geometry.Geography/1 doc=Geography");
  for (const char* text : {"", "01", "0101000020E6", "01010000000", "zz01000000"})
    EXPECT_TRUE(column.value(text).starts_with("error")) << text;
}

TEST(PostgresArrays, ItemsOfIsbnAreNotOptional) {
  EXPECT_EQ(Column{.type = test_oid::isbn_array}.schema(), "array<string>?");
  EXPECT_EQ(Column{.type = test_oid::isbn_array}.value("{0-393-04002-X}"), "[\"0-393-04002-X\"]");
  EXPECT_EQ(Column{.type = test_oid::isbn_array}.value("{NULL}"), "null");
}

TEST(PostgresGeometry, GeographyIsOptionalAsItsColumn) {
  EXPECT_EQ((Column{.type = test_oid::geography, .optional = false}.schema()),
            "struct<wkb bytes, srid int32?> io.debezium.data.geometry.Geography/1 doc=Geography");
}

TEST(PostgresGeometry, ArraysHaveAColonBetweenTheirElements) {
  const Column column{.type = test_oid::geometry_array};
  EXPECT_EQ(column.value("{0101000000000000000000F03F0000000000000040:NULL}"),
            "[(wkb=b:AQEAAAAAAAAAAADwPwAAAAAAAABA,srid=null),null]");
  EXPECT_EQ(column.value("{}"), "[]");
}

TEST(PostgresNameUuid, IsJavas) {
  EXPECT_EQ(name_uuid("__debezium_unavailable_value"), "b68a35a7-17ad-35b3-af2a-ae46edb4545a");
  EXPECT_EQ(name_uuid(""), "d41d8cd9-8f00-3204-a980-0998ecf8427e");
  EXPECT_EQ(name_uuid(std::string(119, 'a')).size(), 36u);
}

}  // namespace
}  // namespace millrace::postgres
