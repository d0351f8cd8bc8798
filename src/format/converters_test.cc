#include <gtest/gtest.h>

#include <array>

#include "core/envelope.h"
#include "format/converter.h"
#include "format/test_values.h"

namespace millrace {
namespace {

using namespace std::string_literals;
using envelope::plain_schema;

constexpr std::string_view k_bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";

std::string convert(const Result<std::unique_ptr<Converter>>& converter, const SchemaPtr& schema, const Value& value) {
  StringOutput out;
  const auto some = converter.value()->convert(schema, value, out);
  if (!some) return "error: " + some.error().text;
  return *some ? std::string{out.written()} : "(null)";
}

std::string text_of(const SchemaPtr& schema, const Value& value) { return convert(make_converter(k_string, {}), schema, value); }
std::string header_of(const SchemaPtr& schema, const Value& value) {
  return convert(make_header_converter(k_header, {}), schema, value);
}

Schema decimal_schema() {
  Schema schema = envelope::semantic_schema(Type::bytes, "org.apache.kafka.connect.data.Decimal", true);
  schema.parameters = {{"scale", "2"}};
  return schema;
}

SchemaPtr connect_time(std::string_view name, Type type = Type::int64) {
  return shared(envelope::semantic_schema(type, "org.apache.kafka.connect.data." + std::string{name}, false));
}

// A struct with each kind of field, as printed by Kafka Connect 4.0 itself.
Value sample(SchemaPtr& schema) {
  Schema with_default{.type = Type::string, .optional = true, .default_value = std::make_shared<const Value>("d\"v")};
  schema = shared(envelope::structure_schema(
      "s", false,
      {{"a", plain_schema(Type::int32, false)},
       {"b", plain_schema(Type::string, true)},
       {"c", shared(with_default)},
       {"d", shared(decimal_schema())},
       {"y", plain_schema(Type::bytes, true)},
       {"l", shared({.type = Type::array, .optional = true, .values = plain_schema(Type::string, true)})},
       {"m", shared({.type = Type::map, .optional = true, .keys = plain_schema(Type::string, false),
                     .values = plain_schema(Type::float64, false)})},
       {"dt", connect_time("Date", Type::int32)}}));
  return Value{Value::Struct{schema,
                             {integer(1), Value{}, Value{}, Value{Bytes{"\xFF\x6A"}}, Value{Bytes{"\x00\x01\xFF"s}},
                              Value{Value::Array{Value{"x\\y"}, Value{}, Value{"q\""}}},
                              Value{Value::Map{{Value{"k"}, Value{1e10}}}}, integer(19000)}}};
}

TEST(StringConverter, PrintsAsJavasToString) {
  SchemaPtr schema;
  const Value value = sample(schema);
  EXPECT_EQ(text_of(schema, value),
            "Struct{a=1,d=-1.50,y=java.nio.HeapByteBuffer[pos=0 lim=3 cap=3],l=[x\\y, null, q\"],m={k=1.0E10},"
            "dt=Sat Jan 08 00:00:00 UTC 2022}");
}

TEST(StringConverter, PrintsScalars) {
  EXPECT_EQ(text_of(plain_schema(Type::string, true), Value{"a\"b\\c"}), "a\"b\\c");
  EXPECT_EQ(text_of(plain_schema(Type::float32, true), Value{1.5F}), "1.5");
  EXPECT_EQ(text_of(plain_schema(Type::boolean, true), Value{true}), "true");
  EXPECT_EQ(text_of(plain_schema(Type::string, true), Value{""}), "");
  EXPECT_EQ(text_of(plain_schema(Type::string, true), Value{}), "(null)");
  EXPECT_EQ(text_of(nullptr, integer(-3)), "-3");
  EXPECT_EQ(text_of(plain_schema(Type::string, true), Value{"x\xED\xA0\xBDy"}), "x?y");   // half a character
}

TEST(StringConverter, PrintsDatesAsJavaDoes) {
  const auto date = [](std::int64_t ms) { return text_of(connect_time("Timestamp"), integer(ms)); };
  EXPECT_EQ(date(0), "Thu Jan 01 00:00:00 UTC 1970");
  EXPECT_EQ(date(-1), "Wed Dec 31 23:59:59 UTC 1969");
  EXPECT_EQ(date(1709164800123), "Thu Feb 29 00:00:00 UTC 2024");
  EXPECT_EQ(date(253402300800000), "Sat Jan 01 00:00:00 UTC 10000");
  EXPECT_EQ(date(-12219292800000), "Fri Oct 15 00:00:00 UTC 1582");
  EXPECT_EQ(date(-12219292800001), "Thu Oct 04 23:59:59 UTC 1582");
  EXPECT_EQ(date(-99999999999999), "Thu Feb 26 14:13:20 UTC 1200");
  EXPECT_EQ(date(-62135769600000), "Sat Jan 01 00:00:00 UTC 1");
  EXPECT_EQ(date(-62198755200000), "Fri Jan 03 00:00:00 UTC 2");
}

TEST(StringConverter, CompiledFormEqualsARecordedKey) {
  const auto key = shared(envelope::structure_schema("k", false, {{"user_id", plain_schema(Type::int32, false)}}));
  const auto converter = make_converter(k_string, {}).value();
  const auto compiled = converter->compile(Shape::of_structure(key, {Shape::of_slot(key->fields[0].schema, 0)})).value();
  StringOutput out;
  EXPECT_TRUE(compiled->write(std::array{Datum::digits("100")}, out).value());
  EXPECT_EQ(out.written(), "Struct{user_id=100}");
}

TEST(StringConverter, RefusesAnEncodingItCannotWrite) {
  EXPECT_TRUE(make_converter(k_string, Config{{{"converter.encoding", "UTF8"}}}));
  EXPECT_EQ(make_converter(k_string, Config{{{"converter.encoding", "nope"}}}).error().text.find("Unsupported encoding nope: "), 0U);
}

TEST(ByteArrayConverter, PassesBytesAndNothingElse) {
  const auto bytes = [](const SchemaPtr& schema, const Value& value) {
    return convert(make_converter(k_bytes, {}), schema, value);
  };
  EXPECT_EQ(bytes(plain_schema(Type::bytes, true), Value{Bytes{"\x00x"s}}), "\x00x"s);
  EXPECT_EQ(bytes(nullptr, Value{Bytes{"raw"}}), "raw");
  EXPECT_EQ(bytes(plain_schema(Type::bytes, true), Value{}), "(null)");
  EXPECT_EQ(bytes(plain_schema(Type::int32, true), integer(1)), "error: Invalid schema type for ByteArrayConverter: INT32");
  EXPECT_EQ(bytes(nullptr, Value{"text"}),
            "error: ByteArrayConverter is not compatible with objects of type class java.lang.String");
  EXPECT_EQ(bytes(shared(decimal_schema()), Value{Bytes{"\x01"}}),
            "error: ByteArrayConverter is not compatible with objects of type class java.math.BigDecimal");
}

TEST(SimpleHeaderConverter, PrintsAStructWithItsDefaults) {
  SchemaPtr schema;
  const Value value = sample(schema);
  EXPECT_EQ(header_of(schema, value), R"({"a":1,"b":null,"c":"d\"v","d":-1.50,"y":"AAH/","l":["x\\y",null,"q\""],)"
                                      R"("m":{"k":1.0E10},"dt":2022-01-08})");
}

TEST(SimpleHeaderConverter, PrintsTheKeysOfAKeyChange) {
  const auto key = shared(envelope::structure_schema(
      "k", false, {{"c", plain_schema(Type::int32, false)}, {"b", plain_schema(Type::string, false)}}));
  EXPECT_EQ(header_of(key, Value{Value::Struct{key, {integer(3), Value{"b"}}}}), R"({"c":3,"b":"b"})");
  const auto optional_key = shared(envelope::structure_schema("k", false, {{"email", plain_schema(Type::string, true)}}));
  EXPECT_EQ(header_of(optional_key, Value{Value::Struct{optional_key, {Value{}}}}), R"({"email":null})");
}

TEST(SimpleHeaderConverter, PrintsScalarsBare) {
  EXPECT_EQ(header_of(plain_schema(Type::string, true), Value{"a\"b"}), "a\"b");
  EXPECT_EQ(header_of(plain_schema(Type::bytes, true), Value{Bytes{"\x00\x01\x02"s}}), "AAEC");
  EXPECT_EQ(header_of(plain_schema(Type::int64, true), integer(0)), "0");
  EXPECT_EQ(header_of(plain_schema(Type::string, true), Value{}), "(null)");
}

TEST(SimpleHeaderConverter, GuessesTheFormOfDates) {
  const auto date = [](std::int64_t ms) { return header_of(connect_time("Timestamp"), integer(ms)); };
  EXPECT_EQ(date(0), "00:00:00.000Z");
  EXPECT_EQ(date(-1), "23:59:59.999Z");
  EXPECT_EQ(date(86400000), "1970-01-02");
  EXPECT_EQ(date(86400001), "1970-01-02T00:00:00.001Z");
  EXPECT_EQ(date(253402300800000), "10000-01-01");
}

TEST(Converters, HeadersMayUseAnyConverter) {
  const auto key = shared(envelope::structure_schema("k", false, {{"id", plain_schema(Type::int32, false)}}));
  EXPECT_EQ(convert(make_header_converter(k_json, {}), key, Value{Value::Struct{key, {integer(1)}}}),
            R"({"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],)"
            R"("optional":false,"name":"k"},"payload":{"id":1}})");
  EXPECT_TRUE(make_header_converter(k_string, {}));
}

TEST(Converters, AreFoundByTheirShortNames) {
  EXPECT_EQ(find_converter("JsonConverter")->class_name, k_json);
  EXPECT_EQ(find_converter("Json")->class_name, k_json);
  EXPECT_EQ(find_header_converter("Simple")->class_name, k_header);
  EXPECT_EQ(find_converter("Simple"), nullptr);
  EXPECT_EQ(find_converter("ByteArrayConverter"), nullptr);   // Connect's or Debezium's?
  EXPECT_EQ(find_converter("json.JsonConverter"), nullptr);
  EXPECT_NE(make_converter("io.debezium.converters.BinaryDataConverter", Config{{{"delegate.converter.type", "Json"}}})
                .error().text.find("give its full name"), std::string::npos);
}

TEST(Converters, AnUnknownClassIsNamedWithThoseThatExist) {
  const auto problem = make_converter("com.example.Avro", {}).error();
  EXPECT_TRUE(problem.text.starts_with("converter class 'com.example.Avro' is not known; available: "
                                       "io.debezium.converters.BinaryDataConverter, ")) << problem.text;
  EXPECT_EQ(problem.exception, k_config_exception);
  EXPECT_FALSE(make_converter(k_header, {}));
  EXPECT_NE(make_header_converter("x", {}).error().text.find("SimpleHeaderConverter"), std::string::npos);
}

}  // namespace
}  // namespace millrace
