// ReplicationStream frames a running START_REPLICATION: XLogData in, standby status out.
// Threads: one. Lifetime: a frame's payload is dead at the next call.
// Source: PostgreSQL 15 documentation, "Streaming Replication Protocol".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/pgoutput.h"

namespace millrace::postgres {

class ReplicationStream {
 public:
  using Clock = std::chrono::steady_clock;

  struct Frame {
    enum class Kind { none, data, keepalive };   // none: nothing has arrived
    Kind kind = Kind::none;
    Lsn lsn = 0;                  // data: start of the WAL record; keepalive: how far the server has read
    bool reply_requested = false; // keepalive: the server waits for our status (it is shutting down, or lost patience)
    std::string_view payload{};
  };

  // `connection`: replication=database. Starts at `start` (the server never goes below its confirmed LSN).
  static Result<ReplicationStream> start(Connection connection, const std::string& command,
                                         std::chrono::milliseconds status_interval);

  // The next frame, if one has arrived. Reads the socket when its buffer holds no whole frame.
  Result<Frame> next();

  // Tells the server what is durable (0: nothing yet) and how far was received. due: only if the interval is over.
  // ask: the server shall answer with a keepalive.
  Result<void> send_status(bool ask = false);
  Result<void> send_status_if_due();
  void set_flushed(Lsn lsn) { flushed_ = lsn; }
  Lsn flushed() const { return flushed_; }

  int socket() const { return connection_.socket(); }
  // When to call next() or send_status_if_due() again though nothing arrived.
  Clock::time_point deadline() const;
  // A batch has been drained (0 bytes: nothing was there): adapts how much the kernel gathers before it wakes us.
  void batch_drained(std::size_t bytes);

 private:
  ReplicationStream(Connection connection, std::chrono::milliseconds status_interval);
  Result<Frame> parse();

  Connection connection_;
  Connection::CopyMessage message_;
  std::chrono::milliseconds status_interval_;
  Clock::time_point last_status_;
  Clock::time_point last_received_;
  Clock::time_point last_drained_;
  Lsn received_ = 0;
  Lsn flushed_ = 0;
  bool gathering_ = false;
};

}  // namespace millrace::postgres
