// Stage says what the herder's thread is doing and since when, in the sentences that Connect appends to the
// message of a request that timed out.
// Threads: any.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace millrace {

class Stage {
 public:
  using Time = std::chrono::system_clock::time_point;

  void begin(std::string what, Time now = std::chrono::system_clock::now());
  void end(Time now = std::chrono::system_clock::now());
  std::string sentence() const;   // empty before the first stage

 private:
  mutable std::mutex mutex_;
  std::string what_;
  Time begun_{};
  std::optional<Time> ended_;
};

}  // namespace millrace
