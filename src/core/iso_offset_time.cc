#include "core/iso_offset_time.h"

#include <fmt/format.h>

#include <cstddef>

#include "core/time_zone.h"

namespace millrace {
namespace {

constexpr std::int64_t k_day = 86'400;
constexpr std::int64_t k_year_max = 999'999'999;

// Days since 1970 of the proleptic calendar, for any year.
std::int64_t days_of(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

struct Date {
  std::int64_t year;
  int month, day;
};

Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const auto shifted = static_cast<int>((5 * of_year + 2) / 153);
  const int month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year + era * 400 + (month <= 2 ? 1 : 0), month, static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1)};
}

class IsoReader {
 public:
  // short_offsets: minutes may be left out. Java takes that behind a date, not behind a time alone.
  IsoReader(std::string_view text, bool short_offsets) : rest_{text}, short_offsets_{short_offsets} {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::int64_t> digits(std::size_t least, std::size_t most) {
    std::int64_t value = 0;
    std::size_t size = 0;
    while (size < rest_.size() && size < most && rest_[size] >= '0' && rest_[size] <= '9') value = value * 10 + (rest_[size++] - '0');
    if (size < least) return std::nullopt;
    rest_.remove_prefix(size);
    return value;
  }
  std::optional<std::int64_t> below(std::int64_t limit) {
    const auto value = digits(2, 2);
    return value && *value < limit ? value : std::nullopt;
  }

  std::optional<std::int64_t> date() {
    const bool minus = take('-');
    const bool plus = !minus && take('+');
    const auto year = digits(plus ? 5 : 4, minus || plus ? 10 : 4);
    if (!year || *year > k_year_max || (minus && *year == 0) || !take('-')) return std::nullopt;
    const auto month = below(13);
    if (!month || *month == 0 || !take('-')) return std::nullopt;
    const auto day = below(32);
    if (!day || *day == 0) return std::nullopt;
    const std::int64_t days = days_of(minus ? -*year : *year, static_cast<int>(*month), static_cast<int>(*day));
    if (date_of(days).month != *month) return std::nullopt;   // 31 June
    return days;
  }

  // Time of day and offset into `time`.
  bool time_and_offset(OffsetDateTime& time) {
    const auto hour = below(24);
    if (!hour || !take(':')) return false;
    const auto minute = below(60);
    if (!minute) return false;
    std::int64_t second = 0;
    if (take(':')) {
      const auto read = below(60);
      if (!read) return false;
      second = *read;
      if (take('.')) {
        const std::size_t before = rest_.size();
        const auto fraction = digits(0, 9);
        std::int64_t nanos = *fraction;
        for (std::size_t size = before - rest_.size(); size < 9; ++size) nanos *= 10;
        time.nanos = static_cast<std::int32_t>(nanos);
      }
    }
    time.local_seconds += *hour * 3600 + *minute * 60 + second;
    return offset(time);
  }

 private:
  bool offset(OffsetDateTime& time) {
    if (take('Z') || take('z')) return true;
    const bool minus = take('-');
    if (!minus && !take('+')) return false;
    const auto hour = below(19);
    if (!hour) return false;
    std::int64_t offset = *hour * 3600;
    for (std::int64_t unit = 60; unit > 0; unit /= 60) {
      if (!take(':')) {
        if (unit == 60 && !short_offsets_) return false;
        break;
      }
      const auto part = below(60);
      if (!part) return false;
      offset += *part * unit;
    }
    if (offset > k_zone_offset_max) return false;
    time.offset = static_cast<std::int32_t>(minus ? -offset : offset);
    return true;
  }

  std::string_view rest_;
  bool short_offsets_;
};

std::int64_t epoch_day(std::int64_t seconds) { return seconds / k_day - (seconds % k_day < 0 ? 1 : 0); }

std::string zone_text(std::int32_t offset) {
  if (offset == 0) return "Z";
  const std::int32_t size = offset < 0 ? -offset : offset;
  std::string text = fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  if (size % 60 != 0) text += fmt::format(":{:02}", size % 60);
  return text;
}

}  // namespace

std::optional<OffsetDateTime> parse_offset_date_time(std::string_view text) {
  IsoReader reader{text, true};
  const auto days = reader.date();
  if (!days || !(reader.take('T') || reader.take('t'))) return std::nullopt;
  OffsetDateTime time{.local_seconds = *days * k_day};
  if (!reader.time_and_offset(time) || !reader.done()) return std::nullopt;
  return time;
}

std::optional<OffsetDateTime> parse_offset_time(std::string_view text) {
  IsoReader reader{text, false};
  OffsetDateTime time;
  if (!reader.time_and_offset(time) || !reader.done()) return std::nullopt;
  return time;
}

std::string time_text(const OffsetDateTime& time) {
  const std::int64_t of_day = time.local_seconds - epoch_day(time.local_seconds) * k_day;
  std::string text = fmt::format("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
  if (time.nanos != 0) {
    text += fmt::format(".{:09}", time.nanos);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + zone_text(time.offset);
}

std::string date_time_text(const OffsetDateTime& time) {
  const Date date = date_of(epoch_day(time.local_seconds));
  const std::string_view sign = date.year < 0 ? "-" : date.year > 9999 ? "+" : "";
  return fmt::format("{}{:04}-{:02}-{:02}T{}", sign, date.year < 0 ? -date.year : date.year, date.month, date.day, time_text(time));
}

}  // namespace millrace
