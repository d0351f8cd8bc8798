#include "core/wake.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace millrace {

Wake::Wake() : fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
  if (fd_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

Wake::~Wake() { ::close(fd_); }

// A full or empty counter is no failure: it is rung, or drained, already.
void Wake::ring() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void Wake::drain() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto bytes = ::read(fd_, &count, sizeof count);
}

}  // namespace millrace
