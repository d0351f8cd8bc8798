#include "core/time_zone.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "core/file_content.h"
#include "core/letters.h"

namespace millrace {
namespace {

constexpr std::size_t k_header_size = 44;

std::unexpected<Error> bad(std::string_view name, const std::string& problem) {
  return fail("The time zone '" + std::string{name} + "' " + problem, Retry::no, k_config_exception);
}

// "+hh:mm" or "+hh:mm:ss".
std::optional<std::int32_t> fixed_offset(std::string_view text) {
  if ((text.size() != 6 && text.size() != 9) || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::int32_t seconds = 0, unit = 3600;
  for (std::size_t at = 1; at < text.size(); at += 3, unit /= 60) {
    if (at > 1 && text[at - 1] != ':') return std::nullopt;
    if (!is_digit(text[at]) || !is_digit(text[at + 1])) return std::nullopt;
    const int number = (text[at] - '0') * 10 + text[at + 1] - '0';
    if (at > 1 && number > 59) return std::nullopt;
    seconds += number * unit;
  }
  if (seconds > k_zone_offset_max) return std::nullopt;
  return text[0] == '-' ? -seconds : seconds;
}

bool is_place(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
         });
}

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

// The counts of a TZif header and the size of its data.
struct TzifHeader {
  std::size_t utc_count, standard_count, leap_count, change_count, type_count, name_size;

  static std::optional<TzifHeader> at(std::string_view bytes, std::size_t begin) {
    if (bytes.size() < begin + k_header_size || bytes.substr(begin, 4) != "TZif") return std::nullopt;
    std::size_t counts[6];
    for (std::size_t i = 0; i < 6; ++i) {
      const std::int64_t count = big_endian(bytes, begin + 20 + 4 * i, 4);
      if (count < 0 || static_cast<std::size_t>(count) > bytes.size()) return std::nullopt;
      counts[i] = static_cast<std::size_t>(count);
    }
    return TzifHeader{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
  }
  std::size_t data_size(std::size_t time_size) const {
    return change_count * (time_size + 1) + type_count * 6 + name_size + leap_count * (time_size + 4) + standard_count + utc_count;
  }
};

std::int64_t day_number(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}.time_since_epoch().count();
}

// Reads a footer's parts one after the other.
class FooterReader {
 public:
  explicit FooterReader(std::string_view text) : rest_{text} {}
  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool name() {
    const bool quoted = take('<');
    const auto end = quoted ? rest_.find('>') : rest_.find_first_of("+-0123456789,");
    const std::size_t size = std::min(end, rest_.size());
    if (size == 0 || (quoted && end == std::string_view::npos)) return false;
    rest_.remove_prefix(size + (quoted ? 1 : 0));
    return true;
  }
  std::optional<int> number() {
    int value = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 4 && is_digit(rest_[digits])) value = value * 10 + (rest_[digits++] - '0');
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  // h, h:mm or h:mm:ss, with a sign.
  std::optional<std::int32_t> seconds() {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int32_t total = 0;
    for (std::int32_t unit = 3600; unit > 0; unit /= 60) {
      const auto part = number();
      if (!part) return std::nullopt;
      total += *part * unit;
      if (!take(':')) break;
    }
    return negative ? -total : total;
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<TimeZone> TimeZone::named(std::string_view name) {
  TimeZone zone;
  if (const auto offset = fixed_offset(name)) {
    zone.first_ = *offset;
    return zone;
  }
  if (name == "UTC" || name == "GMT" || name == "Z") return zone;
  if (!is_place(name)) return bad(name, "is neither a place, as Europe/Berlin, nor an offset of at most 18 hours, as +05:30");
  const char* given = std::getenv("TZDIR");
  const std::string folder = given == nullptr ? "/usr/share/zoneinfo" : given;
  const std::string bytes = millrace::read_file(folder + "/" + std::string{name}).value_or(std::string{});
  if (bytes.empty()) return bad(name, "is not in the tz database at " + folder + "; check its name, and that the package tzdata is there");
  MR_CHECK(zone.read_file(bytes, std::string{name}));
  return zone;
}

Result<void> TimeZone::read_file(std::string_view bytes, const std::string& name) {
  const auto damaged = [&] { return bad(name, "cannot be read: its file in the tz database is none of TZif, version 2 or later"); };
  const auto first = TzifHeader::at(bytes, 0);
  if (!first || bytes[4] < '2') return damaged();
  const std::size_t second = k_header_size + first->data_size(4);
  const auto header = TzifHeader::at(bytes, second);
  if (!header || header->type_count == 0) return damaged();
  const std::size_t begin = second + k_header_size;
  if (bytes.size() < begin + header->data_size(8)) return damaged();
  const std::size_t kinds = begin + header->change_count * 8;
  const std::size_t types = kinds + header->change_count;
  const auto offset_of = [&](std::size_t type) { return static_cast<std::int32_t>(big_endian(bytes, types + type * 6, 4)); };
  first_ = offset_of(0);
  std::int32_t before = first_;
  for (std::size_t i = 0; i < header->change_count; ++i) {
    const auto type = static_cast<unsigned char>(bytes[kinds + i]);
    if (type >= header->type_count) return damaged();
    const std::int32_t after = offset_of(type);
    if (after != before) changes_.push_back({big_endian(bytes, begin + i * 8, 8), before, after});
    before = after;
  }
  std::string_view footer = bytes.substr(begin + header->data_size(8));
  if (footer.size() >= 2) footer = footer.substr(1, footer.rfind('\n') - 1);
  if (!footer.empty() && !read_footer(footer)) return bad(name, "has a rule that is not supported: " + std::string{footer});
  return {};
}

bool TimeZone::read_footer(std::string_view text) {
  FooterReader reader{text};
  if (!reader.name()) return false;
  const auto standard = reader.seconds();
  if (!standard) return false;
  if (reader.at_end()) return true;   // no summer time: the last change holds
  Rule rule{.standard = -*standard, .summer = -*standard + 3600, .begin = {}, .end = {}};
  if (!reader.name()) return false;
  if (!reader.take(',')) {
    const auto summer = reader.seconds();
    if (!summer || !reader.take(',')) return false;
    rule.summer = -*summer;
  }
  for (Day* day : {&rule.begin, &rule.end}) {
    if (day == &rule.end && !reader.take(',')) return false;
    if (!reader.take('M')) return false;
    const auto month = reader.number();
    const bool dot = reader.take('.');
    const auto week = reader.number();
    const bool second_dot = reader.take('.');
    const auto weekday = reader.number();
    if (!month || !dot || !week || !second_dot || !weekday || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *weekday > 6) return false;
    *day = {.month = *month, .week = *week, .weekday = *weekday};
    if (!reader.take('/')) continue;
    const auto time = reader.seconds();
    if (!time) return false;
    day->time = *time;
  }
  rule_ = rule;
  return reader.at_end();
}

// Those of the rule in the years around; none where the table of changes still holds.
std::vector<TimeZone::Change> TimeZone::changes_near(std::int64_t seconds) const {
  std::vector<Change> near;
  if (!rule_) return near;
  const std::int64_t last = changes_.empty() ? INT64_MIN : changes_.back().at;
  if (seconds < last) return near;
  const auto day_seconds = [](int year, const Day& day) {
    const auto begin = day_number(year, static_cast<unsigned>(day.month), 1);
    const auto weekday = static_cast<int>(((begin + 4) % 7 + 7) % 7);   // 1 January 1970 was a Thursday
    std::int64_t found = begin + (day.weekday - weekday + 7) % 7 + 7 * (day.week - 1);
    const auto next_month = day.month == 12 ? day_number(year + 1, 1, 1) : day_number(year, static_cast<unsigned>(day.month) + 1, 1);
    while (found >= next_month) found -= 7;
    return found * 86'400 + day.time;
  };
  // Dates are the same every 400 years, which is as far as a calendar's year can be from the range of std::chrono.
  constexpr std::int64_t k_cycle = 146'097LL * 86'400;
  const std::int64_t cycles = seconds / k_cycle;
  const int year = static_cast<int>(1970 + (seconds - cycles * k_cycle) / 31'556'952);
  for (int each = year - 1; each <= year + 1; ++each) {
    const std::int64_t shift = cycles * k_cycle;
    near.push_back({day_seconds(each, rule_->begin) - rule_->standard + shift, rule_->standard, rule_->summer});
    near.push_back({day_seconds(each, rule_->end) - rule_->summer + shift, rule_->summer, rule_->standard});
  }
  std::erase_if(near, [&](const Change& change) { return change.at <= last; });
  std::ranges::sort(near, {}, &Change::at);
  return near;
}

template <typename Moment>
std::int32_t TimeZone::offset_where(std::int64_t seconds, Moment moment) const {
  const auto before = [&](const Change& change) { return moment(change) <= seconds; };
  const std::vector<Change> near = changes_near(seconds);
  const auto late = std::ranges::find_if_not(near, before);
  if (late != near.begin()) return std::prev(late)->after;
  const auto found = std::ranges::partition_point(changes_, before);
  return found == changes_.begin() ? first_ : std::prev(found)->after;
}

std::int32_t TimeZone::offset_at_local(std::int64_t local_seconds) const {
  return offset_where(local_seconds, [](const Change& change) { return change.at + std::max(change.before, change.after); });
}

std::int32_t TimeZone::offset_at(std::int64_t seconds) const {
  return offset_where(seconds, [](const Change& change) { return change.at; });
}

}  // namespace millrace
