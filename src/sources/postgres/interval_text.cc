// The interval half of temporal_text.h.
#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "sources/postgres/temporal_text.h"

namespace millrace::postgres {
namespace {

// A number with an optional sign and fraction: -6.789012 is {-6, -789012}.
struct Quantity {
  std::int32_t whole = 0;
  std::int32_t micros = 0;
  bool negative = false;

  void negate() {
    whole = -whole;
    micros = -micros;
  }
};

bool take_quantity(std::string_view& text, Quantity& quantity) {
  quantity = {};
  if (text.starts_with('+') || text.starts_with('-')) {
    quantity.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const char* const end = text.data() + text.size();
  const auto whole = std::from_chars(text.data(), end, quantity.whole);
  if (whole.ec != std::errc{} || text.front() == '-') return false;
  const char* at = whole.ptr;
  if (at != end && *at == '.') {
    ++at;
    int scale = 100'000;
    for (; at != end && *at >= '0' && *at <= '9'; ++at, scale /= 10) quantity.micros += (*at - '0') * scale;
  }
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (quantity.negative) quantity.negate();
  return true;
}

std::string_view take_word(std::string_view& text) {
  constexpr std::string_view k_between = " +@";
  text.remove_prefix(std::min(text.find_first_not_of(k_between), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(k_between));
  text.remove_prefix(word.size());
  return word;
}

// "-04:05:06.789" and "04:05"; one sign is for all parts.
bool take_time(std::string_view text, IntervalText& interval) {
  Quantity hours;
  Quantity minutes;
  Quantity seconds;
  if (!take_quantity(text, hours) || !text.starts_with(':')) return false;
  text.remove_prefix(1);
  if (!take_quantity(text, minutes)) return false;
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    if (!take_quantity(text, seconds)) return false;
  }
  if (hours.negative) {
    minutes.negate();
    seconds.negate();
  }
  interval.hours = hours.whole;
  interval.minutes = minutes.whole;
  interval.seconds = seconds.whole;
  interval.micros = seconds.micros;
  return true;
}

// False where a number belongs to the unit and there is none. Units that are not known are passed over.
bool set_unit(std::string_view unit, std::string_view number, IntervalText& interval) {
  std::int32_t* const part = unit.starts_with("year")   ? &interval.years
                             : unit.starts_with("mon")  ? &interval.months
                             : unit.starts_with("day")  ? &interval.days
                             : unit.starts_with("hour") ? &interval.hours
                             : unit.starts_with("min")  ? &interval.minutes
                             : unit.starts_with("sec")  ? &interval.seconds
                                                        : nullptr;
  if (part == nullptr) return true;
  Quantity quantity;
  if (!take_quantity(number, quantity) || !number.empty()) return false;
  *part = quantity.whole;
  if (part == &interval.seconds) interval.micros = quantity.micros;
  return true;
}

void negate(IntervalText& interval) {
  for (std::int32_t* part : {&interval.years, &interval.months, &interval.days, &interval.hours, &interval.minutes,
                             &interval.seconds, &interval.micros})
    *part = -*part;
}

// "1 year 2 mons -3 days +04:05:06.789" and "@ 1 year 2 mons 3 days 4 hours ago", as pgjdbc reads them: numbers and times at
// odd places, units at even ones. Of the style sql_standard ("+1-2 -3 +4:05:06") it finds the time alone, if that.
std::optional<IntervalText> parse_words(std::string_view text) {
  IntervalText interval;
  const bool negated = text.starts_with('@') && text.ends_with("ago");
  std::string_view number;
  bool at_unit = false;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text), at_unit = !at_unit) {
    if (at_unit) {
      if (!set_unit(word, number, interval)) return std::nullopt;
    } else if (!word.contains(':')) {
      number = word;
    } else if (!take_time(word, interval)) {
      return std::nullopt;
    }
  }
  if (negated) negate(interval);
  return interval;
}

// P1Y2M3DT4H5M6.789S
std::optional<IntervalText> parse_iso(std::string_view text) {
  IntervalText interval;
  bool of_day = false;
  text.remove_prefix(1);
  while (!text.empty()) {
    if (text.starts_with('T')) {
      of_day = true;
      text.remove_prefix(1);
      continue;
    }
    Quantity quantity;
    if (!take_quantity(text, quantity) || text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    if (unit == 'Y') interval.years = quantity.whole;
    else if (unit == 'M') (of_day ? interval.minutes : interval.months) = quantity.whole;
    else if (unit == 'D') interval.days = quantity.whole;
    else if (unit == 'H') interval.hours = quantity.whole;
    else if (unit == 'S') {
      interval.seconds = quantity.whole;
      interval.micros = quantity.micros;
    } else return std::nullopt;
  }
  return interval;
}

}  // namespace

std::optional<IntervalText> parse_interval(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text.front() == 'P' ? parse_iso(text) : parse_words(text);
}

}  // namespace millrace::postgres
