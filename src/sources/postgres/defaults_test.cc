// Expectations are what the real connector wrote (pg-defaults, pg-users).
#include <gtest/gtest.h>

#include "sources/postgres/codec_test_text.h"

namespace millrace::postgres {
namespace {

std::string default_of(std::uint32_t type, std::string expression, std::int32_t typmod = -1, ValueModes modes = {}) {
  const ColumnCodec codec = Column{.type = type, .typmod = typmod, .phase = Phase::snapshot, .modes = std::move(modes),
                                   .default_expression = std::move(expression)}
                                .codec();
  return codec.schema->default_value ? text_of(*codec.schema->default_value) : "none";
}

TEST(PostgresDefaults, LiteralsOfNumbers) {
  EXPECT_EQ(default_of(23, "7"), "7");
  EXPECT_EQ(default_of(20, "'99999999999'::bigint"), "99999999999");
  EXPECT_EQ(default_of(1700, "1.5", numeric_typmod(10, 4)), "b:Opg=");
  EXPECT_EQ(default_of(1700, "'-2'::integer", numeric_typmod(10, 4)), "b:seA=");
  EXPECT_EQ(default_of(700, "1.5"), "1.5");
  EXPECT_EQ(default_of(701, "'10000000000'::bigint"), "1.0E10");
  EXPECT_EQ(default_of(16, "true"), "true");
  EXPECT_EQ(default_of(1560, "'101'::\"bit\"", 3), "b:BQ==");
  EXPECT_EQ(default_of(1700, "1.5", -1, {.decimal = DecimalMode::text}), "\"1.5\"");
  EXPECT_EQ(default_of(1700, "1.5", numeric_typmod(10, 4), {.decimal = DecimalMode::text}), "\"1.5000\"");
}

TEST(PostgresDefaults, TextsAreCutAtAnEscapedQuote) {
  EXPECT_EQ(default_of(25, "'it''s'::text"), "\"it\"");
  EXPECT_EQ(default_of(1043, "'vc'::character varying"), "\"vc\"");
  EXPECT_EQ(default_of(25, "''::text"), "\"\"");
  EXPECT_EQ(default_of(1042, "'ab'::bpchar"), "\"ab\"");
  EXPECT_EQ(default_of(25, "'two\nlines'::text"), "none");
  EXPECT_EQ(default_of(25, "'one'::text || '\n'"), "\"one\"");
  EXPECT_EQ(default_of(3802, "'{\"a\": 1}'::jsonb"), "\"{\"a\": 1}\"");
  EXPECT_EQ(default_of(2950, "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"), "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"");
  EXPECT_EQ(default_of(test_oid::mood, "'ok'::mood"), "\"ok\"");
  EXPECT_EQ(default_of(test_oid::mood, "'ok'::other.mood"), "none");
}

TEST(PostgresDefaults, DatesAndTimes) {
  EXPECT_EQ(default_of(1082, "'2024-01-01'::date"), "19723");
  EXPECT_EQ(default_of(1114, "'2024-01-01 00:00:00'::timestamp without time zone"), "1704067200000000");
  EXPECT_EQ(default_of(1114, "'2024-01-01 00:00:00.123'::timestamp without time zone", 3), "1704067200123");
  EXPECT_EQ(default_of(1184, "'2024-01-01 00:00:00+00'::timestamp with time zone"), "\"2024-01-01T00:00:00.000000Z\"");
  EXPECT_EQ(default_of(1083, "'12:00:00'::time without time zone"), "43200000000");
  EXPECT_EQ(default_of(1083, "'24:00:00'::time without time zone"), "86399999999");
  EXPECT_EQ(default_of(1083, "'24:00:00'::time without time zone", 3), "86399999");
  EXPECT_EQ(default_of(1083, "'24:00:00'::time without time zone", -1, {.time = TimePrecision::connect}), "86399999");
  EXPECT_EQ(default_of(1186, "'1 day'::interval"), "86400000000");
  EXPECT_EQ(default_of(1082, "'infinity'::date"), "169560311");
  EXPECT_EQ(default_of(1114, "'infinity'::timestamp without time zone"), "-9223372036853775810");
  EXPECT_EQ(default_of(1114, "'-infinity'::timestamp without time zone"), "-9223372036854775808");
  EXPECT_EQ(default_of(1114, "'infinity'::timestamp without time zone", 3), "none");
  EXPECT_EQ(default_of(1184, "'-infinity'::timestamp with time zone"), "none");
  // Read as streamed values are, although the column is of the snapshot.
  EXPECT_EQ(default_of(1082, "'0044-03-15 BC'::date"), "-735160");
}

TEST(PostgresDefaults, DatesOfAnotherType) {
  EXPECT_EQ(default_of(1082, "'2020-01-01 10:11:12'::timestamp without time zone"), "18262");
  EXPECT_EQ(default_of(1114, "'2020-01-01'::date"), "1577836800000000");
  EXPECT_EQ(default_of(1114, "'2020-01-01 BC'::date", 3), "-125880652800000");
  EXPECT_EQ(default_of(1184, "'2020-01-01'::date"), "\"2020-01-01T00:00:00.000000Z\"");
  EXPECT_EQ(default_of(1184, "'2020-01-01 10:11:12.5'::timestamp without time zone"), "\"2020-01-01T10:11:12.500000Z\"");
}

TEST(PostgresDefaults, NumericTakesTheScaleOfTheColumnWithoutRounding) {
  for (const DecimalMode mode : {DecimalMode::precise, DecimalMode::text, DecimalMode::real})
    EXPECT_EQ(default_of(1700, "1.005", numeric_typmod(6, 2), {.decimal = mode}), "none");
  EXPECT_EQ(default_of(1700, "1.500", numeric_typmod(6, 2)), "b:AJY=");
  EXPECT_EQ(default_of(1700, "1.500", numeric_typmod(6, 2), {.decimal = DecimalMode::text}), "\"1.50\"");
  EXPECT_EQ(default_of(1700, "1.000", numeric_typmod(6, 0), {.decimal = DecimalMode::text}), "\"1\"");
  EXPECT_EQ(default_of(1700, "1.500", -1, {.decimal = DecimalMode::text}), "\"1.500\"");
}

TEST(PostgresDefaults, CallsGiveTheZeroOfTheType) {
  EXPECT_EQ(default_of(23, "nextval('users_user_id_seq'::regclass)"), "0");
  EXPECT_EQ(default_of(23, "length('abc'::text)"), "0");
  EXPECT_EQ(default_of(1114, "now()"), "0");
  EXPECT_EQ(default_of(1114, "(now() AT TIME ZONE 'utc'::text)"), "0");
  EXPECT_EQ(default_of(1184, "clock_timestamp()"), "\"1970-01-01T00:00:00.000000Z\"");
  EXPECT_EQ(default_of(1082, "CURRENT_DATE"), "0");
  EXPECT_EQ(default_of(2950, "gen_random_uuid()"), "\"00000000-0000-0000-0000-000000000000\"");
  EXPECT_EQ(default_of(25, "upper('x'::text)"), "\"\"");
  EXPECT_EQ(default_of(3802, "jsonb_build_object()"), "\"{}\"");
}

TEST(PostgresDefaults, WhatIsNotExported) {
  EXPECT_EQ(default_of(25, "NULL::character varying"), "none");
  EXPECT_EQ(default_of(23, "(1 + 1)"), "none");
  EXPECT_EQ(default_of(1700, "1.5"), "none");   // a struct
  EXPECT_EQ(default_of(1700, "'NaN'::numeric", -1, {.decimal = DecimalMode::text}), "none");
  EXPECT_EQ(default_of(17, "'\\x01ff'::bytea"), "none");
  EXPECT_EQ(default_of(790, "1.5"), "none");
  EXPECT_EQ(default_of(1007, "'{1,2}'::integer[]"), "none");
  EXPECT_EQ(default_of(869, "'10.0.0.1'::inet"), "none");
  EXPECT_EQ(default_of(18, "'x'::\"char\""), "none");
  EXPECT_EQ(default_of(26, "5"), "none");
  EXPECT_EQ(default_of(1266, "'12:00:00+02'::time with time zone"), "none");
  EXPECT_EQ(default_of(2950, "'no uuid'::uuid"), "none");
  EXPECT_EQ(default_of(test_oid::hstore, "'\"a\"=>\"1\"'::hstore"), "none");
  EXPECT_EQ(default_of(test_oid::numeric_domain, "1"), "none");
}

}  // namespace
}  // namespace millrace::postgres
