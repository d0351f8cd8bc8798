// event.processing.failure.handling.mode of Debezium's sources: what a streamed change that cannot be processed does. The
// snapshot fails in any case.
// Threads: any.
#pragma once

#include <cstdint>

#include "core/config.h"
#include "core/log.h"

namespace millrace {

enum class BadEvents : std::uint8_t { fail, warn, skip };
BadEvents bad_events(const Config& config);

// Of the line about a change that is left out.
inline spdlog::level::level_enum level_of(BadEvents mode) {
  return mode == BadEvents::warn ? spdlog::level::warn : spdlog::level::debug;
}

}  // namespace millrace
