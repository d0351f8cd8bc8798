// Task runs one connector task on one thread: source, transforms, converter, producer, acknowledgement, offset,
// commit. Task::run is the whole story of the data path.
// Threads: run() on the task's own thread; the rest from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "connect/offset_store.h"
#include "core/config.h"
#include "core/error.h"
#include "core/source.h"
#include "core/wake.h"
#include "kafka/producer.h"

namespace millrace {

enum class TaskState { running, paused, failed, stopped };

// What the worker learns from a task; called from the task's thread.
struct TaskListener {
  // running: the source is open (or being opened again and again); failed: with the trace.
  std::function<void(TaskState state, const std::string& trace)> on_state;
  // The first record of a topic in this run.
  std::function<void(const std::string& topic)> on_topic;
};

struct TaskCounters {   // relaxed; for metrics and the status page
  std::atomic<std::uint64_t> records_polled{0}, records_written{0}, records_filtered{0}, bytes_written{0};
  std::atomic<std::uint64_t> commits{0}, commit_failures{0}, source_retries{0};
  std::atomic<std::uint64_t> in_flight{0};
  std::atomic<std::uint64_t> record_failures{0};   // records that could not be converted, passed over or not
};

// All figures of one task. Shared with whoever reads metrics: it may outlive the task.
struct TaskFigures {
  TaskCounters counters;
  SourceProgress progress;
};

struct TaskSpec {
  std::string connector;
  int id = 0;
  Config config;                 // the connector's, resolved
  Config worker;                 // the worker's, resolved
  const SourceRegistration* source = nullptr;
  OffsetStore* offsets = nullptr;
  bool start_paused = false;
  TaskListener listener;
  std::shared_ptr<TaskFigures> figures = std::make_shared<TaskFigures>();
};

class Task {
 public:
  explicit Task(TaskSpec spec);
  ~Task();   // request_stop() and join

  void start();                  // makes the thread
  void request_stop();           // orderly: waits for acknowledgements, stores offsets, commits; within 5 s
  void set_paused(bool paused);
  void join();
  const TaskCounters& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace
