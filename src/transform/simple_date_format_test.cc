#include "transform/simple_date_format.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace {
namespace {

constexpr std::int64_t k_june_2024 = 1'717'200'000'000;   // 1 June 2024, midnight

std::string written(std::string_view pattern, std::int64_t ms) { return SimpleDateFormat::compile(pattern).value().format(ms); }
Result<std::int64_t> read(std::string_view pattern, std::string_view text) { return SimpleDateFormat::compile(pattern).value().parse(text); }

TEST(SimpleDateFormat, CalendarChangesInOctober1582) {
  EXPECT_EQ(written("yyyy-MM-dd", -12'219'292'800'000), "1582-10-15");
  EXPECT_EQ(written("yyyy-MM-dd", -12'219'292'800'001), "1582-10-04");
  EXPECT_EQ(read("yyyy-MM-dd", "1582-10-04").value(), -12'219'379'200'000);
}

TEST(SimpleDateFormat, ReadsWhatItWrote) {
  constexpr std::string_view pattern = "G yyyy-MM-dd'T'HH:mm:ss.SSSX";
  for (const std::int64_t ms : {std::int64_t{0}, k_june_2024, -k_june_2024, std::int64_t{-62'135'596'800'001}, std::int64_t{253'402'300'799'999}})
    EXPECT_EQ(read(pattern, written(pattern, ms)).value(), ms) << written(pattern, ms);
}

TEST(SimpleDateFormat, SaysWhatItDoesNotRead) {
  EXPECT_EQ(read("ww yyyy", "10 2024").error().exception, "java.lang.UnsupportedOperationException");
  EXPECT_EQ(read("yyyy z", "2024 PST").error().exception, "java.lang.UnsupportedOperationException");
  EXPECT_EQ(read("yyyy", "no").error().text, "Unparseable date: \"no\"");
  EXPECT_EQ(SimpleDateFormat::compile("yyyy-bb").error().text, "Illegal pattern character 'b'");
}

TEST(SimpleDateFormat, AnyTextIsReadOrRefused) {
  for (const std::string_view pattern : {"", "z", "X", "yyyyMMdd", "EEE", "'x'", "hh a", "GG", "MMM", "Z"})
    for (const std::string_view text : {"", " ", "+", "-", "+1", "GMT+", "gmt", "\xFF", "99999999999999999999", "J", "2024", "AM"})
      if (const auto ms = read(pattern, text); !ms) {
        EXPECT_FALSE(ms.error().text.empty());
      }
}

}  // namespace
}  // namespace millrace
