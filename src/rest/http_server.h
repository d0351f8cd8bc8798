// HttpServer serves Connect's REST API over HTTP/1.1: a thin seam around the HTTP library, so that it can be changed.
// Limits: 1 MiB of body, 4 threads (up to 32 while calls wait for the worker), 256 connections, 5 s to read a
// request; chunked requests are refused (411). An "Upgrade: h2c" header is ignored.
// Threads: handlers run on the server's own threads; destruction waits for those that run.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "connect/herder.h"
#include "connect/worker_config.h"
#include "core/error.h"
#include "rest/exchange.h"

namespace millrace {

struct RestLimits {
  std::chrono::milliseconds request{5'000};   // to read a whole request
};

class RestServer {
 public:
  // Binds all listeners at once; errors name the address and the reason.
  static Result<std::unique_ptr<RestServer>> open(const std::vector<Listener>& listeners, Herder& herder,
                                                  const Config& worker, RestLimits limits = {});
  // The same seam with other answers; `answer` is called from the server's threads, many at once.
  using Answer = std::function<HttpAnswer(const HttpRequest&)>;
  static Result<std::unique_ptr<RestServer>> open(const std::vector<Listener>& listeners, Answer answer,
                                                  RestLimits limits = {});
  virtual ~RestServer() = default;      // stops
  virtual int port() const = 0;         // of the first listener, when 0 was asked for
};

}  // namespace millrace
