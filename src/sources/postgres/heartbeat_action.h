// HeartbeatAction runs heartbeat.action.query before each heartbeat, on a connection of its own and in a thread of its own,
// so that neither a slow statement nor a server that does not answer holds up the stream: only the heartbeat waits.
// Threads: one task's thread; the statement runs in another, one statement at a time.
// Bounds: 20 s for a statement, and for a connect.
// Errors: a server that shuts down or starts ends the attempt, retriable; any other is logged, and the heartbeat goes out.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "core/config.h"
#include "core/error.h"
#include "core/wake.h"
#include "sources/postgres/connection.h"

namespace millrace::postgres {

class HeartbeatAction {
 public:
  explicit HeartbeatAction(const Config& config);
  ~HeartbeatAction() { close(); }
  HeartbeatAction(const HeartbeatAction&) = delete;
  HeartbeatAction& operator=(const HeartbeatAction&) = delete;

  // To be called until it gives true: begins the statement, then says whether it has ended. The next call begins the next one.
  Result<bool> ran();
  // Ends a running statement at once.
  void close();

 private:
  Result<void> run();

  const std::string query_;   // empty: none
  ConnectionSettings settings_;
  std::unique_ptr<StopSignal> stop_;   // of the waits of the connection, which it outlives
  std::optional<Connection> connection_;
  std::future<Result<void>> running_;
};

}  // namespace millrace::postgres
