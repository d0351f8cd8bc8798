// LogReader is the one consumer of the worker's own topics: no group, no commits, every partition from its
// beginning. Its thread also serves the LogWriter's reports.
// Threads: one of its own, which calls on_record; everything else from any thread.
// Bounds: about 1 MiB of fetched records per broker, nothing while idle.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/wake.h"
#include "kafka/deadline.h"
#include "kafka/handles.h"
#include "kafka/log_writer.h"
#include "kafka/topic_log.h"

namespace millrace::kafka {

// One topic being read.
struct FollowedTopic {
  std::string name;
  TopicPtr handle;
  std::mutex calling{};                                     // held while on_record runs
  std::function<void(const LogRecord&)> on_record{};        // guarded by calling; empty: nobody listens any more
  std::vector<std::int64_t> positions{};                    // next offset of each partition; the reader's mutex
};

class LogReader {
 public:
  static Result<std::unique_ptr<LogReader>> create(ClientSettings settings, LogWriter& writer);
  ~LogReader();

  rd_kafka_t* client() { return client_.get(); }
  std::string trouble();   // why no broker answers; empty: nothing known

  // Makes the handle; on_record and positions are set by the caller before start().
  Result<std::shared_ptr<FollowedTopic>> follow(const std::string& topic);
  // Reads all topics from their beginning; `ends` as LogWriter::ends() has just given them.
  Result<void> start(const std::vector<std::shared_ptr<FollowedTopic>>& topics, const std::vector<std::int64_t>& ends);
  // Waits until the topic's positions have reached these; false: time is up, or the reader is closing.
  bool wait_for(const FollowedTopic& topic, const std::vector<std::int64_t>& targets, Deadline deadline);
  void close();
  bool closed() const { return stop_.requested(); }

 private:
  explicit LogReader(LogWriter& writer) : writer_{writer} {}
  void run();
  void drain();
  void take(const rd_kafka_message_t& message);
  void complain(const rd_kafka_message_t& message);
  static void report_trouble(rd_kafka_t*, int code, const char* reason, void* opaque);

  LogWriter& writer_;
  Wake wake_;
  StopSignal stop_;
  ClientPtr client_;
  QueuePtr main_queue_, records_;
  std::mutex mutex_;                                        // all below
  std::condition_variable moved_;
  std::vector<std::shared_ptr<FollowedTopic>> topics_;
  Trouble trouble_;
  Deadline next_complaint_{};
  std::jthread thread_;
};

}  // namespace millrace::kafka
