// A date and time as ISO 8601 has them, the way the Java driver reads the text of a "$date": a date alone is its midnight,
// otherwise a time and an offset must follow (2019-05-27T13:58:28.1Z, 2019-05-27T13:58+02:00).
// Source: Java's ISO_LOCAL_DATE and ISO_OFFSET_DATE_TIME. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::mongodb {

// Milliseconds since 1970, rounded down; none: no such text, or no such day.
std::optional<std::int64_t> read_iso_time(std::string_view text);

}  // namespace millrace::mongodb
