#include "core/numbers.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace millrace {
namespace {

using namespace std::string_literals;

std::string integer_text(std::int64_t value) {
  char text[k_integer_room];
  return {text, write_integer(text, value)};
}

TEST(Integers, AreWrittenWithoutLeadingZeros) {
  EXPECT_EQ(integer_text(0), "0");
  EXPECT_EQ(integer_text(-7), "-7");
  EXPECT_EQ(integer_text(99'999'999), "99999999");
  EXPECT_EQ(integer_text(100'000'000), "100000000");
  EXPECT_EQ(integer_text(10'000'000'000'000'000), "10000000000000000");
  EXPECT_EQ(integer_text(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(integer_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

RC_GTEST_PROP(Integers, EqualTheStandardLibrarys, (std::int64_t value, std::uint8_t shift)) {
  const std::int64_t shorter = value >> (shift % 64);
  RC_ASSERT(integer_text(shorter) == std::to_string(shorter));
}

TEST(Doubles, HaveJavasLayout) {
  EXPECT_EQ(double_text(0.0), "0.0");
  EXPECT_EQ(double_text(-0.0), "-0.0");
  EXPECT_EQ(double_text(1), "1.0");
  EXPECT_EQ(double_text(100), "100.0");
  EXPECT_EQ(double_text(0.001), "0.001");
  EXPECT_EQ(double_text(9999999), "9999999.0");
  EXPECT_EQ(double_text(1e7), "1.0E7");
  EXPECT_EQ(double_text(12345678.9), "1.23456789E7");
  EXPECT_EQ(double_text(0.000999), "9.99E-4");
  EXPECT_EQ(double_text(1e21), "1.0E21");
  EXPECT_EQ(double_text(2.2250738585072014e-308), "2.2250738585072014E-308");
  EXPECT_EQ(double_text(123.456), "123.456");
  EXPECT_EQ(double_text(-0.0125), "-0.0125");
  EXPECT_EQ(double_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(double_text(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(Doubles, HaveTheDigitsOfJava21) {
  EXPECT_EQ(double_text(2e23), "2.0E23");
  EXPECT_EQ(double_text(1e23), "1.0E23");
  EXPECT_EQ(double_text(8.41e21), "8.41E21");
  EXPECT_EQ(double_text(1234567890123456789.0), "1.2345678901234568E18");
  EXPECT_EQ(double_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(double_text(5e-5), "5.0E-5");
  EXPECT_EQ(double_text(9999999.999999998), "9999999.999999998");
  EXPECT_EQ(double_text(1.7976931348623157e308), "1.7976931348623157E308");
}

// Amounts are written without looking for the shortest digits: they must be the same.
TEST(Numbers, DecimalsOfFewPlacesHaveTheDigitsThatTheSearchFinds) {
  const auto digits = [](std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, text.find_first_of("eE")))
      if (c != '.' && !(c == '0' && out.empty())) out += c;
    while (out.ends_with('0')) out.pop_back();
    return out;
  };
  std::uint64_t whole = 1;
  for (int i = 0; i < 40'000; ++i) {
    whole = whole * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    double power = 1;
    for (int places = 0; places < 7; ++places, power *= 10) {
      const double value = static_cast<double>(whole >> (i % 60 + 3)) / power;
      char found[64];
      const auto end = std::to_chars(found, found + sizeof found, value, std::chars_format::scientific).ptr;
      const std::string text = double_text(value);
      ASSERT_EQ(digits(text), digits({found, end}));
      ASSERT_EQ(std::stod(text), value);
    }
  }
}

TEST(Doubles, TheSmallestSubnormalsHaveTwoDigits) {
  EXPECT_EQ(double_text(4.9e-324), "4.9E-324");
  EXPECT_EQ(double_text(9.9e-324), "9.9E-324");
  EXPECT_EQ(double_text(2e-322), "2.0E-322");
  EXPECT_EQ(float_text(1.4e-45F), "1.4E-45");
  EXPECT_EQ(float_text(3e-44F), "2.9E-44");
}

TEST(Floats, HaveTheDigitsOfJava21) {
  EXPECT_EQ(float_text(0.1F), "0.1");
  EXPECT_EQ(float_text(1e15F), "1.0E15");
  EXPECT_EQ(float_text(8.5e9F), "8.5E9");
  EXPECT_EQ(float_text(4.5e15F), "4.5E15");
  EXPECT_EQ(float_text(8589934592.0F), "8.589935E9");
  EXPECT_EQ(float_text(1.17549435e-38F), "1.1754944E-38");
  EXPECT_EQ(float_text(std::numeric_limits<float>::infinity()), "Infinity");
}

RC_GTEST_PROP(Doubles, ReadBack, (std::uint64_t bits)) {
  const auto value = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(value));
  const std::string text = double_text(value);
  double read = 0;
  std::from_chars(text.data(), text.data() + text.size(), read);
  RC_ASSERT(std::bit_cast<std::uint64_t>(read) == bits);
}

TEST(Base64, PadsToFours) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("\x00\x01\xFF\x3E\x3F"s), "AAH/Pj8=");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Decimals, BecomeTheShortestTwosComplement) {
  const auto encoded = [](std::string_view text, int scale) { return base64(unscaled_bytes(text, scale).value()); };
  EXPECT_EQ(encoded("123.45", 2), "MDk=");
  EXPECT_EQ(encoded("-1.50", 2), "/2o=");
  EXPECT_EQ(encoded("0.00", 2), "AA==");
  EXPECT_EQ(encoded("-0", 0), "AA==");
  EXPECT_EQ(encoded("1.10", 2), "bg==");
  EXPECT_EQ(encoded("1.5", 4), "Opg=");
  EXPECT_EQ(encoded("10.1111", 4), "AYr3");
  EXPECT_EQ(unscaled_bytes("-128", 0).value(), "\x80");
  EXPECT_EQ(unscaled_bytes("-129", 0).value(), "\xFF\x7F");
  EXPECT_EQ(unscaled_bytes("128", 0).value(), "\x00\x80"s);
  EXPECT_EQ(unscaled_bytes("-32768", 0).value(), "\x80\x00"s);
  EXPECT_EQ(unscaled_bytes("12E3", -3).value(), "\x0C");
  EXPECT_EQ(unscaled_bytes("18446744073709551616", 0).value(), "\x01\x00\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(Decimals, MayLoseZerosButNoDigits) {
  EXPECT_EQ(unscaled_bytes("1.200", 1).value(), "\x0C");
  const auto cut = unscaled_bytes("1.25", 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().text, "Rounding necessary: '1.25' has more than 1 digits after the point");
  EXPECT_FALSE(unscaled_bytes("0.001", -5));
  EXPECT_EQ(unscaled_bytes("0.000", -5).value(), "\x00"s);
}

TEST(Decimals, RefuseWhatIsNoNumber) {
  for (const std::string_view text : {"", "-", ".", "NaN", "1.2.3", "1e", "1e+-5", "12 ", "0x1", "1e99999999999"})
    EXPECT_FALSE(unscaled_bytes(text, 2)) << text;
}

TEST(Decimals, MinimalScaleHasNoTrailingZeros) {
  EXPECT_EQ(minimal_scale("10.1111"), 4);
  EXPECT_EQ(minimal_scale("10.100"), 1);
  EXPECT_EQ(minimal_scale("100"), 0);
  EXPECT_EQ(minimal_scale("0.000"), 0);
  EXPECT_EQ(minimal_scale("1e-3"), 3);
}

std::string text_at_scale(std::string_view text, int scale) {
  return decimal_text(unscaled_bytes(text, scale).value(), scale);
}

TEST(Decimals, PrintAsBigDecimal) {
  EXPECT_EQ(text_at_scale("123.45", 2), "123.45");
  EXPECT_EQ(text_at_scale("1", 2), "1.00");
  EXPECT_EQ(text_at_scale("1.5", 4), "1.5000");
  EXPECT_EQ(text_at_scale("12345678901234567890", 0), "12345678901234567890");
  EXPECT_EQ(text_at_scale("12E3", -3), "1.2E+4");
  EXPECT_EQ(text_at_scale("0.00000001", 8), "1E-8");
  EXPECT_EQ(text_at_scale("-0.000001", 6), "-0.000001");
  EXPECT_EQ(text_at_scale("0", 8), "0E-8");
  EXPECT_EQ(text_at_scale("-340282366920938463463374607431768211456.5", 1),
            "-340282366920938463463374607431768211456.5");
}

RC_GTEST_PROP(Decimals, ReadBackAtAnySize, ()) {
  const auto digits = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1)));
  std::string number;
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) number += digits;
  number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
  if (number != "0" && *rc::gen::arbitrary<bool>()) number.insert(0, "-");
  RC_ASSERT(text_at_scale(number, 0) == number);
  RC_ASSERT(unscaled_bytes(number, 0).value().size() <= unscaled_room(number, 0));
}

TEST(Murmur2, EqualsKafkasClients) {
  // From Kafka's own test of Utils.murmur2.
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(murmur2("abc"), 479470107);
}

}  // namespace
}  // namespace millrace
