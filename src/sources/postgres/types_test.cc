// Expectations are what the real connector wrote (recordings pg-types*, pg-risk-*).
#include "sources/postgres/types.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sources/postgres/codec_test_text.h"

namespace millrace::postgres {
namespace {

const ValueModes k_double{.decimal = DecimalMode::real};
ValueModes text_mode() { return {.decimal = DecimalMode::text}; }

TEST(PostgresTypes, IntegersPassAsDigits) {
  EXPECT_EQ(Column{.type = 21}.schema(), "int16?");
  EXPECT_EQ(Column{.type = 23}.schema(), "int32?");
  EXPECT_EQ((Column{.type = 20, .optional = false}.schema()), "int64");
  EXPECT_EQ(Column{.type = 26}.schema(), "int64?");
  EXPECT_EQ(Column{.type = 20}.value("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Column{.type = 26}.value("4294967295"), "4294967295");
  const ColumnCodec codec = Column{.type = 23}.codec();
  Scratch scratch;
  EXPECT_EQ(codec.decode(codec, "-2147483648", scratch)->kind, Datum::Kind::digits);
}

TEST(PostgresTypes, TextThatIsNoIntegerNamesTypeAndShortenedValue) {
  for (const char* text : {"", "-", "+1", "01", "-0", "1 ", "1e3", "2147483648", "-2147483649", "99999999999"})
    EXPECT_TRUE(Column{.type = 23}.value(text).starts_with("error: column 'c': '")) << text;
  EXPECT_EQ(Column{.type = 23}.value("12345678901234567890123456789012345678901234567890"),
            "error: column 'c': '1234567890123456789012345678901234567890...' is no text of type int4");
}

TEST(PostgresTypes, BooleansAndFloats) {
  EXPECT_EQ(Column{.type = 16}.schema(), "boolean?");
  EXPECT_EQ(Column{.type = 16}.value("t"), "true");
  EXPECT_EQ(Column{.type = 16}.value("f"), "false");
  EXPECT_EQ(Column{.type = 700}.schema(), "float?");
  EXPECT_EQ(Column{.type = 700}.value("3.4028235e+38"), "3.4028235E38");
  EXPECT_EQ(Column{.type = 700}.value("1e-45"), "1.4E-45");
  EXPECT_EQ(Column{.type = 701}.schema(), "double?");
  EXPECT_EQ(Column{.type = 701}.value("-0"), "-0.0");
  EXPECT_EQ(Column{.type = 701}.value("NaN"), "NaN");
  EXPECT_EQ(Column{.type = 701}.value("-Infinity"), "-Infinity");
  EXPECT_TRUE(Column{.type = 701}.value("1.5x").starts_with("error"));
}

TEST(PostgresTypes, DecimalsArePreciseByDefault) {
  const Column column{.type = 1700, .typmod = numeric_typmod(10, 4)};
  EXPECT_EQ(column.schema(),
            "bytes? org.apache.kafka.connect.data.Decimal/1 {scale=4} {connect.decimal.precision=10}");
  EXPECT_EQ(column.value("123456.7891"), "b:SZYC0w==");
  EXPECT_EQ(column.value("-999999.9999"), "b:/av0HAE=");
  EXPECT_EQ(column.value("0.0000"), "b:AA==");
  EXPECT_EQ(column.value("-3.2768"), "b:gAA=");
  EXPECT_EQ((Column{.type = 1700, .typmod = numeric_typmod(38, 0)}.value("12345678901234567890123456789012345678")),
            "b:CUmw9vACMxPESZBQ3jjzTg==");
  EXPECT_TRUE(column.value("12x").starts_with("error"));
}

TEST(PostgresTypes, VariableScaleDecimals) {
  const Column column{.type = 1700};
  EXPECT_EQ(column.schema(), "struct<scale int32, value bytes>? io.debezium.data.VariableScaleDecimal/1"
                             " doc=Variable scaled decimal");
  EXPECT_EQ(column.value("123.456"), "(scale=3,value=b:AeJA)");
  EXPECT_EQ(column.value("0.000"), "(scale=0,value=b:AA==)");
  EXPECT_EQ(column.value("100"), "(scale=0,value=b:ZA==)");
  EXPECT_EQ(column.value("12345678901234567890.5"), "(scale=1,value=b:BrFOn4EvNmw5)");
  EXPECT_EQ(column.value("0.00000000000000000001"), "(scale=20,value=b:AQ==)");
}

TEST(PostgresTypes, DecimalsAsDoubleAndText) {
  EXPECT_EQ((Column{.type = 1700, .modes = k_double}.schema()), "double?");
  EXPECT_EQ((Column{.type = 1700, .modes = k_double}.value("1" + std::string(1000, '0'))), "Infinity");
  EXPECT_EQ((Column{.type = 1700, .modes = k_double}.value("0." + std::string(999, '0') + "1")), "0.0");
  EXPECT_EQ((Column{.type = 1700, .typmod = numeric_typmod(5, -2), .modes = k_double}.value("12300")), "12300.0");
  EXPECT_EQ((Column{.type = 1700, .modes = text_mode()}.schema()), "string?");
  EXPECT_EQ((Column{.type = 1700, .typmod = numeric_typmod(10, 2), .modes = text_mode()}.value("1.00")), "\"1.00\"");
  EXPECT_EQ((Column{.type = 1700, .typmod = numeric_typmod(5, -2), .modes = text_mode()}.value("12300")),
            "\"12300." + std::string(2046, '0') + "\"");
}

TEST(PostgresTypes, SpecialDecimals) {
  EXPECT_EQ((Column{.type = 1700, .modes = k_double}.value("NaN")), "NaN");
  EXPECT_EQ((Column{.type = 1700, .modes = k_double}.value("-Infinity")), "-Infinity");
  EXPECT_EQ((Column{.type = 1700, .modes = text_mode()}.value("NaN")), "\"NAN\"");
  EXPECT_EQ((Column{.type = 1700, .modes = text_mode()}.value("Infinity")), "\"POSITIVE_INFINITY\"");
  EXPECT_EQ(Column{.type = 1700}.value("NaN"), "null");
  EXPECT_EQ((Column{.type = 1700, .typmod = numeric_typmod(10, 2)}.value("NaN")), "null");
  EXPECT_EQ((Column{.type = 1700, .optional = false}.value("NaN")), "null");   // ChangeWriter sees to it
}

TEST(PostgresTypes, ANegativeScaleIsMisreadAsTheDriverDoes) {
  const Column column{.type = 1700, .typmod = numeric_typmod(5, -2)};
  EXPECT_EQ(column.schema(),
            "bytes? org.apache.kafka.connect.data.Decimal/1 {scale=2046} {connect.decimal.precision=5}");
  EXPECT_EQ(column.value("12300"), "b:" + base64(*unscaled_bytes("12300", 2046)));
}

TEST(PostgresTypes, DomainsHaveTheirRootsScale) {
  EXPECT_EQ(Column{.type = test_oid::numeric_domain_domain}.schema(),
            "bytes? org.apache.kafka.connect.data.Decimal/1 {scale=3} {connect.decimal.precision=8}");
  EXPECT_EQ(Column{.type = test_oid::numeric_domain_domain}.value("1.500"), "b:Bdw=");
}

TEST(PostgresTypes, ADomainOverAnEnumIsTheEnum) {
  EXPECT_EQ(Column{.type = test_oid::mood_domain}.schema(), Column{.type = test_oid::mood}.schema());
  EXPECT_EQ(Column{.type = test_oid::mood_domain}.value("ok"), "\"ok\"");
}

TEST(PostgresTypes, MoneyOfTheSnapshotGoesThroughADouble) {
  const Column streamed{.type = 790};
  const Column snapshot{.type = 790, .phase = Phase::snapshot};
  EXPECT_EQ(streamed.schema(), "bytes? org.apache.kafka.connect.data.Decimal/1 {scale=2}");
  EXPECT_EQ(streamed.value("$12.34"), "b:BNI=");
  EXPECT_EQ(streamed.value("-$92,233,720,368,547,758.08"), "b:gAAAAAAAAAA=");
  EXPECT_EQ(snapshot.value("-$92,233,720,368,547,758.08"), "b:/3////////9A");
  EXPECT_EQ(snapshot.value("$92,233,720,368,547,758.07"), "b:AIAAAAAAAADA");
  EXPECT_EQ(streamed.value("($1.28)"), "b:gA==");
  EXPECT_EQ((Column{.type = 790, .modes = text_mode()}.value("$1,000,000.00")), "\"1000000.00\"");
  EXPECT_EQ((Column{.type = 790, .phase = Phase::snapshot, .modes = text_mode()}.value("$1,000,000.00")),
            "\"1000000.0\"");
  EXPECT_EQ((Column{.type = 790, .phase = Phase::snapshot, .modes = text_mode()}.value("-$92,233,720,368,547,758.08")),
            "\"-9.223372036854776E16\"");
  EXPECT_EQ((Column{.type = 790, .modes = k_double}.value("-$0.01")), "-0.01");
  ValueModes no_cents;
  no_cents.money_fraction_digits = 0;
  EXPECT_EQ((Column{.type = 790, .modes = no_cents}.value("-$99.50")), "b:nA==");   // half up: -100
  for (const char* text : {"", "-", "$", "($", "$1.2.3", "1x"}) EXPECT_TRUE(streamed.value(text).starts_with("error")) << text;
}

TEST(PostgresTypes, TextsPassAsTheyAre) {
  for (const std::uint32_t type : {25u, 1043u, 1042u, 18u, 869u, 650u, 829u, 774u, 3904u, 3910u, std::uint32_t{test_oid::citext}}) {
    EXPECT_EQ(Column{.type = type}.schema(), "string?") << type;
    EXPECT_EQ(Column{.type = type}.value("ab  "), "\"ab  \"") << type;
  }
  EXPECT_EQ(Column{.type = 114}.schema(), "string? io.debezium.data.Json/1");
  EXPECT_EQ(Column{.type = 3802}.schema(), "string? io.debezium.data.Json/1");
  EXPECT_EQ(Column{.type = 142}.schema(), "string? io.debezium.data.Xml/1");
  EXPECT_EQ(Column{.type = 2950}.schema(), "string? io.debezium.data.Uuid/1");
  EXPECT_EQ(Column{.type = test_oid::ltree}.schema(), "string? io.debezium.data.Ltree/1");
  EXPECT_EQ(Column{.type = test_oid::mood}.schema(),
            "string? io.debezium.data.Enum/1 {allowed=sad,ok,very \"happy\",na\xC3\xAFve}");
}

TEST(PostgresTypes, AStreamedNameIsLost) {
  EXPECT_EQ((Column{.type = 19, .phase = Phase::snapshot}.value("n")), "\"n\"");
  EXPECT_EQ(Column{.type = 19}.value("n"), "null");
  EXPECT_EQ((Column{.type = 19, .modes = {.include_unknown = true}}.value("n")), "\"n\"");
  EXPECT_EQ((Column{.type = 19, .optional = false}.value("n")), "\"\"");
}

TEST(PostgresTypes, ByteaInEachMode) {
  const auto mode = [](BinaryMode binary) { return ValueModes{.binary = binary}; };
  EXPECT_EQ(Column{.type = 17}.schema(), "bytes?");
  EXPECT_EQ(Column{.type = 17}.value("\\xdeadbeef00ff"), "b:3q2+7wD/");
  EXPECT_EQ(Column{.type = 17}.value("a\\\\b\\001"), "b:" + base64({"a\\b\x01", 4}));
  EXPECT_EQ((Column{.type = 17, .modes = mode(BinaryMode::hex)}.schema()), "string?");
  EXPECT_EQ((Column{.type = 17, .modes = mode(BinaryMode::hex)}.value("\\xdeadbeef00ff")), "\"deadbeef00ff\"");
  EXPECT_EQ((Column{.type = 17, .modes = mode(BinaryMode::base64)}.value("\\xfbff")), "\"+/8=\"");
  EXPECT_EQ((Column{.type = 17, .modes = mode(BinaryMode::base64_url_safe)}.value("\\xfbff")), "\"-_8=\"");
  for (const char* text : {"\\x1", "\\xzz", "\\", "\\1", "\\9999"})
    EXPECT_TRUE(Column{.type = 17}.value(text).starts_with("error")) << text;
}

TEST(PostgresTypes, BitStringsAreLittleEndianWithoutPadding) {
  EXPECT_EQ((Column{.type = 1560, .typmod = 1}.schema()), "boolean?");
  EXPECT_EQ((Column{.type = 1560, .typmod = 1}.value("1")), "true");
  EXPECT_EQ((Column{.type = 1560, .typmod = 9}.schema()), "bytes? io.debezium.data.Bits/1 {length=9}");
  EXPECT_EQ((Column{.type = 1560, .typmod = 9}.value("101000010")), "b:QgE=");
  EXPECT_EQ((Column{.type = 1560, .typmod = 8}.value("00000000")), "b:");
  EXPECT_EQ(Column{.type = 1562}.schema(), "bytes? io.debezium.data.Bits/1 {length=2147483647}");
  EXPECT_EQ(Column{.type = 1562}.value("1011"), "b:Cw==");
  EXPECT_EQ(Column{.type = 1562}.value(""), "b:");
  EXPECT_EQ((Column{.type = 1562, .typmod = 1}.value("1")), "true");
  EXPECT_EQ((Column{.type = 1562, .typmod = 1}.value("")), "null");
  EXPECT_EQ((Column{.type = 1562, .typmod = 1, .phase = Phase::snapshot}.value("1")), "null");
  EXPECT_TRUE(Column{.type = 1562}.value("1021").starts_with("error"));
}

TEST(PostgresTypes, UnknownTypesAreLeftOutOrRawBytes) {
  ValueModes raw;
  raw.include_unknown = true;
  EXPECT_EQ(Column{.type = 3614}.schema(), "none");
  EXPECT_EQ((Column{.type = 3614, .modes = raw}.schema()), "bytes?");
  EXPECT_EQ((Column{.type = 3614, .modes = raw}.value("'a' 'b'")), "b:" + base64("'a' 'b'"));
  EXPECT_EQ((Column{.type = 718, .modes = raw}.value("<(1,2),3>")), "b:PCgxLjAsMi4wKSwzLjA+");
  EXPECT_EQ((Column{.type = 603, .modes = raw}.value("(3,4),(1,2)")), "b:KDMuMCw0LjApLCgxLjAsMi4wKQ==");
  EXPECT_EQ((Column{.type = 1790, .phase = Phase::snapshot, .modes = raw}.value("cursor 1")), "b:" + base64("cursor 1"));
  EXPECT_EQ(Column{.type = 4'000'000}.schema(), "none");   // no such type
  ValueModes hex = raw;
  hex.binary = BinaryMode::hex;
  EXPECT_EQ((Column{.type = 3614, .modes = hex}.value("ab")), "\"6162\"");
}

TEST(PostgresTypes, RequiredColumnsFallBackToTheirTypesZero) {
  const auto fallback = [](std::uint32_t type) { return Column{.type = type, .optional = false}.fallback(); };
  EXPECT_EQ(fallback(23), "0");
  EXPECT_EQ(fallback(25), "\"\"");
  EXPECT_EQ(fallback(16), "false");
  EXPECT_EQ(fallback(1114), "0");
  EXPECT_EQ(fallback(1184), "\"1970-01-01T00:00:00Z\"");
  EXPECT_EQ(fallback(1266), "\"00:00:00Z\"");
  EXPECT_EQ(fallback(17), "b:");
  EXPECT_EQ(fallback(1007), "[]");
  EXPECT_EQ(fallback(1700), "(scale=0,value=b:AA==)");
  EXPECT_EQ(fallback(test_oid::hstore), "\"{}\"");
  EXPECT_EQ(fallback(600), "(x=0.0,y=0.0,wkb=b:AQEAAAAAAAAAAAAAAAAAAAAAAAAA,srid=null)");
  EXPECT_EQ((Column{.type = 790, .optional = false, .modes = text_mode()}.fallback()), "\"0\"");
  EXPECT_EQ(Column{.type = 23}.fallback(), "null");
  EXPECT_EQ((Column{.type = 23, .optional = false, .default_expression = "7"}.fallback()), "7");
}

TEST(PostgresTypes, UnchangedToastValuesHaveAPlaceholder) {
  const auto unavailable = [](std::uint32_t type, const ValueModes& modes = {}) {
    return Column{.type = type, .modes = modes}.unavailable();
  };
  const std::string quoted = "\"__debezium_unavailable_value\"";
  EXPECT_EQ(unavailable(25), quoted);
  EXPECT_EQ(unavailable(3802), quoted);
  EXPECT_EQ(unavailable(17), "b:X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==");
  EXPECT_EQ(unavailable(17, {.binary = BinaryMode::hex}), quoted);
  EXPECT_EQ(unavailable(17, {.binary = BinaryMode::base64}), "null");
  EXPECT_EQ(unavailable(1009), "[" + quoted + "]");
  EXPECT_TRUE(unavailable(1007).starts_with("[95,95,100,101,98,101,122,105,117,109,95,"));
  EXPECT_TRUE(unavailable(1182).starts_with("[95,95,100,"));
  EXPECT_EQ(unavailable(1182, {.time = TimePrecision::connect}), "null");
  EXPECT_EQ(unavailable(2951), "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]");
  EXPECT_EQ(unavailable(test_oid::hstore), "\"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}\"");
  EXPECT_EQ(unavailable(1700), "null");
  EXPECT_EQ(unavailable(1001, {.binary = BinaryMode::hex}), "null");
  EXPECT_EQ(unavailable(1001), "[b:X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==]");
  EXPECT_EQ(unavailable(3614, {.include_unknown = true}), "b:X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==");
  EXPECT_EQ(unavailable(3614, {.binary = BinaryMode::hex, .include_unknown = true}), quoted);
  EXPECT_EQ(unavailable(3614, {.binary = BinaryMode::base64, .include_unknown = true}), "null");
}

TEST(PostgresTypes, UnchangedToastValuesOfDomains) {
  const auto unavailable = [](std::uint32_t type, const ValueModes& modes = {}) {
    return Column{.type = type, .modes = modes}.unavailable();
  };
  EXPECT_EQ(unavailable(test_oid::hstore_domain), "\"__debezium_unavailable_value\"");
  EXPECT_EQ(unavailable(test_oid::hstore_domain, {.hstore_as_map = true}), "null");
  EXPECT_EQ(unavailable(test_oid::text_array_domain), "null");
}

TEST(PostgresTypes, ModesAreReadFromTheConfiguration) {
  const ValueModes modes = value_modes(Config{{{"decimal.handling.mode", " STRING "},
                                               {"time.precision.mode", "Connect "},
                                               {"interval.handling.mode", "string"},
                                               {"hstore.handling.mode", "map"},
                                               {"binary.handling.mode", "base64-url-safe"},
                                               {"money.fraction.digits", "4"},
                                               {"include.unknown.datatypes", "true"},
                                               {"unavailable.value.placeholder", "hex:4a4B"}}});
  EXPECT_EQ(modes.decimal, DecimalMode::text);
  EXPECT_EQ(modes.time, TimePrecision::connect);
  EXPECT_TRUE(modes.interval_as_text);
  EXPECT_TRUE(modes.hstore_as_map);
  EXPECT_EQ(modes.binary, BinaryMode::base64_url_safe);
  EXPECT_EQ(modes.money_fraction_digits, 4);
  EXPECT_TRUE(modes.include_unknown);
  EXPECT_EQ(modes.unavailable, "JK");
  EXPECT_EQ(value_modes(Config{}).unavailable, "__debezium_unavailable_value");
}

TEST(PostgresTypes, ScratchStaysInPlaceUntilReset) {
  Scratch scratch;
  char* const first = scratch.bytes(10);
  std::fill(first, first + 10, 'x');
  for (int i = 0; i < 100; ++i) scratch.bytes(1000);
  EXPECT_EQ((std::string_view{first, 10}), "xxxxxxxxxx");
  scratch.reset();
  EXPECT_NE(scratch.bytes(64 * 1024), nullptr);
  scratch.reset();
  EXPECT_NE(scratch.bytes(1), nullptr);
}

// The unscaled bytes read back are the number that was written.
RC_GTEST_PROP(PostgresTypes, DecimalsReadBack, (std::int64_t unscaled)) {
  const int scale = *rc::gen::inRange(0, 19);
  const std::string text = decimal_text(*unscaled_bytes(std::to_string(unscaled), 0), 0);
  std::string digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() <= static_cast<std::size_t>(scale)) digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  const std::string printed = (unscaled < 0 ? "-" : "") + digits;
  RC_ASSERT((Column{.type = 1700, .typmod = numeric_typmod(38, scale)}.value(printed)) ==
            "b:" + base64(*unscaled_bytes(std::to_string(unscaled), 0)));
}

}  // namespace
}  // namespace millrace::postgres
