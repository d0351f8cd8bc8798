// The wall clock in the unit that records and metrics have. Threads: any.
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace {

inline std::int64_t wall_clock_ms() {   // since 1970
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace millrace
