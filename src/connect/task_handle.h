// TaskHandle is a connector's task as the herder sees it; the factory lets the herder run without databases.
// Threads: join() from any thread, the rest from the herder's.
#pragma once

#include <functional>
#include <memory>

#include "connect/task.h"

namespace millrace {

class TaskHandle {
 public:
  virtual ~TaskHandle() = default;
  virtual void start() = 0;
  virtual void request_stop() = 0;
  virtual void set_paused(bool paused) = 0;
  virtual void join() = 0;
};

using TaskFactory = std::function<std::unique_ptr<TaskHandle>(TaskSpec)>;

// Makes real tasks.
std::unique_ptr<TaskHandle> make_task(TaskSpec spec);

}  // namespace millrace
