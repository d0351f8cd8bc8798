// The fields of java.util.GregorianCalendar in UTC: Julian before 15 October 1582; weeks begin on Sunday and the first has one
// day at least, as in the United States.
// Threads: plain functions. Milliseconds and days since 1970.
#pragma once

#include <cstdint>

namespace millrace {

struct JavaCalendar {
  std::int64_t year = 1970;   // 0 is 1 BC
  int month = 1;              // from 1
  int day = 1;
  int day_of_year = 1;
  int day_of_week = 1;        // Sunday is 1
  int week_year_offset = 0;   // 1: the week belongs to the next year
  int week_of_year = 1;
  int week_of_month = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;

  static JavaCalendar of(std::int64_t ms);
};

// Lenient: months and days may lie outside of the year and the month. Wraps around where 64 bits do not suffice.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day);

}  // namespace millrace
