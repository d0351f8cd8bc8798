#include "transform/simple_date_format.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <span>

#include "core/letters.h"
#include "core/wall_clock.h"
#include "transform/connect_types.h"
#include "transform/java_calendar.h"
#include "transform/java_numbers.h"

namespace millrace {
namespace {

using Part = SimpleDateFormat::Part;

constexpr std::array<std::string_view, 12> k_months{"January", "February", "March", "April", "May", "June", "July",
                                                    "August", "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> k_days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 2> k_eras{"BC", "AD"};
constexpr std::array<std::string_view, 2> k_halves{"AM", "PM"};
constexpr std::size_t k_short = 3;   // letters of a month's or day's short name
constexpr std::int64_t k_minute_ms = 60'000;

std::unexpected<Error> illegal(std::string text) { return fail(std::move(text), Retry::no, k_illegal_argument_exception); }

void append_text(std::vector<Part>& parts, char c) {
  if (parts.empty() || parts.back().letter != 0) parts.push_back({});
  parts.back().text += c;
}

std::string padded(std::int64_t value, int digits) {
  std::string text = std::to_string(value < 0 ? -value : value);
  if (text.size() < static_cast<std::size_t>(digits)) text.insert(0, static_cast<std::size_t>(digits) - text.size(), '0');
  return value < 0 ? "-" + text : text;
}

std::string year_text(std::int64_t year, int count) {
  return count == 2 ? padded(year % 100, 2) : padded(year, count);
}

std::string name_of(std::span<const std::string_view> names, int index, int count) {
  const std::string_view name = names[static_cast<std::size_t>(index)];
  return std::string{count >= 4 ? name : name.substr(0, k_short)};
}

std::string month_text(int month, int count) {
  return count >= 3 ? name_of(k_months, month - 1, count) : padded(month, count);
}

std::string written(const Part& part, const JavaCalendar& at) {
  switch (part.letter) {
    case 'G': return std::string{k_eras[at.year > 0 ? 1 : 0]};
    case 'y': return year_text(at.year > 0 ? at.year : 1 - at.year, part.count);
    case 'Y': return year_text(at.year + at.week_year_offset, part.count);
    case 'M':
    case 'L': return month_text(at.month, part.count);
    case 'w': return padded(at.week_of_year, part.count);
    case 'W': return padded(at.week_of_month, part.count);
    case 'D': return padded(at.day_of_year, part.count);
    case 'd': return padded(at.day, part.count);
    case 'F': return padded((at.day - 1) / 7 + 1, part.count);
    case 'E': return name_of(k_days, at.day_of_week - 1, part.count);
    case 'u': return padded(at.day_of_week == 1 ? 7 : at.day_of_week - 1, part.count);
    case 'a': return std::string{k_halves[at.hour < 12 ? 0 : 1]};
    case 'H': return padded(at.hour, part.count);
    case 'k': return padded(at.hour == 0 ? 24 : at.hour, part.count);
    case 'K': return padded(at.hour % 12, part.count);
    case 'h': return padded(at.hour % 12 == 0 ? 12 : at.hour % 12, part.count);
    case 'm': return padded(at.minute, part.count);
    case 's': return padded(at.second, part.count);
    case 'S': return padded(at.millisecond, part.count);
    case 'z': return part.count >= 4 ? "Coordinated Universal Time" : "UTC";
    case 'Z': return "+0000";
    case 'X': return "Z";
    default: return part.text;
  }
}

// Java's CalendarBuilder: the fields that were read; of fields that exclude each other the one read last counts.
struct Fields {
  std::optional<std::int64_t> year, month, day, day_of_year, hour, half_hour, minute, second, millisecond, zone_ms;
  bool before_christ = false;
  int half = 0;
  bool half_given = false, day_of_year_last = false, half_hour_last = false, weeks = false;
  bool two_digit_year_at_the_edge = false;
};

// One reading of a text. Positions are bytes; what is read is ASCII, or names.
class Reading {
 public:
  Reading(std::string_view text, const std::vector<Part>& parts) : text_{text}, parts_{parts} {}

  // Null: the text does not match. Errors: what is not supported.
  Result<std::optional<Fields>> run() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const bool next_is_number = i + 1 < parts_.size() && is_number(parts_[i + 1]);
      MR_TRY(const bool fits, part(parts_[i], next_is_number));
      if (!fits) return std::nullopt;
    }
    if (at_ == 0) return std::nullopt;
    return fields_;
  }

 private:
  // Whose number of letters says how many digits a number just before it has.
  static bool is_number(const Part& part) {
    if (part.letter == 0) return false;
    if (part.letter == 'M' || part.letter == 'L') return part.count <= 2;
    return std::string_view{"yYdkHmsSDFwWhKu"}.find(part.letter) != std::string_view::npos;
  }

  Result<bool> part(const Part& part, bool next_is_number) {
    if (part.letter == 0) return literal(part.text);
    const std::size_t start = at_;
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_ == text_.size()) return false;
    if (is_number(part)) {
      const auto limit = next_is_number ? std::optional{start + static_cast<std::size_t>(part.count)} : std::nullopt;
      return number(part, limit);
    }
    switch (part.letter) {
      case 'z':
      case 'Z': return zone(start);
      case 'X': return iso_zone(part.count);
      default: return name(part, start);
    }
  }

  bool literal(std::string_view text) {
    if (!text_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  bool number(const Part& part, std::optional<std::size_t> limit) {
    if (limit && *limit > text_.size()) return false;
    const std::size_t start = at_;
    const std::string_view part_of_text = text_.substr(0, limit.value_or(text_.size()));
    std::size_t end = start + (start < part_of_text.size() && part_of_text[start] == '-' ? 1 : 0);
    while (end < part_of_text.size() && is_digit(part_of_text[end])) ++end;
    std::int64_t value = 0;
    const auto read = std::from_chars(text_.data() + start, text_.data() + end, value);
    if (read.ec != std::errc{} || read.ptr == text_.data() + start) return false;
    at_ = end;
    set(part, cut_to(Type::int32, value), end - start == 2 && is_digit(text_[start]));
    return true;
  }

  void set(const Part& part, std::int64_t value, bool two_digits) {
    switch (part.letter) {
      case 'y': return set_year(value, part.count <= 2 && two_digits);
      case 'M':
      case 'L': fields_.month = value; return;
      case 'd': fields_.day = value; fields_.day_of_year_last = false; return;
      case 'D': fields_.day_of_year = value; fields_.day_of_year_last = true; return;
      case 'H': fields_.hour = value; fields_.half_hour_last = false; return;
      case 'k': fields_.hour = value == 24 ? 0 : value; fields_.half_hour_last = false; return;
      case 'K': fields_.half_hour = value; fields_.half_hour_last = true; return;
      case 'h': fields_.half_hour = value == 12 ? 0 : value; fields_.half_hour_last = true; return;
      case 'm': fields_.minute = value; return;
      case 's': fields_.second = value; return;
      case 'S': fields_.millisecond = value; return;
      default: fields_.weeks = true; return;   // w W F Y u
    }
  }

  // Two digits stand for a year between 80 years ago and in 20 years.
  void set_year(std::int64_t value, bool two_digits) {
    if (two_digits) {
      const std::int64_t first = JavaCalendar::of(wall_clock_ms()).year - 80;
      fields_.two_digit_year_at_the_edge = value == first % 100;
      value += first / 100 * 100 + (value < first % 100 ? 100 : 0);
    }
    fields_.year = value;
  }

  template <std::size_t size>
  std::optional<int> longest(const std::array<std::string_view, size>& names, std::size_t start, bool short_too) {
    std::optional<int> found;
    std::size_t length = 0;
    const std::string rest = lower(text_.substr(start));
    for (std::size_t i = 0; i < size; ++i)
      for (const std::string_view name : {names[i], short_too ? names[i].substr(0, k_short) : names[i]})
        if (name.size() > length && rest.starts_with(lower(name))) {
          found = static_cast<int>(i);
          length = name.size();
        }
    if (found) at_ = start + length;
    return found;
  }

  bool name(const Part& part, std::size_t start) {
    std::optional<int> found;
    switch (part.letter) {
      case 'G':
        if ((found = longest(k_eras, start, false))) fields_.before_christ = *found == 0;
        return found.has_value();
      case 'a':
        if ((found = longest(k_halves, start, false))) {
          fields_.half = *found;
          fields_.half_given = fields_.half_hour_last = true;
        }
        return found.has_value();
      case 'E':
        found = longest(k_days, start, true);
        fields_.weeks = true;
        return found.has_value();
      default:
        if ((found = longest(k_months, start, true))) fields_.month = *found + 1;
        return found.has_value();
    }
  }

  Result<bool> zone(std::size_t start) {
    if (text_[at_] == '+' || text_[at_] == '-') return offset(0, false);
    const std::string rest = lower(text_.substr(start));
    if (rest.starts_with("gmt")) {
      at_ = start + 3;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) return offset(0, true);
    } else if (const std::string name = lower(text_.substr(at_)); name.starts_with("coordinated universal time")) {
      at_ += 26;
    } else if (name.starts_with("utc")) {
      at_ += 3;
    } else if (is_letter(text_[at_])) {
      return fail("Time zones are read as +hhmm, UTC or GMT only: '" + std::string{text_} + "'", Retry::no,
                  "java.lang.UnsupportedOperationException");
    } else {
      return false;
    }
    fields_.zone_ms = 0;
    return true;
  }

  bool iso_zone(int count) {
    if (text_[at_] == 'Z') {
      ++at_;
      fields_.zone_ms = 0;
      return true;
    }
    return (text_[at_] == '+' || text_[at_] == '-') && offset(count, count == 3);
  }

  // Behind the sign. `count` 0: RFC 822; 1: hours only.
  bool offset(int count, bool colon) {
    const int sign = text_[at_++] == '-' ? -1 : 1;
    const auto digit = [&] { return at_ < text_.size() && is_digit(text_[at_]) ? text_[at_++] - '0' : -1; };
    int hours = digit();
    if (hours < 0 || at_ == text_.size()) return false;
    if (const int second = digit(); second >= 0) hours = hours * 10 + second;
    else if (count > 0 || !colon) return false;
    if (hours > 23) return false;
    int minutes = 0;
    if (count != 1) {
      if (colon && (at_ == text_.size() || text_[at_++] != ':')) return false;
      const int tens = digit();
      const int ones = digit();
      minutes = tens * 10 + ones;
      if (tens < 0 || ones < 0 || minutes > 59) return false;
    }
    fields_.zone_ms = sign * (hours * 60 + minutes) * k_minute_ms;
    return true;
  }

  std::string_view text_;
  const std::vector<Part>& parts_;
  std::size_t at_ = 0;
  Fields fields_;
};

std::int64_t hours_of(const Fields& fields) {
  const bool by_halves = fields.hour ? fields.half_hour_last && fields.half_hour && fields.half_given : true;
  if (!by_halves) return *fields.hour;
  return fields.half_hour.value_or(0) + (fields.half_given ? 12 * fields.half : 0);
}

std::int64_t days_of_fields(const Fields& fields) {
  std::int64_t year = fields.year.value_or(1970);
  if (fields.before_christ) year = 1 - year;
  if (fields.day_of_year && (fields.day_of_year_last || !fields.day)) return days_of(year, 1, 1) + *fields.day_of_year - 1;
  return days_of(year, fields.month.value_or(1), fields.day.value_or(1));
}

std::int64_t milliseconds_of(const Fields& fields) {
  const std::int64_t of_day = ((hours_of(fields) * 60 + fields.minute.value_or(0)) * 60 + fields.second.value_or(0)) * 1000 +
                              fields.millisecond.value_or(0) - fields.zone_ms.value_or(0);
  const auto days = static_cast<std::uint64_t>(days_of_fields(fields));
  return static_cast<std::int64_t>(days * static_cast<std::uint64_t>(k_day_ms) + static_cast<std::uint64_t>(of_day));
}

}  // namespace

Result<SimpleDateFormat> SimpleDateFormat::compile(std::string_view pattern) {
  SimpleDateFormat format;
  format.pattern_ = pattern;
  bool quoted = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\'') {
      if (i + 1 < pattern.size() && pattern[i + 1] == '\'') append_text(format.parts_, pattern[++i]);
      else quoted = !quoted;
    } else if (quoted || !is_letter(c)) {
      append_text(format.parts_, c);
    } else {
      if (std::string_view{"GyMdkHmsSEDFwWahKzZYuXL"}.find(c) == std::string_view::npos)
        return illegal(std::string{"Illegal pattern character '"} + c + "'");
      const bool again = i > 0 && pattern[i - 1] == c && !format.parts_.empty() && format.parts_.back().letter == c;
      if (!again) format.parts_.push_back({.letter = c});
      ++format.parts_.back().count;
    }
  }
  if (quoted) return illegal("Unterminated quote");
  for (const Part& part : format.parts_)
    if (part.letter == 'X' && part.count > 3) return illegal("invalid ISO 8601 format: length=" + std::to_string(part.count));
  return format;
}

std::string SimpleDateFormat::format(std::int64_t ms) const {
  const JavaCalendar at = JavaCalendar::of(ms);
  std::string text;
  for (const Part& part : parts_) text += written(part, at);
  return text;
}

Result<std::int64_t> SimpleDateFormat::parse(std::string_view text) const {
  MR_TRY(std::optional<Fields> fields, Reading(text, parts_).run());
  if (!fields) return fail("Unparseable date: \"" + std::string{text} + '"', Retry::no, "java.text.ParseException");
  if (fields->weeks && !fields->day && !fields->day_of_year)
    return fail("Weeks are read together with a day only: '" + pattern_ + "'", Retry::no, "java.lang.UnsupportedOperationException");
  const std::int64_t ms = milliseconds_of(*fields);
  if (!fields->two_digit_year_at_the_edge) return ms;
  const std::int64_t now = wall_clock_ms();
  const JavaCalendar today = JavaCalendar::of(now);
  const std::int64_t century_start = days_of(today.year - 80, today.month, today.day) * k_day_ms + now % k_day_ms;
  if (ms >= century_start) return ms;
  *fields->year += 100;
  return milliseconds_of(*fields);
}

}  // namespace millrace
