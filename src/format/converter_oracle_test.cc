// The same values through the converters of Kafka Connect 4.0 and Debezium 2.7 (on Java 21, in UTC) and through ours.
// Bytes that are no printable ASCII stand as \\xNN.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "core/envelope.h"
#include "core/numbers.h"
#include "format/converter.h"
#include "format/test_values.h"

namespace millrace {
namespace {

using namespace std::string_literals;
using envelope::plain_schema;

using Options = std::map<std::string, std::string, std::less<>>;
const std::string k_connect = "org.apache.kafka.connect.converters.";
const std::string k_debezium = "io.debezium.converters.";

struct Case {
  SchemaPtr schema;
  Value value;
};

Value bytes(std::string_view data) { return Value{Bytes{std::string{data}}}; }

SchemaPtr decimal(int scale, std::shared_ptr<const Value> default_value = nullptr) {
  return shared({.type = Type::bytes, .optional = default_value != nullptr, .name = "org.apache.kafka.connect.data.Decimal",
                 .version = 1, .parameters = {{"scale", std::to_string(scale)}}, .default_value = std::move(default_value)});
}
SchemaPtr temporal(std::string_view name, Type type) {
  return shared({.type = type, .name = "org.apache.kafka.connect.data." + std::string{name}, .version = 1});
}
SchemaPtr array_of(SchemaPtr items, bool optional) { return shared({.type = Type::array, .optional = optional, .values = std::move(items)}); }

void add_structs(std::map<std::string, Case>& cases) {
  const auto variable = shared({.type = Type::structure, .optional = true, .name = "io.debezium.data.VariableScaleDecimal", .version = 1,
                                .fields = {{"scale", plain_schema(Type::int32, false)}, {"value", plain_schema(Type::bytes, false)}}});
  cases["variable scale"] = {variable, Value{Value::Struct{variable, {integer(2), bytes("\x01\x02")}}}};
  const auto nested = shared({.type = Type::structure, .optional = true,
                              .fields = {{"x", decimal(2)}, {"t", temporal("Timestamp", Type::int64)}}});
  const auto text = shared({.type = Type::string, .optional = true, .default_value = std::make_shared<const Value>("d\"v")});
  const auto outer = shared({.type = Type::structure, .name = "s",
                             .fields = {{"a", plain_schema(Type::int32, false)}, {"b", plain_schema(Type::string, true)}, {"c", text},
                                        {"n", nested}, {"dd", decimal(1, std::make_shared<const Value>(bytes("K")))}}});
  cases["struct"] = {outer, Value{Value::Struct{outer, {integer(1), Value{}, Value{},
                                                        Value{Value::Struct{nested, {bytes("\x01\x45"), integer(1)}}}, Value{}}}}};
  cases["struct all"] = {outer, Value{Value::Struct{outer, {integer(1), Value{"x,y}"}, Value{""}, Value{}, bytes("\x01")}}}};
}

void add_collections(std::map<std::string, Case>& cases) {
  cases["array"] = {array_of(plain_schema(Type::int32, true), true), Value{Value::Array{integer(1), Value{}, integer(3)}}};
  cases["string array"] = {array_of(plain_schema(Type::string, true), true),
                           Value{Value::Array{Value{"a\""}, Value{"b\\"}, Value{}, Value{""}, Value{"c\n"}}}};
  cases["decimal array"] = {array_of(decimal(2), false), Value{Value::Array{bytes("d"), bytes("\xFF\x1F")}}};
  cases["date array"] = {array_of(temporal("Date", Type::int32), false), Value{Value::Array{integer(0), integer(1)}}};
  cases["buffer array"] = {array_of(plain_schema(Type::bytes, false), false), Value{Value::Array{bytes("\x01"), bytes("\x02\x03")}}};
  cases["map"] = {shared({.type = Type::map, .keys = plain_schema(Type::string, false), .values = plain_schema(Type::string, true)}),
                  Value{Value::Map{{Value{"k\""}, Value{"v"}}, {Value{"n"}, Value{}}}}};
}

std::map<std::string, Case> all_cases() {
  std::map<std::string, Case> cases{
      {"boolean", {plain_schema(Type::boolean, false), Value{true}}},
      {"int8", {plain_schema(Type::int8, false), integer(-7)}},
      {"int16", {plain_schema(Type::int16, false), integer(300)}},
      {"int32", {plain_schema(Type::int32, false), integer(100'000)}},
      {"int64", {plain_schema(Type::int64, false), integer(-5'000'000'000)}},
      {"float32", {plain_schema(Type::float32, false), Value{1.5F}}},
      {"float64", {plain_schema(Type::float64, false), Value{1e10}}},
      {"nan", {plain_schema(Type::float64, false), Value{std::numeric_limits<double>::quiet_NaN()}}},
      {"string", {plain_schema(Type::string, false), Value{"a\"b\\cé€😀"}}},
      {"buffer", {plain_schema(Type::bytes, false), bytes("\x00\x01\xFF"s)}},
      {"decimal", {decimal(2), bytes("\xFF\x6A")}},
      {"decimal neg scale", {decimal(-2), bytes("\x0C")}},
      {"decimal small", {decimal(9), bytes("\x01")}},
      {"date", {temporal("Date", Type::int32), integer(19'000)}},
      {"time", {temporal("Time", Type::int32), integer(3'661'001)}},
      {"timestamp", {temporal("Timestamp", Type::int64), integer(1'709'164'800'123)}},
      {"date bc", {temporal("Date", Type::int32), integer(-719'893)}},
      {"null string", {plain_schema(Type::string, true), Value{}}},
      {"null int", {plain_schema(Type::int32, true), Value{}}},
      {"null default", {shared({.type = Type::int32, .optional = true, .default_value = std::make_shared<const Value>(integer(5))}), Value{}}},
      {"schemaless int", {nullptr, integer(5)}},
      {"schemaless string", {nullptr, Value{"x"}}},
      {"tombstone", {nullptr, Value{}}}};
  add_structs(cases);
  add_collections(cases);
  return cases;
}

std::string printable(std::string_view data) {
  std::string out;
  for (const char c : data) {
    if (c >= ' ' && c < '\x7F' && c != '\\') out += c;
    else out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string result_of(const Converter& converter, const Case& one) {
  StringOutput out;
  const auto some = converter.convert(one.schema, one.value, out);
  if (!some) return "error: " + some.error().text;
  return *some ? printable(out.written()) : "(null)";
}

// What a record plan gives must be the same bytes.
std::string compiled_result_of(const Converter& converter, const Case& one) {
  const auto compiled = converter.compile(Shape::of_constant(one.schema, one.value));
  if (!compiled) return "error: " + compiled.error().text;
  StringOutput out;
  const auto some = (*compiled)->write({}, out);
  if (!some) return "error: " + some.error().text;
  return *some ? printable(out.written()) : "(null)";
}

// `table`: "name | what Java gave" on each line.
void check(const Result<std::unique_ptr<Converter>>& converter, const std::string& table) {
  ASSERT_TRUE(converter) << converter.error().text;
  const std::map<std::string, Case> cases = all_cases();
  std::istringstream lines{table};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const auto bar = line.find(" | ");
    const Case& one = cases.at(line.substr(0, bar));
    const std::string expected = line.substr(bar + 3);
    EXPECT_EQ(result_of(**converter, one), expected) << line;
    if (one.schema != nullptr && !expected.starts_with("error: ")) {
      EXPECT_EQ(compiled_result_of(**converter, one), expected) << line;
    }
  }
}

TEST(ConverterOracle, SimpleHeaderConverter) {
  check(make_header_converter(k_header, Config{}), R"oracle(
boolean | true
int8 | -7
int16 | 300
int32 | 100000
int64 | -5000000000
float32 | 1.5
float64 | 1.0E10
nan | NaN
string | a"b\x5cc\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80
buffer | AAH/
decimal | -1.50
decimal neg scale | 1.2E+3
decimal small | 1E-9
date | 2022-01-08
time | 01:01:01.001Z
timestamp | 2024-02-29T00:00:00.123Z
date bc | 00:00:00.000Z
variable scale | {"scale":2,"value":"AQI="}
array | [1,null,3]
string array | ["a\x5c"","b\x5c\x5c",null,"","c\x0a"]
decimal array | [1.00,-2.25]
date array | [00:00:00.000Z,1970-01-02]
buffer array | ["AQ==","AgM="]
map | {"k\x5c"":"v","n":null}
struct | {"a":1,"b":null,"c":"d\x5c"v","n":{"x":3.25,"t":00:00:00.001Z},"dd":7.5}
struct all | {"a":1,"b":"x,y}","c":"","n":null,"dd":0.1}
null string | (null)
null int | (null)
null default | (null)
schemaless int | 5
schemaless string | x
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, StringConverter) {
  check(make_converter(k_string, Config{}), R"oracle(
boolean | true
int8 | -7
int16 | 300
int32 | 100000
int64 | -5000000000
float32 | 1.5
float64 | 1.0E10
nan | NaN
string | a"b\x5cc\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80
buffer | java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]
decimal | -1.50
decimal neg scale | 1.2E+3
decimal small | 1E-9
date | Sat Jan 08 00:00:00 UTC 2022
time | Thu Jan 01 01:01:01 UTC 1970
timestamp | Thu Feb 29 00:00:00 UTC 2024
date bc | Fri Jan 03 00:00:00 UTC 2
array | [1, null, 3]
string array | [a", b\x5c, null, , c\x0a]
decimal array | [1.00, -2.25]
date array | [Thu Jan 01 00:00:00 UTC 1970, Fri Jan 02 00:00:00 UTC 1970]
buffer array | [java.nio.HeapByteBuffer[pos=0 lim=1 cap=1], java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]]
map | {k"=v, n=null}
struct | Struct{a=1,n=Struct{x=3.25,t=Thu Jan 01 00:00:00 UTC 1970}}
struct all | Struct{a=1,b=x,y},c=,dd=0.1}
null string | (null)
null int | (null)
null default | (null)
schemaless int | 5
schemaless string | x
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, StringConverterInUtf16) {
  check(make_converter(k_string, Config{Options{{"converter.encoding", "UTF-16"}}}), R"oracle(
boolean | \xfe\xff\x00t\x00r\x00u\x00e
string | \xfe\xff\x00a\x00"\x00b\x00\x5c\x00c\x00\xe9 \xac\xd8=\xde\x00
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, StringConverterInLatin1) {
  check(make_converter(k_string, Config{Options{{"converter.encoding", "ISO-8859-1"}}}), R"oracle(
string | a"b\x5cc\xe9??
)oracle");
}

TEST(ConverterOracle, StringConverterInAscii) {
  check(make_converter(k_string, Config{Options{{"converter.encoding", "us-ascii"}}}), R"oracle(
string | a"b\x5cc???
)oracle");
}

TEST(ConverterOracle, ByteArrayConverter) {
  check(make_converter(k_connect + "ByteArrayConverter", Config{}), R"oracle(
boolean | error: Invalid schema type for ByteArrayConverter: BOOLEAN
int8 | error: Invalid schema type for ByteArrayConverter: INT8
int16 | error: Invalid schema type for ByteArrayConverter: INT16
int32 | error: Invalid schema type for ByteArrayConverter: INT32
int64 | error: Invalid schema type for ByteArrayConverter: INT64
float32 | error: Invalid schema type for ByteArrayConverter: FLOAT32
float64 | error: Invalid schema type for ByteArrayConverter: FLOAT64
nan | error: Invalid schema type for ByteArrayConverter: FLOAT64
string | error: Invalid schema type for ByteArrayConverter: STRING
buffer | \x00\x01\xff
decimal | error: ByteArrayConverter is not compatible with objects of type class java.math.BigDecimal
date | error: Invalid schema type for ByteArrayConverter: INT32
time | error: Invalid schema type for ByteArrayConverter: INT32
timestamp | error: Invalid schema type for ByteArrayConverter: INT64
variable scale | error: Invalid schema type for ByteArrayConverter: STRUCT
struct | error: Invalid schema type for ByteArrayConverter: STRUCT
null int | error: Invalid schema type for ByteArrayConverter: INT32
schemaless int | error: ByteArrayConverter is not compatible with objects of type class java.lang.Long
schemaless string | error: ByteArrayConverter is not compatible with objects of type class java.lang.String
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, BooleanConverter) {
  check(make_converter(k_connect + "BooleanConverter", Config{}), R"oracle(
boolean | \x01
int8 | error: Invalid schema type for BooleanConverter: INT8
int16 | error: Invalid schema type for BooleanConverter: INT16
int32 | error: Invalid schema type for BooleanConverter: INT32
int64 | error: Invalid schema type for BooleanConverter: INT64
float32 | error: Invalid schema type for BooleanConverter: FLOAT32
float64 | error: Invalid schema type for BooleanConverter: FLOAT64
nan | error: Invalid schema type for BooleanConverter: FLOAT64
string | error: Invalid schema type for BooleanConverter: STRING
buffer | error: Invalid schema type for BooleanConverter: BYTES
decimal | error: Invalid schema type for BooleanConverter: BYTES
date | error: Invalid schema type for BooleanConverter: INT32
time | error: Invalid schema type for BooleanConverter: INT32
timestamp | error: Invalid schema type for BooleanConverter: INT64
variable scale | error: Invalid schema type for BooleanConverter: STRUCT
struct | error: Invalid schema type for BooleanConverter: STRUCT
null int | error: Invalid schema type for BooleanConverter: INT32
schemaless int | error: BooleanConverter is not compatible with objects of type class java.lang.Long
schemaless string | error: BooleanConverter is not compatible with objects of type class java.lang.String
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, DoubleConverter) {
  check(make_converter(k_connect + "DoubleConverter", Config{}), R"oracle(
boolean | error: Failed to serialize to double (was class java.lang.Boolean): 
int8 | error: Failed to serialize to double (was class java.lang.Byte): 
int16 | error: Failed to serialize to double (was class java.lang.Short): 
int32 | error: Failed to serialize to double (was class java.lang.Integer): 
int64 | error: Failed to serialize to double (was class java.lang.Long): 
float32 | error: Failed to serialize to double (was class java.lang.Float): 
float64 | B\x02\xa0_ \x00\x00\x00
nan | \x7f\xf8\x00\x00\x00\x00\x00\x00
string | error: Failed to serialize to double (was class java.lang.String): 
buffer | error: Failed to serialize to double (was class java.nio.HeapByteBuffer): 
decimal | error: Failed to serialize to double (was class java.math.BigDecimal): 
date | error: Failed to serialize to double (was class java.util.Date): 
time | error: Failed to serialize to double (was class java.util.Date): 
timestamp | error: Failed to serialize to double (was class java.util.Date): 
variable scale | error: Failed to serialize to double (was class org.apache.kafka.connect.data.Struct): 
struct | error: Failed to serialize to double (was class org.apache.kafka.connect.data.Struct): 
null int | (null)
schemaless int | error: Failed to serialize to double (was class java.lang.Long): 
schemaless string | error: Failed to serialize to double (was class java.lang.String): 
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, FloatConverter) {
  check(make_converter(k_connect + "FloatConverter", Config{}), R"oracle(
boolean | error: Failed to serialize to float (was class java.lang.Boolean): 
int8 | error: Failed to serialize to float (was class java.lang.Byte): 
int16 | error: Failed to serialize to float (was class java.lang.Short): 
int32 | error: Failed to serialize to float (was class java.lang.Integer): 
int64 | error: Failed to serialize to float (was class java.lang.Long): 
float32 | ?\xc0\x00\x00
float64 | error: Failed to serialize to float (was class java.lang.Double): 
nan | error: Failed to serialize to float (was class java.lang.Double): 
string | error: Failed to serialize to float (was class java.lang.String): 
buffer | error: Failed to serialize to float (was class java.nio.HeapByteBuffer): 
decimal | error: Failed to serialize to float (was class java.math.BigDecimal): 
date | error: Failed to serialize to float (was class java.util.Date): 
time | error: Failed to serialize to float (was class java.util.Date): 
timestamp | error: Failed to serialize to float (was class java.util.Date): 
variable scale | error: Failed to serialize to float (was class org.apache.kafka.connect.data.Struct): 
struct | error: Failed to serialize to float (was class org.apache.kafka.connect.data.Struct): 
null int | (null)
schemaless int | error: Failed to serialize to float (was class java.lang.Long): 
schemaless string | error: Failed to serialize to float (was class java.lang.String): 
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, IntegerConverter) {
  check(make_converter(k_connect + "IntegerConverter", Config{}), R"oracle(
boolean | error: Failed to serialize to integer (was class java.lang.Boolean): 
int8 | error: Failed to serialize to integer (was class java.lang.Byte): 
int16 | error: Failed to serialize to integer (was class java.lang.Short): 
int32 | \x00\x01\x86\xa0
int64 | error: Failed to serialize to integer (was class java.lang.Long): 
float32 | error: Failed to serialize to integer (was class java.lang.Float): 
float64 | error: Failed to serialize to integer (was class java.lang.Double): 
nan | error: Failed to serialize to integer (was class java.lang.Double): 
string | error: Failed to serialize to integer (was class java.lang.String): 
buffer | error: Failed to serialize to integer (was class java.nio.HeapByteBuffer): 
decimal | error: Failed to serialize to integer (was class java.math.BigDecimal): 
date | error: Failed to serialize to integer (was class java.util.Date): 
time | error: Failed to serialize to integer (was class java.util.Date): 
timestamp | error: Failed to serialize to integer (was class java.util.Date): 
variable scale | error: Failed to serialize to integer (was class org.apache.kafka.connect.data.Struct): 
struct | error: Failed to serialize to integer (was class org.apache.kafka.connect.data.Struct): 
null int | (null)
schemaless int | error: Failed to serialize to integer (was class java.lang.Long): 
schemaless string | error: Failed to serialize to integer (was class java.lang.String): 
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, LongConverter) {
  check(make_converter(k_connect + "LongConverter", Config{}), R"oracle(
boolean | error: Failed to serialize to long (was class java.lang.Boolean): 
int8 | error: Failed to serialize to long (was class java.lang.Byte): 
int16 | error: Failed to serialize to long (was class java.lang.Short): 
int32 | error: Failed to serialize to long (was class java.lang.Integer): 
int64 | \xff\xff\xff\xfe\xd5\xfa\x0e\x00
float32 | error: Failed to serialize to long (was class java.lang.Float): 
float64 | error: Failed to serialize to long (was class java.lang.Double): 
nan | error: Failed to serialize to long (was class java.lang.Double): 
string | error: Failed to serialize to long (was class java.lang.String): 
buffer | error: Failed to serialize to long (was class java.nio.HeapByteBuffer): 
decimal | error: Failed to serialize to long (was class java.math.BigDecimal): 
date | error: Failed to serialize to long (was class java.util.Date): 
time | error: Failed to serialize to long (was class java.util.Date): 
timestamp | error: Failed to serialize to long (was class java.util.Date): 
variable scale | error: Failed to serialize to long (was class org.apache.kafka.connect.data.Struct): 
struct | error: Failed to serialize to long (was class org.apache.kafka.connect.data.Struct): 
null int | (null)
schemaless int | \x00\x00\x00\x00\x00\x00\x00\x05
schemaless string | error: Failed to serialize to long (was class java.lang.String): 
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, ShortConverter) {
  check(make_converter(k_connect + "ShortConverter", Config{}), R"oracle(
boolean | error: Failed to serialize to short (was class java.lang.Boolean): 
int8 | error: Failed to serialize to short (was class java.lang.Byte): 
int16 | \x01,
int32 | error: Failed to serialize to short (was class java.lang.Integer): 
int64 | error: Failed to serialize to short (was class java.lang.Long): 
float32 | error: Failed to serialize to short (was class java.lang.Float): 
float64 | error: Failed to serialize to short (was class java.lang.Double): 
nan | error: Failed to serialize to short (was class java.lang.Double): 
string | error: Failed to serialize to short (was class java.lang.String): 
buffer | error: Failed to serialize to short (was class java.nio.HeapByteBuffer): 
decimal | error: Failed to serialize to short (was class java.math.BigDecimal): 
date | error: Failed to serialize to short (was class java.util.Date): 
time | error: Failed to serialize to short (was class java.util.Date): 
timestamp | error: Failed to serialize to short (was class java.util.Date): 
variable scale | error: Failed to serialize to short (was class org.apache.kafka.connect.data.Struct): 
struct | error: Failed to serialize to short (was class org.apache.kafka.connect.data.Struct): 
null int | (null)
schemaless int | error: Failed to serialize to short (was class java.lang.Long): 
schemaless string | error: Failed to serialize to short (was class java.lang.String): 
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, JsonConverter) {
  check(make_converter(k_json, Config{Options{{"schemas.enable", "false"}}}), R"oracle(
boolean | true
int8 | -7
int16 | 300
int32 | 100000
int64 | -5000000000
float32 | 1.5
float64 | 1.0E10
nan | "NaN"
string | "a\x5c"b\x5c\x5cc\xc3\xa9\xe2\x82\xac\x5cuD83D\x5cuDE00"
buffer | "AAH/"
decimal | "/2o="
decimal neg scale | "DA=="
decimal small | "AQ=="
date | 19000
time | 3661001
timestamp | 1709164800123
date bc | -719893
variable scale | {"scale":2,"value":"AQI="}
array | [1,null,3]
string array | ["a\x5c"","b\x5c\x5c",null,"","c\x5cn"]
decimal array | ["ZA==","/x8="]
date array | [0,1]
buffer array | ["AQ==","AgM="]
map | {"k\x5c"":"v","n":null}
struct | {"a":1,"b":null,"c":"d\x5c"v","n":{"x":"AUU=","t":1},"dd":"Sw=="}
struct all | {"a":1,"b":"x,y}","c":"","n":null,"dd":"AQ=="}
null string | null
null int | null
null default | 5
schemaless int | 5
schemaless string | "x"
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, JsonConverterWithNumericDecimals) {
  check(make_converter(k_json, Config{Options{{"decimal.format", "numeric"}}}), R"oracle(
decimal | {"schema":{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"}},"payload":-1.50}
decimal neg scale | {"schema":{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"-2"}},"payload":1.2E+3}
decimal small | {"schema":{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"9"}},"payload":1E-9}
variable scale | {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"scale"},{"type":"bytes","optional":false,"field":"value"}],"optional":true,"name":"io.debezium.data.VariableScaleDecimal","version":1},"payload":{"scale":2,"value":"AQI="}}
decimal array | {"schema":{"type":"array","items":{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"}},"optional":false},"payload":[1.00,-2.25]}
struct | {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"},{"type":"string","optional":true,"field":"b"},{"type":"string","optional":true,"default":"d\x5c"v","field":"c"},{"type":"struct","fields":[{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"x"},{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"t"}],"optional":true,"field":"n"},{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"1"},"default":7.5,"field":"dd"}],"optional":false,"name":"s"},"payload":{"a":1,"b":null,"c":"d\x5c"v","n":{"x":3.25,"t":1},"dd":7.5}}
struct all | {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"},{"type":"string","optional":true,"field":"b"},{"type":"string","optional":true,"default":"d\x5c"v","field":"c"},{"type":"struct","fields":[{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"x"},{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"t"}],"optional":true,"field":"n"},{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"1"},"default":7.5,"field":"dd"}],"optional":false,"name":"s"},"payload":{"a":1,"b":"x,y}","c":"","n":null,"dd":0.1}}
null default | {"schema":{"type":"int32","optional":true,"default":5},"payload":5}
schemaless int | {"schema":null,"payload":5}
)oracle");
}

TEST(ConverterOracle, JsonConverterWithoutDefaults) {
  check(make_converter(k_json, Config{Options{{"decimal.format", "NUMERIC"}, {"replace.null.with.default", "false"}}}), R"oracle(
struct | {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"},{"type":"string","optional":true,"field":"b"},{"type":"string","optional":true,"default":"d\x5c"v","field":"c"},{"type":"struct","fields":[{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"x"},{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"t"}],"optional":true,"field":"n"},{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"1"},"default":7.5,"field":"dd"}],"optional":false,"name":"s"},"payload":{"a":1,"b":null,"c":null,"n":{"x":3.25,"t":1},"dd":null}}
null default | {"schema":{"type":"int32","optional":true,"default":5},"payload":null}
)oracle");
}

TEST(ConverterOracle, JsonConverterWithoutDefaultsAndSchemas) {
  check(make_converter(k_json, Config{Options{{"schemas.enable", "false"}, {"replace.null.with.default", "false"}}}), R"oracle(
nan | "NaN"
string | "a\x5c"b\x5c\x5cc\xc3\xa9\xe2\x82\xac\x5cuD83D\x5cuDE00"
decimal | "/2o="
struct | {"a":1,"b":null,"c":null,"n":{"x":"AUU=","t":1},"dd":null}
struct all | {"a":1,"b":"x,y}","c":"","n":null,"dd":"AQ=="}
null default | null
)oracle");
}

TEST(ConverterOracle, BinaryDataConverterThroughJson) {
  check(make_converter(k_debezium + "BinaryDataConverter", Config{Options{{"delegate.converter.type", std::string{k_json}}, {"delegate.converter.type.schemas.enable", "false"}}}), R"oracle(
boolean | true
int8 | -7
int16 | 300
int32 | 100000
int64 | -5000000000
float32 | 1.5
float64 | 1.0E10
nan | "NaN"
string | "a\x5c"b\x5c\x5cc\xc3\xa9\xe2\x82\xac\x5cuD83D\x5cuDE00"
buffer | \x00\x01\xff
decimal | "/2o="
date | 19000
time | 3661001
timestamp | 1709164800123
variable scale | {"scale":2,"value":"AQI="}
struct | {"a":1,"b":null,"c":"d\x5c"v","n":{"x":"AUU=","t":1},"dd":"Sw=="}
null int | null
schemaless int | 5
schemaless string | "x"
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, DebeziumByteArrayConverterThroughString) {
  check(make_converter(k_debezium + "ByteArrayConverter", Config{Options{{"delegate.converter.type", std::string{k_string}}}}), R"oracle(
boolean | true
int8 | -7
int16 | 300
int32 | 100000
int64 | -5000000000
float32 | 1.5
float64 | 1.0E10
nan | NaN
string | a"b\x5cc\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80
buffer | java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]
decimal | -1.50
date | Sat Jan 08 00:00:00 UTC 2022
time | Thu Jan 01 01:01:01 UTC 1970
timestamp | Thu Feb 29 00:00:00 UTC 2024
struct | Struct{a=1,n=Struct{x=3.25,t=Thu Jan 01 00:00:00 UTC 1970}}
null int | (null)
schemaless int | 5
schemaless string | x
tombstone | (null)
)oracle");
}

TEST(ConverterOracle, BytesThatJavaHoldsInAnArrayPrintTheirClass) {
  const SchemaPtr bits = shared({.type = Type::bytes, .name = "io.debezium.data.Bits", .version = 1, .parameters = {{"length", "5"}}});
  const auto text = make_converter(k_string, {});
  EXPECT_TRUE(result_of(**text, {bits, bytes("\x05")}).starts_with("[B@"));
  EXPECT_TRUE(result_of(**text, all_cases().at("variable scale")).starts_with("Struct{scale=2,value=[B@"));
  const auto debezium = make_converter(k_debezium + "ByteArrayConverter", {});
  EXPECT_EQ(result_of(**debezium, {bits, bytes("\x05")}), "\\x05");
  EXPECT_EQ(result_of(**debezium, all_cases().at("buffer")),
            "error: A record of type 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' requires a delegate.converter.type to be configured");
}

}  // namespace
}  // namespace millrace
