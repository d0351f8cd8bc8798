// Wake is an eventfd: any thread rings, one thread polls it among its other descriptors.
// StopSignal is a Wake that stays rung, with a flag to read without a system call.
// Threads: ring() and request() from any thread and from signal handlers; drain() from the polling thread.
#pragma once

#include <atomic>
#include <chrono>

namespace millrace {

class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void ring() const noexcept;
  void drain() const noexcept;
  int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

class StopSignal {
 public:
  void request() noexcept {
    requested_.store(true, std::memory_order_release);
    wake_.ring();
  }
  bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }
  bool requested_within(std::chrono::milliseconds time) const noexcept;   // waits so long at most; a signal may end it early
  int fd() const noexcept { return wake_.fd(); }  // readable once requested

 private:
  std::atomic<bool> requested_{false};
  Wake wake_;
};

}  // namespace millrace
