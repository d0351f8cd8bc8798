#include "core/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
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

bool StopSignal::requested_within(std::chrono::milliseconds time) const noexcept {
  pollfd one{.fd = fd(), .events = POLLIN, .revents = 0};
  ::poll(&one, 1, static_cast<int>(std::clamp<std::int64_t>(time.count(), 0, std::numeric_limits<int>::max())));
  return requested();
}

}  // namespace millrace
