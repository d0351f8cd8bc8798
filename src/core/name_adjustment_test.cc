#include "core/name_adjustment.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

struct Case {
  const char* name;
  const char* schema_avro;
  const char* schema_unicode;
  const char* field_avro;
  const char* field_unicode;
};

// What Debezium's SchemaNameAdjuster.AVRO, AVRO_UNICODE, AVRO_FIELD_NAMER and AVRO_UNICODE_FIELD_NAMER give.
constexpr Case k_cases[] = {
    {"", "", "", "", ""},
    {"postgres.public.users.Key", "postgres.public.users.Key", "postgres.public.users.Key", "postgres_public_users_Key",
     "postgres_u002epublic_u002eusers_u002eKey"},
    {"a-b", "a_b", "a_u002db", "a_b", "a_u002db"},
    {"a.b", "a.b", "a.b", "a_b", "a_u002eb"},
    {"a_b", "a_b", "a_u005fb", "a_b", "a_u005fb"},
    {"_u", "_u", "_u005fu", "_u", "_u005fu"},
    {"1x", "_1x", "_u0031x", "_1x", "_u0031x"},
    {".x", "_x", "_u002ex", "_x", "_u002ex"},
    {"x1", "x1", "x1", "x1", "x1"},
    {"$d", "_d", "_u0024d", "_d", "_u0024d"},
    {"\n", "_", "_u00a", "_", "_u00a"},
    {"\u00E9", "_", "_u00e9", "_", "_u00e9"},
    {"\u0101b", "_b", "_u101b", "_b", "_u101b"},
    {"\u0663" "a", "_\u0663" "a", "_u663a", "_\u0663" "a", "_u663a"},
    {"a\u0663", "a_", "a_u663", "a_", "a_u663"},
    {"\U0001F600", "__", "_ud83d_ude00", "__", "_ud83d_ude00"},
};

TEST(NameAdjustment, AsDebezium) {
  for (const Case& c : k_cases) {
    EXPECT_EQ(adjusted_schema_name(c.name, NameAdjustment::avro), c.schema_avro) << c.name;
    EXPECT_EQ(adjusted_schema_name(c.name, NameAdjustment::avro_unicode), c.schema_unicode) << c.name;
    EXPECT_EQ(adjusted_field_name(c.name, NameAdjustment::avro), c.field_avro) << c.name;
    EXPECT_EQ(adjusted_field_name(c.name, NameAdjustment::avro_unicode), c.field_unicode) << c.name;
    EXPECT_EQ(adjusted_schema_name(c.name, NameAdjustment::none), c.name);
    EXPECT_EQ(adjusted_field_name(c.name, NameAdjustment::none), c.name);
  }
}

TEST(NameAdjustment, DifferentNamesMayBecomeOne) {
  EXPECT_EQ(adjusted_schema_name("a#b", NameAdjustment::avro), adjusted_schema_name("a@b", NameAdjustment::avro));
}

TEST(NameAdjustment, ModesInAnyCase) {
  EXPECT_EQ(name_adjustment(""), NameAdjustment::none);
  EXPECT_EQ(name_adjustment(" NONE "), NameAdjustment::none);
  EXPECT_EQ(name_adjustment("Avro"), NameAdjustment::avro);
  EXPECT_EQ(name_adjustment("AVRO_UNICODE"), NameAdjustment::avro_unicode);
  EXPECT_EQ(name_adjustment_of(Config{{{"mode", "Avro"}}}, "mode").value(), NameAdjustment::avro);
  EXPECT_EQ(name_adjustment_of(Config{}, "mode").value(), NameAdjustment::none);
  EXPECT_FALSE(name_adjustment_of(Config{{{"mode", "avro2"}}}, "mode"));
}

}  // namespace
}  // namespace millrace
