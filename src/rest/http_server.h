// HttpServer serves Connect's REST API over HTTP/1.1: a thin seam around the HTTP library, so that it can be changed.
// Limits: 1 MiB of body, 4 threads, 5 s to read a request; chunked requests are refused (411).
// An "Upgrade: h2c" header is ignored. Threads: handlers run on the server's own threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/herder.h"
#include "connect/worker_config.h"
#include "core/error.h"

namespace millrace {

class RestServer {
 public:
  // Binds all listeners at once; errors name the address and the reason.
  static Result<std::unique_ptr<RestServer>> open(const std::vector<Listener>& listeners, Herder& herder,
                                                  const Config& worker);
  virtual ~RestServer() = default;      // stops
  virtual int port() const = 0;         // of the first listener, when 0 was asked for
};

}  // namespace millrace
