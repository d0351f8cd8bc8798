// ConnectionLoop owns the sockets of the REST API. One thread accepts, and watches the connections that wait for a
// request; only a connection with bytes to read takes a worker thread. So idle and silent clients cost a descriptor,
// no thread, and /health is answered however many of them there are.
//
// Bounds: 4 worker threads; up to 32 while calls wait for the Kafka worker, the others end as soon as they find
// nothing to do. 256 connections: the one that waits longest is closed for a new one.
// Threads: `serve` is called from worker threads. Lifetime: destruction closes what waits and lets calls finish.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/worker_config.h"
#include "core/error.h"

namespace millrace {

enum class AfterAnswer : bool { close, keep };

class ConnectionLoop {
 public:
  // Reads and answers what has arrived on the socket.
  using Serve = std::function<AfterAnswer(int fd)>;

  // Errors name the address and the reason.
  static Result<std::unique_ptr<ConnectionLoop>> open(const std::vector<Listener>& listeners, Serve serve);
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  int port() const;   // of the first listener

 private:
  struct Impl;
  explicit ConnectionLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace
