#include "sources/postgres/temporal_text.h"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace millrace::postgres {
namespace {

constexpr std::int64_t k_julian_offset_days = 2;   // 0000-03-01 Julian is two days before the Gregorian one

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Takes digits from the front; false when there are fewer than `min` or more than `max`, which is nine at most: then the value
// fits in any of the types that are asked for.
template <typename Integer>
bool take_number(std::string_view& text, Integer& value, std::size_t min, std::size_t max) {
  std::uint32_t sum = 0;
  std::size_t count = 0;
  for (; count < text.size(); ++count) {
    const unsigned digit = static_cast<unsigned char>(text[count]) - unsigned{'0'};
    if (digit > 9) break;
    if (count == max) return false;
    sum = sum * 10 + digit;
  }
  if (count < min) return false;
  value = static_cast<Integer>(sum);
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, DateText& date) {
  return take_number(text, date.year, 4, 9) && take(text, '-') && take_number(text, date.month, 2, 2) &&
         take(text, '-') && take_number(text, date.day, 2, 2) && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= 31;
}

// The fraction behind the point, at most six digits, as microseconds.
bool take_fraction(std::string_view& text, std::int64_t& micros) {
  const std::size_t before = text.size();
  std::int64_t value = 0;
  if (!take_number(text, value, 1, 6)) return false;
  for (std::size_t digits = before - text.size(); digits < 6; ++digits) value *= 10;
  micros += value;
  return true;
}

bool take_clock(std::string_view& text, std::int64_t& micros) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_number(text, hour, 2, 2) || !take(text, ':') || !take_number(text, minute, 2, 2)) return false;
  if (take(text, ':') && !take_number(text, second, 2, 2)) return false;
  if (hour > 24 || minute > 59 || second > 60) return false;
  micros = ((hour * 60 + minute) * 60 + second) * k_second_micros;
  return !take(text, '.') || take_fraction(text, micros);
}

// +02, -05:30, +05:41:16; nothing is UTC.
bool take_offset(std::string_view& text, std::int32_t& seconds) {
  if (!text.starts_with('+') && !text.starts_with('-')) return true;
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_number(text, hour, 2, 2)) return false;
  if (take(text, ':') && !take_number(text, minute, 2, 2)) return false;
  if (take(text, ':') && !take_number(text, second, 2, 2)) return false;
  seconds = (hour * 60 + minute) * 60 + second;
  if (west) seconds = -seconds;
  return true;
}

bool take_era(std::string_view& text, bool& before_christ) {
  if (text != " BC") return text.empty();
  before_christ = true;
  text = {};
  return true;
}

constexpr auto k_two_digits = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
  return pairs;
}();

// Of a width that is even; the value is not negative and has no more digits.
char* write_digits(char* to, std::int64_t value, int width) {
  auto rest = static_cast<std::uint32_t>(value);
  for (int i = width - 2; i >= 0; i -= 2, rest /= 100) std::memcpy(to + i, k_two_digits[rest % 100].data(), 2);
  return to + width;
}

// The year as ISO-8601 extends it: at least four digits, a sign before longer ones.
char* write_year(char* to, std::int64_t year) {
  if (year < 0) *to++ = '-';
  if (year > 9999) *to++ = '+';
  const std::int64_t magnitude = year < 0 ? -year : year;
  if (magnitude <= 9999) return write_digits(to, magnitude, 4);
  return std::to_chars(to, to + 20, magnitude).ptr;
}

char* write_clock(char* to, std::int64_t second_of_day) {
  to = write_digits(to, second_of_day / 3600, 2);
  *to++ = ':';
  to = write_digits(to, second_of_day / 60 % 60, 2);
  *to++ = ':';
  return write_digits(to, second_of_day % 60, 2);
}

// digits negative: without trailing zeros.
char* write_fraction(char* to, std::int64_t micros, int digits) {
  if (digits == 0 || (digits < 0 && micros == 0)) return to;
  *to++ = '.';
  char* const end = write_digits(to, micros, 6);
  if (digits > 0) return digits < 6 ? to + digits : end;
  char* last = end;
  while (last[-1] == '0') --last;
  return last;
}

struct CivilDate {
  std::int64_t year;
  int month;
  int day;
};

CivilDate gregorian_of_days(std::int64_t days) {
  days += 719'468;   // from 0000-03-01
  const std::int64_t era = floor_div(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

// Days from 1 March to the month's first day.
std::int64_t days_before_month(int month) { return (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5; }

}  // namespace

std::int64_t days_of_gregorian(std::int64_t year, int month, int day) {
  if (month <= 2) --year;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + days_before_month(month) + day - 1;
  return era * 146'097 + day_of_era - 719'468;
}

std::int64_t days_of_julian(std::int64_t year, int month, int day) {
  if (month <= 2) --year;
  return year * 365 + floor_div(year, 4) + days_before_month(month) + day - 1 - 719'468 - k_julian_offset_days;
}

std::int64_t DateText::days_with_cutover() const {
  const std::int64_t astronomical = proleptic_year();
  const std::int64_t ordinal = (astronomical * 100 + month) * 100 + day;
  return ordinal < 15'821'015 ? days_of_julian(astronomical, month, day) : days();
}

std::optional<DateText> parse_date(std::string_view text) {
  DateText date;
  if (!take_date(text, date) || !take_era(text, date.before_christ)) return std::nullopt;
  return date;
}

std::optional<TimeText> parse_time(std::string_view text) {
  TimeText time;
  if (!take_clock(text, time.micros) || !take_offset(text, time.offset_seconds) || !text.empty()) return std::nullopt;
  return time;
}

std::optional<TimestampText> parse_timestamp(std::string_view text) {
  TimestampText timestamp;
  if (!take_date(text, timestamp.date) || !take(text, ' ') || !take_clock(text, timestamp.micros) ||
      !take_offset(text, timestamp.offset_seconds) || !take_era(text, timestamp.date.before_christ))
    return std::nullopt;
  return timestamp;
}

std::int64_t epoch_micros(const Instant& instant) {
  using Limits = std::numeric_limits<std::int64_t>;
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(instant.seconds, k_second_micros, &micros))
    micros = instant.seconds < 0 ? Limits::min() : Limits::max();
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(micros) + static_cast<std::uint64_t>(instant.micros));
}

std::int64_t epoch_millis(const Instant& instant) { return instant.seconds * 1000 + instant.micros / 1000; }

char* write_zoned_timestamp(char* to, const Instant& instant, int fraction_digits) {
  const std::int64_t days = floor_div(instant.seconds, k_day_seconds);
  const CivilDate date = gregorian_of_days(days);
  to = write_year(to, date.year);
  *to++ = '-';
  to = write_digits(to, date.month, 2);
  *to++ = '-';
  to = write_digits(to, date.day, 2);
  *to++ = 'T';
  to = write_clock(to, instant.seconds - days * k_day_seconds);
  to = write_fraction(to, instant.micros, fraction_digits);
  *to++ = 'Z';
  return to;
}

char* write_zoned_time(char* to, std::int64_t micros) {
  to = write_clock(to, micros / k_second_micros);
  to = write_fraction(to, micros % k_second_micros, -1);
  *to++ = 'Z';
  return to;
}

}  // namespace millrace::postgres
