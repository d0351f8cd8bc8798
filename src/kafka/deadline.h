// Deadline is the moment until which a call waits.
// Threads: plain functions.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace millrace::kafka {

using Deadline = std::chrono::steady_clock::time_point;

// Rounded up, as librdkafka takes its timeouts; 0 behind the deadline.
inline int left_ms(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

}  // namespace millrace::kafka
