#include "sources/mongodb/iso_time.h"

#include <algorithm>
#include <chrono>

namespace millrace::mongodb {
namespace {

using namespace std::chrono;

constexpr std::size_t k_date_alone = 10;   // yyyy-mm-dd
constexpr std::size_t k_fraction_max = 9;
constexpr std::int64_t k_days_max = 106'000'000'000;   // beyond, milliseconds leave 64 bits: Java refuses them too

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class TimeText {
 public:
  explicit TimeText(std::string_view text) : rest_{text} {}

  bool at_end() const { return rest_.empty(); }
  bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  // One of these characters, in any case.
  bool take(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A number of exactly so many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) return std::nullopt;
    int value = 0;
    for (; digits > 0; --digits, rest_.remove_prefix(1)) value = value * 10 + (rest_.front() - '0');
    return value;
  }
  // Years beyond 9999 have a sign, four digits at least and nine at most.
  std::optional<int> year() {
    const bool negative = rest_.starts_with('-');
    const bool sign = take("+-");
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
    if (digits < 4 || digits > 9 || (digits > 4 && !sign) || (digits == 4 && sign && !negative)) return std::nullopt;
    const auto value = number(digits);
    return negative ? -*value : *value;
  }
  std::optional<nanoseconds> fraction() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; next_is_digit() && digits < k_fraction_max; ++digits, rest_.remove_prefix(1)) value = value * 10 + (rest_.front() - '0');
    if (next_is_digit()) return std::nullopt;
    for (; digits < k_fraction_max; ++digits) value *= 10;
    return nanoseconds{value};
  }

 private:
  std::string_view rest_;
};

// Days since 1970 by the proleptic Gregorian calendar; std::chrono's years end at 32767.
std::optional<std::int64_t> day_of(std::int64_t year, int month, int day) {
  if (month < 1 || month > 12 || day < 1) return std::nullopt;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day > lengths[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
  const std::int64_t shifted = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const std::int64_t year_of_era = shifted - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

std::optional<std::int64_t> date(TimeText& text) {
  const auto year = text.year();
  if (!year || !text.take("-")) return std::nullopt;
  const auto month = text.number(2);
  if (!month || !text.take("-")) return std::nullopt;
  const auto day = text.number(2);
  return day ? day_of(*year, *month, *day) : std::nullopt;
}

std::optional<nanoseconds> clock_time(TimeText& text) {
  const auto hour = text.number(2);
  if (!hour || *hour > 23 || !text.take(":")) return std::nullopt;
  const auto minute = text.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  nanoseconds time = hours{*hour} + minutes{*minute};
  if (!text.take(":")) return time;
  const auto second = text.number(2);
  if (!second || *second > 59) return std::nullopt;
  time += seconds{*second};
  if (!text.take(".")) return time;
  const auto fraction = text.fraction();
  return fraction ? std::optional{time + *fraction} : std::nullopt;
}

std::optional<seconds> offset(TimeText& text) {
  if (text.take("zZ")) return seconds{0};
  const bool west = text.take("-");
  if (!west && !text.take("+")) return std::nullopt;
  seconds offset{0};
  const auto part = [&](auto unit, int most) {
    const auto value = text.number(2);
    if (!value || *value > most) return false;
    offset += unit * *value;
    return true;
  };
  if (!part(hours{1}, 18)) return std::nullopt;
  if ((text.take(":") || text.next_is_digit()) && !part(minutes{1}, 59)) return std::nullopt;
  if ((text.take(":") || text.next_is_digit()) && !part(seconds{1}, 59)) return std::nullopt;
  if (offset > hours{18}) return std::nullopt;
  return west ? -offset : offset;
}

}  // namespace

std::optional<std::int64_t> read_iso_time(std::string_view text) {
  TimeText rest{text};
  const auto day = date(rest);
  if (!day || *day > k_days_max || *day < -k_days_max) return std::nullopt;
  const std::int64_t midnight = *day * milliseconds{days{1}}.count();
  if (text.size() == k_date_alone) return rest.at_end() ? std::optional{midnight} : std::nullopt;
  if (!rest.take("tT")) return std::nullopt;
  const auto time = clock_time(rest);
  if (!time) return std::nullopt;
  const auto shift = offset(rest);
  if (!shift || !rest.at_end()) return std::nullopt;
  return midnight + floor<milliseconds>(*time - *shift).count();
}

}  // namespace millrace::mongodb
