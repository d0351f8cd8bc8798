// LogWriter is the one producer of the worker's own topics: idempotent, acks=all, Java's partitions. After a
// fatal error it makes itself anew with the next write. It also asks for the topics' ends: on the reader's
// connection the question would wait behind a fetch, half a second long.
// Threads: write() from any thread; serve() from one. Bounds: k_log_messages records waiting for Kafka.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/wake.h"
#include "kafka/handles.h"

namespace millrace::kafka {

inline constexpr int k_log_messages = 10'000;   // statuses and offsets: far more than there are tasks
inline constexpr std::string_view k_mark = "millrace";   // header of our own records

struct TopicSize {
  std::string topic;
  std::size_t partitions = 0;
};

struct Acknowledged {
  std::int32_t partition = 0;
  std::int64_t kafka_offset = 0;
};

class LogWriter {
 public:
  using Done = std::function<void(Result<Acknowledged>)>;

  static Result<std::unique_ptr<LogWriter>> create(ClientSettings settings);
  ~LogWriter() { close(); }

  // done: from serve(), or at once when the record cannot even wait.
  void write(const std::string& topic, const std::string& key, const std::optional<std::string>& value, std::string_view mark,
             Done done);
  // Asks for the topic's leader ahead of the first write.
  void prepare(const std::string& topic);
  // The end of every partition of these topics, in their order, one after another.
  Result<std::vector<std::int64_t>> ends(const std::vector<TopicSize>& topics, int timeout_ms);
  // As kafka/group_members.h says; here because of the same wait.
  Result<std::vector<std::string>> group_members(const std::string& group, std::string_view protocol_type, int timeout_ms);
  void serve();
  void close();   // records not acknowledged get an error, and so does every later one
  int fd() const { return wake_.fd(); }   // readable when serve() has something to do

 private:
  struct Client;
  explicit LogWriter(ClientSettings settings) : settings_{std::move(settings)} {}
  std::shared_ptr<Client> client();
  Result<std::shared_ptr<Client>> healthy_client();   // the lock is held; so below
  Result<void> enqueue(const std::string& topic, const std::string& key, const std::optional<std::string>& value,
                       std::string_view mark, Done* pending);

  ClientSettings settings_;
  Wake wake_;
  std::mutex mutex_;
  std::shared_ptr<Client> client_;        // guarded by mutex_; so below
  bool closed_ = false;
};

}  // namespace millrace::kafka
