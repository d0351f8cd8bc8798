#include "sources/postgres/column_mapping.h"

#include <gtest/gtest.h>

#include <map>

#include "sources/postgres/codec_test_text.h"

namespace millrace::postgres {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

TypeRegistry& types_with_domains() {
  static TypeRegistry registry = [] {
    TypeRegistry out = builtin_types();
    out.add({.oid = 20'001, .name = "omood", .schema = "o", .on_path = false, .kind = 'e', .labels = {"sad"}});
    out.add({.oid = 20'002, .name = "dv", .schema = "public", .kind = 'd', .base = 1043, .base_typmod = 9});
    out.add({.oid = 20'003, .name = "dn", .schema = "public", .kind = 'd', .base = 1700});
    out.add({.oid = 20'004, .name = "dts", .schema = "public", .kind = 'd', .base = 1114, .base_typmod = 3});
    out.add({.oid = 22, .name = "int2vector", .schema = "pg_catalog", .element = 21});
    out.add({.oid = 30, .name = "oidvector", .schema = "pg_catalog", .element = 26});
    return out;
  }();
  return registry;
}

std::string told(const ColumnFacts& facts, Phase phase) {
  const ColumnSourceType type = source_type_of(facts, types_with_domains(), phase);
  return type.name + " " + std::to_string(type.length) + (type.scale ? " " + std::to_string(*type.scale) : "") +
         (type.characters ? " characters" : "");
}
std::string told_in_snapshot(std::uint32_t type, std::int32_t typmod = -1) { return told({.type_oid = type, .typmod = typmod}, Phase::snapshot); }
std::string told_in_stream(std::uint32_t type, std::int32_t typmod = -1) { return told({.type_oid = type, .typmod = typmod}, Phase::streaming); }

struct TypeCase {
  std::uint32_t type;
  std::int32_t typmod;
  const char* told;   // the same in snapshot and stream
};

// As the real connector printed them.
constexpr TypeCase k_types[] = {
    {23, -1, "int4 10 0"}, {20, -1, "int8 19 0"}, {21, -1, "int2 5 0"}, {25, -1, "text 2147483647 0 characters"},
    {18, -1, "char 1 0 characters"}, {1042, 11, "bpchar 7 0 characters"}, {1042, 5, "bpchar 1 0 characters"},
    {19, -1, "name 2147483647 0 characters"}, {1043, 7, "varchar 3 0 characters"}, {1043, -1, "varchar 2147483647 0 characters"},
    {142, -1, "xml 2147483647 0"}, {114, -1, "json 2147483647 0"}, {2950, -1, "uuid 2147483647 0"}, {1009, -1, "_text 2147483647 0"},
    {test_oid::mood, -1, "mood 2147483647 0 characters"}, {20'002, -1, "dv 5 0 characters"}, {1700, numeric_typmod(10, 2), "numeric 10 2"},
    {1700, numeric_typmod(8, 0), "numeric 8 0"}, {790, -1, "money 2147483647 0"}, {test_oid::citext, -1, "citext 2147483647 0"},
    {20'003, -1, "dn 131089 0"}, {test_oid::numeric_domain, -1, "dnum 8 3"}, {test_oid::numeric_domain_domain, -1, "ddnum 8 3"},
    {20'004, -1, "dts 26 3"}, {1231, -1, "_numeric 131089 0"}, {1231, numeric_typmod(4, 1), "_numeric 4 1"}, {1015, 13, "_varchar 9 0"},
    {1083, 0, "time 8 0"}, {1083, 1, "time 11 1"}, {1083, -1, "time 15 6"}, {1266, 2, "timetz 17 2"}, {1114, 1, "timestamp 25 1"},
    {1184, 4, "timestamptz 33 4"}, {1082, -1, "date 13 0"}, {1186, -1, "interval 49 6"}, {1186, 0x7FFF0003, "interval 49 3"},
    {1186, 0x0006FFFF, "interval 49 65535"}, {1560, 4, "bit 4 0"}, {1562, 6, "varbit 6 0"}, {1562, -1, "varbit 2147483647 0"},
    {700, -1, "float4 8 8"}, {701, -1, "float8 17 17"}, {26, -1, "oid 10 0"}, {16, -1, "bool 1 0"}, {1115, 2, "_timestamp 25 2"},
    {1561, 3, "_bit 3 0"}, {1005, -1, "_int2 5 0"}, {22, -1, "int2vector 2147483647 0"}, {30, -1, "oidvector 2147483647 0"},
};

TEST(ColumnSourceType, LengthsAndScales) {
  for (const TypeCase& c : k_types) {
    EXPECT_EQ(told_in_snapshot(c.type, c.typmod), c.told);
    EXPECT_EQ(told_in_stream(c.type, c.typmod), c.told);
  }
}

TEST(ColumnSourceType, SnapshotAndStreamTellSomeOtherwise) {
  EXPECT_EQ(told_in_snapshot(1700), "numeric 0");
  EXPECT_EQ(told_in_stream(1700), "numeric 131089 0");
  EXPECT_EQ(told_in_snapshot(20'001), "\"o\".\"omood\" 2147483647 0 characters");
  EXPECT_EQ(told_in_stream(20'001), "omood 2147483647 0 characters");
  const auto counted = [](std::uint32_t type) { return ColumnFacts{.type_oid = type, .default_expression = "nextval('s'::regclass)"}; };
  EXPECT_EQ(told(counted(23), Phase::snapshot), "serial 10 0");
  EXPECT_EQ(told(counted(20), Phase::snapshot), "bigserial 19 0");
  EXPECT_EQ(told(counted(21), Phase::snapshot), "smallserial 5 0");
  EXPECT_EQ(told(counted(23), Phase::streaming), "int4 10 0");
  EXPECT_EQ(told_in_snapshot(99'999), " -1");
}

// What the options make of column c of table public.t: its schema, then the texts, null, and an unchanged TOAST value.
std::string mapped(Entries options, Column column, const std::vector<std::string_view>& texts, std::string_view name = "c") {
  const auto mapping = ColumnMapping::create(Config{std::move(options)});
  if (!mapping) return mapping.error().text;
  const ColumnFacts facts{.name = std::string{name}, .type_oid = column.type, .typmod = column.typmod, .optional = column.optional,
                          .default_expression = column.default_expression};
  ColumnCodec codec = make_codec(facts, types_with_domains(), column.modes, column.phase);
  const auto applied = mapping->apply("public.t", facts, types_with_domains(), column.phase, codec);
  if (!applied) return applied.error().text;
  std::string out = *applied ? text_of(codec.schema) : "untouched";
  Scratch scratch;
  for (const std::string_view text : texts) {
    const auto datum = codec.decode(codec, text, scratch);
    out += "; " + (datum ? text_of(value_of(*datum, *codec.schema)) : datum.error().text);
  }
  return out + "; " + text_of(value_of(codec.fallback, *codec.schema)) + "; " + text_of(value_of(codec.unavailable, *codec.schema));
}

TEST(ColumnMapping, Truncates) {
  const Entries three{{"column.truncate.to.3.chars", "PUBLIC.t.c"}};
  EXPECT_EQ(mapped(three, {.type = 25}, {"abcd", "abc", "", "ab\U0001F600", "a\U0001F600", "a\u00E9\u00E9\u00E9"}),
            "string? {truncateLength=3}; \"abc\"; \"abc\"; \"\"; \"ab\xED\xA0\xBD\"; \"a\U0001F600\"; \"a\u00E9\u00E9\"; null; \"__d\"");
  EXPECT_EQ(mapped(three, {.type = 25, .optional = false, .default_expression = "'hello'::text"}, {}),
            "string {truncateLength=3} =\"hello\"; \"hel\"; \"__d\"");
  EXPECT_EQ(mapped(three, {.type = 20}, {"12345"}), "int64? {truncateLength=3}; 12345; null; null");
  EXPECT_EQ(mapped(three, {.type = 1043, .typmod = 7}, {"abc"}), "string?; \"abc\"; null; \"__debezium_unavailable_value\"");
  EXPECT_EQ(mapped(three, {.type = 1700, .modes = {.decimal = DecimalMode::text}}, {"123.5"}).substr(0, 36), "string? {truncateLength=3}; \"123\"; n");
  EXPECT_EQ(mapped({{"column.truncate.to.0.chars", ".*"}}, {.type = 25}, {"abc"}), "string? {truncateLength=0}; \"\"; null; \"\"");
}

TEST(ColumnMapping, MasksCharactersOnlyAndNullToo) {
  const Entries two{{"column.mask.with.2.chars", "public.t.c"}};
  EXPECT_EQ(mapped(two, {.type = 25}, {"abcd", ""}), "string? {masked=true}; \"**\"; \"**\"; \"**\"; \"**\"");
  EXPECT_EQ(mapped(two, {.type = 19, .phase = Phase::streaming}, {"n"}), "string? {masked=true}; \"**\"; \"**\"; \"**\"");
  EXPECT_EQ(mapped(two, {.type = 114}, {"{}"}), "string? io.debezium.data.Json/1 {masked=true}; \"{}\"; null; \"__debezium_unavailable_value\"");
  EXPECT_EQ(mapped(two, {.type = 23}, {"7"}), "int32? {masked=true}; 7; null; null");
  EXPECT_EQ(mapped({{"column.mask.with.0.chars", "public.t.c"}}, {.type = 1043}, {"abcd"}), "string? {masked=true}; \"\"; \"\"; \"\"");
}

TEST(ColumnMapping, HashesAreCutToTheColumn) {
  EXPECT_EQ(mapped({{"column.mask.hash.SHA-512.with.salt.s.alt", "public.t.c"}}, {.type = 1043, .typmod = 24}, {"h2"}).substr(0, 53),
            "string? {masked=true}; \"cdb464f9151e84a944dc\"; null; ");
  const std::string required = mapped({{"column.mask.hash.v2.SHA3-256.with.salt.\u00E9", "public.t.c"}}, {.type = 25, .optional = false}, {"g1\u00E9\U0001F600"});
  EXPECT_TRUE(required.starts_with("string {masked=true}; \"b7ba8376aac48c00b2aa3632ad5a9ecef6ef7330c9f0d9423b30d201e80601ae\"; "
                                   "\"9e9bf67e95b10ed4ce3fa9481ac0158a0e71ad67bf7904855258f161fb9dd648\"; ")) << required;
  EXPECT_EQ(mapped({{"column.mask.hash.MD5.with.salt.x", "public.t.c"}}, {.type = 19, .phase = Phase::streaming}, {"n"}).substr(0, 35),
            "string? {masked=true}; null; null; ");
  EXPECT_NE(mapped({{"column.mask.hash.MD9.with.salt.x", "public.t.c"}}, {.type = 25}, {}).find("MD9 MessageDigest not available"), std::string::npos);
  EXPECT_EQ(mapped({{"column.mask.hash.MD9.with.salt.x", "public.t.c"}}, {.type = 23}, {}), "int32? {masked=true}; null; null");
}

TEST(ColumnMapping, APlaceholderOfBytesIsHashedAsItsText) {
  const Column column{.type = 25, .modes = {.unavailable = std::string{"\0\xFF" "A", 3}}};
  EXPECT_EQ(mapped({{"column.mask.hash.v2.MD5.with.salt.s", "public.t.c"}}, column, {}),
            "string? {masked=true}; null; \"b32c01ffffe25ea83dc30238177062a6\"");
}

TEST(ColumnMapping, TellsTheSourceTypeBehindOtherParameters) {
  EXPECT_EQ(mapped({{"column.propagate.source.type", ".*"}}, {.type = 1700, .typmod = numeric_typmod(10, 2)}, {}),
            "bytes? org.apache.kafka.connect.data.Decimal/1 {scale=2} {connect.decimal.precision=10} "
            "{__debezium.source.column.type=NUMERIC} {__debezium.source.column.length=10} {__debezium.source.column.scale=2} "
            "{__debezium.source.column.name=c}; null; null");
  const Entries by_type{{"datatype.propagate.source.type", R"(.+\.serial)"}};
  const Column counted{.type = 23, .phase = Phase::snapshot, .default_expression = "nextval('s'::regclass)"};
  EXPECT_EQ(mapped(by_type, counted, {}).substr(0, 48), "int32? {__debezium.source.column.type=SERIAL} {_");
  Column streaming = counted;
  streaming.phase = Phase::streaming;
  EXPECT_EQ(mapped(by_type, streaming, {}), "untouched; null; null");
}

TEST(ColumnMapping, TheFirstRuleIsTheOnlyOne) {
  Entries all{{"column.mask.hash.v2.MD5.with.salt.x", ".*"}, {"column.mask.hash.MD5.with.salt.x", ".*"},
              {"datatype.propagate.source.type", ".*"}, {"column.propagate.source.type", ".*"}, {"column.mask.with.1.chars", ".*"},
              {"column.truncate.to.1.chars", ".*"}};
  const auto schema = [&all] { return mapped(all, {.type = 25}, {}).substr(0, 30); };
  EXPECT_EQ(schema(), "string? {truncateLength=1}; nu");
  all.erase("column.truncate.to.1.chars");
  EXPECT_EQ(schema(), "string? {masked=true}; \"*\"; \"*");
  all.erase("column.mask.with.1.chars");
  EXPECT_EQ(schema(), "string? {__debezium.source.col");
  all.erase("column.propagate.source.type");
  EXPECT_EQ(schema(), "string? {__debezium.source.col");
  all.erase("datatype.propagate.source.type");
  const std::string serialized = mapped(all, {.type = 25}, {"a"});
  all.erase("column.mask.hash.MD5.with.salt.x");
  EXPECT_NE(serialized, mapped(all, {.type = 25}, {"a"}));
}

TEST(ColumnMapping, APatternThatCannotBeMatchedMasks) {
  const std::string name(60, 'a');   // so many ways to try that the search is given up
  EXPECT_EQ(mapped({{"column.mask.with.2.chars", R"(public\.t\.(a*a*a*a*a*)*b)"}}, {.type = 25}, {"abcd"}, name),
            "string? {masked=true}; \"**\"; \"**\"; \"**\"");
}

// A truncation that is not possible is a rule all the same.
TEST(ColumnMapping, OptionsThatAreNone) {
  for (const char* name : {"column.truncate.to.99999999999.chars", "column.mask.with.x.chars", "column.mask.with..chars",
                           "column.mask.hash.MD5.with.salt.", "column.mask.hash..with.salt.x", "column.mask.hash.v2.MD5.salt.x"})
    EXPECT_EQ(mapped({{name, ".*"}}, {.type = 23}, {}), "untouched; null; null") << name;
  EXPECT_TRUE(mapped({{"column.mask.with.2.chars", "("}}, {.type = 23}, {}).starts_with("column.mask.with.2.chars: "));
  EXPECT_EQ(mapped({{"column.truncate.to.9.chars", ".*"}, {"column.mask.with.2.chars", ".*"}}, {.type = 1043, .typmod = 7}, {"abc"}).substr(0, 14),
            "string?; \"abc\"");
}

}  // namespace
}  // namespace millrace::postgres
