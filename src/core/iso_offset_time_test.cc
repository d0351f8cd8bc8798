// Which texts are times with an offset. What Java's own formatters read and write of the values is seen through the cases of
// TimezoneConverter.
#include "core/iso_offset_time.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

bool reads(std::string_view text) { return parse_offset_date_time(text).has_value(); }

TEST(IsoOffsetTime, AYearHasFourDigitsOrASign) {
  EXPECT_TRUE(reads("2020-01-31T10:00:00Z"));
  EXPECT_TRUE(reads("-0001-01-31T10:00:00Z"));
  EXPECT_TRUE(reads("+12020-01-31T10:00:00Z"));
  EXPECT_TRUE(reads("+999999999-01-31T10:00:00Z"));
  EXPECT_FALSE(reads("12020-01-31T10:00:00Z"));
  EXPECT_FALSE(reads("+2020-01-31T10:00:00Z"));
  EXPECT_FALSE(reads("+1000000000-01-31T10:00:00Z"));
  EXPECT_FALSE(reads("-0000-01-31T10:00:00Z"));
  EXPECT_FALSE(reads("2020-06-31T10:00:00Z"));
}

TEST(IsoOffsetTime, AnOffsetHasEighteenHoursAtMost) {
  EXPECT_EQ(parse_offset_time("10:00:00-18:00")->offset, -18 * 3600);
  EXPECT_FALSE(parse_offset_time("10:00:00+18:00:01"));
  EXPECT_FALSE(parse_offset_time("10:00:00+18:30"));
  EXPECT_EQ(parse_offset_date_time("2020-01-31T10:00:00+01")->offset, 3600);
  EXPECT_FALSE(reads("2020-01-31T10:00:00+0130"));
  EXPECT_FALSE(reads("2020-01-31T10:00:00+01:"));
  EXPECT_FALSE(parse_offset_time("10:00:00+01"));
  EXPECT_EQ(parse_offset_time("10:00:00+01:30")->offset, 5400);
  EXPECT_EQ(parse_offset_time("10:00:00+01:30:15")->offset, 5415);
  EXPECT_FALSE(parse_offset_time("10:00:00+01:"));
  EXPECT_FALSE(parse_offset_time("10:00:00+0"));
  EXPECT_TRUE(parse_offset_time("10:00:00z"));
  EXPECT_TRUE(reads("2020-01-31t10:00:00z"));
}

}  // namespace
}  // namespace millrace
