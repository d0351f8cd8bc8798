// A listening TCP socket for one listener: an address, a name, or all interfaces (IPv6 and IPv4 in one socket).
// Threads: any.
#pragma once

#include <unistd.h>

#include <utility>

#include "connect/worker_config.h"
#include "core/error.h"

namespace millrace {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_{fd} {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// Non-blocking. Port 0: the system chooses. Errors name address and reason.
Result<Descriptor> listen_on(const Listener& listener);
int bound_port(int fd);

}  // namespace millrace
