#include "connect/task_handle.h"

namespace millrace {

namespace {

class RealTask final : public TaskHandle {
 public:
  explicit RealTask(TaskSpec spec) : task_{std::move(spec)} {}
  void start() override { task_.start(); }
  void request_stop() override { task_.request_stop(); }
  void set_paused(bool paused) override { task_.set_paused(paused); }
  void join() override { task_.join(); }

 private:
  Task task_;
};

}  // namespace

std::unique_ptr<TaskHandle> make_task(TaskSpec spec) {
  return std::make_unique<RealTask>(std::move(spec));
}

}  // namespace millrace
