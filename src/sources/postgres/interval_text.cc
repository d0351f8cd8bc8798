// The interval half of temporal_text.h.
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

void skip_blanks(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

std::string_view take_word(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= 'a' && text[count] <= 'z') ++count;
  const std::string_view word = text.substr(0, count);
  text.remove_prefix(count);
  return word;
}

// The rest of "-04:05:06.789" behind its hours; one sign is for all parts.
bool take_minutes_and_seconds(std::string_view& text, const Quantity& hours, IntervalText& interval) {
  Quantity minutes;
  Quantity seconds;
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

bool set_unit(std::string_view unit, const Quantity& quantity, IntervalText& interval) {
  if (unit.starts_with("year")) interval.years = quantity.whole;
  else if (unit.starts_with("mon")) interval.months = quantity.whole;
  else if (unit.starts_with("day")) interval.days = quantity.whole;
  else if (unit.starts_with("hour")) interval.hours = quantity.whole;
  else if (unit.starts_with("min")) interval.minutes = quantity.whole;
  else if (unit.starts_with("sec")) {
    interval.seconds = quantity.whole;
    interval.micros = quantity.micros;
  } else return false;
  return true;
}

void negate(IntervalText& interval) {
  for (std::int32_t* part : {&interval.years, &interval.months, &interval.days, &interval.hours, &interval.minutes,
                             &interval.seconds, &interval.micros})
    *part = -*part;
}

// "1 year 2 mons -3 days +04:05:06.789" and "@ 1 year 2 mons 3 days 4 hours ago".
std::optional<IntervalText> parse_words(std::string_view text) {
  IntervalText interval;
  const bool verbose = text.starts_with('@');
  if (verbose) text.remove_prefix(1);
  for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
    if (verbose && text == "ago") {
      negate(interval);
      return interval;
    }
    Quantity quantity;
    if (!take_quantity(text, quantity)) return std::nullopt;
    if (text.starts_with(':')) {
      if (!take_minutes_and_seconds(text, quantity, interval)) return std::nullopt;
      continue;
    }
    skip_blanks(text);
    const std::string_view unit = take_word(text);
    if (unit.empty() && verbose && quantity.whole == 0) continue;   // "@ 0"
    if (!set_unit(unit, quantity, interval)) return std::nullopt;
  }
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
