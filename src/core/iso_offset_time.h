// Times with an offset as Java's ISO_OFFSET_DATE_TIME and ISO_OFFSET_TIME read and write them: "2020-01-31T10:00:00.5+01:00",
// "10:00:00Z". Years beyond 9999 have a sign.
// Threads: plain functions. Source: Java 21's DateTimeFormatter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

struct OffsetDateTime {
  std::int64_t local_seconds = 0;   // since 1970, read as if it were UTC
  std::int32_t nanos = 0;
  std::int32_t offset = 0;          // seconds east of UTC
};
// None: the text is no such time.
std::optional<OffsetDateTime> parse_offset_date_time(std::string_view text);
std::optional<OffsetDateTime> parse_offset_time(std::string_view text);   // on 1 January 1970
std::string date_time_text(const OffsetDateTime& time);
std::string time_text(const OffsetDateTime& time);   // the time of day

}  // namespace millrace
