// PostgreSQL's ISO texts of dates, times and intervals, taken apart.
// Threads: plain functions. Errors: none is a text of another form; nothing is read past its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::postgres {

inline constexpr std::int64_t k_day_seconds = 86'400;
inline constexpr std::int64_t k_second_micros = 1'000'000;

// Proleptic Gregorian and Julian day numbers, 0 = 1970-01-01 (Gregorian).
std::int64_t days_of_gregorian(std::int64_t year, int month, int day);
std::int64_t days_of_julian(std::int64_t year, int month, int day);

struct DateText {
  std::int64_t year = 1970;   // of the era: 44 of "0044-03-15 BC"
  int month = 1;
  int day = 1;
  bool before_christ = false;

  // Astronomical: 44 BC is -43.
  std::int64_t proleptic_year() const { return before_christ ? 1 - year : year; }
  std::int64_t days() const { return days_of_gregorian(proleptic_year(), month, day); }
  // As java.util.GregorianCalendar: Julian before 1582-10-15.
  std::int64_t days_with_cutover() const;
};

struct TimestampText {
  DateText date;
  std::int64_t micros = 0;          // of the day, up to 24:00:00
  std::int32_t offset_seconds = 0;  // east of UTC
};

struct TimeText {
  std::int64_t micros = 0;
  std::int32_t offset_seconds = 0;
};

// pgjdbc's PGInterval: whole parts, seconds split at the point; all signed.
struct IntervalText {
  std::int32_t years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, micros = 0;
};

std::optional<DateText> parse_date(std::string_view text);
// With or without an offset.
std::optional<TimeText> parse_time(std::string_view text);
std::optional<TimestampText> parse_timestamp(std::string_view text);
// IntervalStyle postgres, postgres_verbose and iso_8601.
std::optional<IntervalText> parse_interval(std::string_view text);

// One instant as seconds since 1970 and the microseconds in that second.
struct Instant {
  std::int64_t seconds = 0;
  std::int64_t micros = 0;   // 0 to 999999
};

// Microseconds as Debezium counts them: the seconds saturate, then the fraction is added and may wrap.
std::int64_t epoch_micros(const Instant& instant);
std::int64_t epoch_millis(const Instant& instant);

// 2024-02-29T10:34:56.789000Z; fraction_digits 0 to 6, negative: as many as needed. Returns the end.
inline constexpr std::size_t k_zoned_room = 48;
char* write_zoned_timestamp(char* to, const Instant& instant, int fraction_digits);
// 10:34:56.789Z, as many fraction digits as needed; `micros` of the day in UTC.
char* write_zoned_time(char* to, std::int64_t micros);

}  // namespace millrace::postgres
