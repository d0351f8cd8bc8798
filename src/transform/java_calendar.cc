#include "transform/java_calendar.h"

#include "core/java_class.h"

namespace millrace {
namespace {

constexpr std::int64_t k_cutover_days = -141'427;   // 15 October 1582, Gregorian

std::int64_t floor_div(std::int64_t value, std::int64_t by) { return value / by - (value % by != 0 && (value < 0) != (by < 0) ? 1 : 0); }
std::int64_t floor_mod(std::int64_t value, std::int64_t by) { return value - floor_div(value, by) * by; }

struct Date {
  std::int64_t year;
  int month;
  int day;
};

// Years begin in March here, so that the leap day is the last of a year; cycles of 4 (Julian) or 400 years repeat.
std::int64_t shifted_day_of_year(int month, int day) { return (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1; }

Date shifted_date(std::int64_t year, std::int64_t day_of_year) {
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const int civil = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year + (civil <= 2 ? 1 : 0), civil, static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

std::int64_t wrapped(std::int64_t a, std::int64_t times, std::int64_t plus) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(times) + static_cast<std::uint64_t>(plus));
}

std::int64_t gregorian_days(std::int64_t year, int month, int day) {
  if (month <= 2) --year;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t of_era = year - era * 400;
  return wrapped(era, 146'097, of_era * 365 + of_era / 4 - of_era / 100 + shifted_day_of_year(month, day) - 719'468);
}

std::int64_t julian_days(std::int64_t year, int month, int day) {
  if (month <= 2) --year;
  const std::int64_t era = floor_div(year, 4);
  return wrapped(era, 1461, (year - era * 4) * 365 + shifted_day_of_year(month, day) - 719'470);
}

Date gregorian_date(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = floor_div(days, 146'097);
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  return shifted_date(year + era * 400, of_era - (365 * year + year / 4 - year / 100));
}

Date julian_date(std::int64_t days) {
  days += 719'470;
  const std::int64_t era = floor_div(days, 1461);
  const std::int64_t of_era = days - era * 1461;
  const std::int64_t year = (of_era - of_era / 1460) / 365;
  return shifted_date(year + era * 4, of_era - 365 * year);
}

std::int64_t first_of_year(std::int64_t year) { return days_of(year, 1, 1); }

}  // namespace

std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += floor_div(month - 1, 12);
  const int civil_month = static_cast<int>(floor_mod(month - 1, 12)) + 1;
  const std::int64_t gregorian = gregorian_days(year, civil_month, 1) + day - 1;
  if (year > 1582 || (year == 1582 && gregorian >= k_cutover_days)) return gregorian;
  return julian_days(year, civil_month, 1) + day - 1;
}

JavaCalendar JavaCalendar::of(std::int64_t ms) {
  const std::int64_t days = floor_div(ms, k_day_ms);
  const auto of_day = static_cast<int>(floor_mod(ms, k_day_ms));
  const Date date = days < k_cutover_days ? julian_date(days) : gregorian_date(days);

  JavaCalendar out;
  out.year = date.year;
  out.month = date.month;
  out.day = date.day;
  out.day_of_year = static_cast<int>(days - first_of_year(date.year)) + 1;
  out.day_of_week = static_cast<int>(floor_mod(days + 4, 7)) + 1;   // 1970 began on a Thursday
  out.hour = of_day / 3'600'000;
  out.minute = of_day / 60'000 % 60;
  out.second = of_day / 1000 % 60;
  out.millisecond = of_day % 1000;

  const auto week = [&](int day_of_period) {   // from 1, of a period that began day_of_period - 1 days ago
    const auto began_on = static_cast<int>(floor_mod(out.day_of_week - day_of_period, 7));   // Sunday is 0
    return (day_of_period - 1 + began_on) / 7 + 1;
  };
  out.week_of_month = week(out.day);
  out.week_of_year = week(out.day_of_year);
  const std::int64_t saturday = days + 7 - out.day_of_week;
  if (saturday >= first_of_year(date.year + 1)) {
    out.week_of_year = 1;
    out.week_year_offset = 1;
  }
  return out;
}

}  // namespace millrace
