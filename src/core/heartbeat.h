// Heartbeat makes the records of heartbeat.interval.ms and knows when the next one is due. A beat's use is the offset that
// goes with it: the source declares its checkpoint after it.
// Threads: one task's thread.
// Source: Debezium 2.7's HeartbeatImpl.
#pragma once

#include <chrono>
#include <optional>

#include "core/config.h"
#include "core/record.h"
#include "core/source.h"

namespace millrace {

class Heartbeat {
 public:
  using Clock = std::chrono::steady_clock;

  // None: heartbeat.interval.ms is 0, there are no heartbeats. The first is due one interval from now.
  static std::optional<Heartbeat> create(const Config& config);

  bool due() const { return Clock::now() >= next_; }
  Clock::time_point next() const { return next_; }
  // One record; always to partition 0. The next one is due an interval from now.
  Result<void> beat(RecordSink& sink);
  // At the end of a snapshot, whether one is due or not: the interval goes on.
  Result<void> forced_beat(RecordSink& sink);

 private:
  Heartbeat(std::chrono::milliseconds interval, RecordPlan plan);

  std::chrono::milliseconds interval_;
  RecordPlan plan_;
  Clock::time_point next_;
};

}  // namespace millrace
