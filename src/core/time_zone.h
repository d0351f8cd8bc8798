// TimeZone is a place's or a fixed offset from UTC, for Java's ZoneRules.getOffset. Places are read from the tz database of
// the machine (TZDIR, or /usr/share/zoneinfo); Java has its own copy, which may be of another year.
// Threads: const calls from any. Source: RFC 9636 (TZif).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace millrace {

inline constexpr std::int32_t k_zone_offset_max = 18 * 3600;   // ZoneOffset's

class TimeZone {
 public:
  // "Europe/Berlin", "UTC", "+05:30", "-03:00:30". Errors: no such place, no database, an offset beyond 18 hours.
  static Result<TimeZone> named(std::string_view name);

  // Seconds east of UTC. Local times that a change of the clocks leaves out or repeats have the offset before it.
  std::int32_t offset_at_local(std::int64_t local_seconds) const;
  std::int32_t offset_at(std::int64_t seconds) const;

 private:
  struct Change {
    std::int64_t at;       // seconds since 1970
    std::int32_t before, after;
  };
  // The rule for years behind the last change: "CET-1CEST,M3.5.0,M10.5.0/3".
  struct Day {
    int month = 0, week = 0, weekday = 0;
    std::int32_t time = 7200;
  };
  struct Rule {
    std::int32_t standard = 0, summer = 0;
    Day begin, end;
  };
  Result<void> read_file(std::string_view bytes, const std::string& name);
  bool read_footer(std::string_view text);
  std::vector<Change> changes_near(std::int64_t seconds) const;
  template <typename Moment>
  std::int32_t offset_where(std::int64_t seconds, Moment moment) const;

  std::int32_t first_ = 0;           // before all changes
  std::vector<Change> changes_;
  std::optional<Rule> rule_;
};

}  // namespace millrace
