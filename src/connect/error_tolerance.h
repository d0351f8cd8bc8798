// errors.tolerance: what happens to a record that does not pass a stage on its way to Kafka, and what is logged of it.
// Threads: one. Lifetime: the counters outlive it. Source: Connect 4.0's RetryWithToleranceOperator and AbstractWorkerSourceTask.
#pragma once

#include <string>
#include <string_view>

#include "connect/task.h"
#include "core/config.h"
#include "core/error.h"

namespace millrace {

class ErrorTolerance {
 public:
  // `task`: its name in the log, <connector>-<id>.
  ErrorTolerance(const Config& connector, std::string task, TaskCounters& counters);

  // A record that a transform or a converter does not take, or whose topic no broker takes: passed over, or the error that
  // ends the task.
  Result<void> pass_over(Error error, const std::string& topic, std::string_view stage) const;
  // True: what Kafka has refused is passed over. Only a record that is too large in itself: what was not acknowledged for
  // another reason may be taken later.
  bool passes_over_unsent(const Error& error) const;

 private:
  void note(std::string_view stage, const std::string& what) const;

  const bool all_, logs_;
  const std::string task_;
  TaskCounters& counters_;
};

}  // namespace millrace
