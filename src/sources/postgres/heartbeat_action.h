// HeartbeatAction runs heartbeat.action.query before each heartbeat, on a connection of its own.
// Threads: one task's thread, which waits for the statement: 20 s at most, so that the server does not give us up.
// Errors: a server that shuts down or starts ends the attempt, retriable; any other is logged, and the heartbeat goes out.
#pragma once

#include <optional>
#include <string>

#include "core/config.h"
#include "core/error.h"
#include "core/wake.h"
#include "sources/postgres/connection.h"

namespace millrace::postgres {

class HeartbeatAction {
 public:
  HeartbeatAction(const Config& config, const StopSignal& stop);
  Result<void> run();
  void close() { connection_.reset(); }

 private:
  const std::string query_;   // empty: none
  const StopSignal& stop_;
  ConnectionSettings settings_;
  std::optional<Connection> connection_;
};

}  // namespace millrace::postgres
