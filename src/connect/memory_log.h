// MemoryLog is a TopicLog without a topic: standalone mode keeps configs and statuses only as long as it runs.
// Threads: any; on_record is called by the writing thread, before write() returns, one record at a time.
#pragma once

#include <mutex>

#include "kafka/topic_log.h"

namespace millrace {

class MemoryLog final : public kafka::TopicLog {
 public:
  explicit MemoryLog(std::function<void(const kafka::LogRecord&)> on_record)
      : on_record_{std::move(on_record)} {}

  Result<void> read_to_end(int) override { return {}; }

  void write(std::string key, std::optional<std::string> value, std::string_view mark,
             std::function<void(Result<std::int64_t>)> done) override {
    std::int64_t offset = 0;
    {
      const std::scoped_lock lock{mutex_};
      offset = next_offset_++;
      kafka::LogRecord record{.key = key, .mark = mark, .kafka_offset = offset};
      if (value) record.value = *value;
      on_record_(record);
    }
    if (done) done(offset);
  }

  Result<void> write_and_read_back(std::string key, std::optional<std::string> value, int) override {
    write(std::move(key), std::move(value), {}, {});
    return {};
  }

 private:
  std::mutex mutex_;
  std::int64_t next_offset_ = 0;
  std::function<void(const kafka::LogRecord&)> on_record_;
};

}  // namespace millrace
