#include "connect/stage.h"

#include <fmt/chrono.h>

namespace millrace {

// As java.time.Instant prints it, to the millisecond.
static std::string iso_time(Stage::Time time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(ms / 1000)),
                     ms % 1000);
}

void Stage::begin(std::string what, Time now) {
  const std::scoped_lock lock{mutex_};
  what_ = std::move(what);
  begun_ = now;
  ended_.reset();
}

void Stage::end(Time now) {
  const std::scoped_lock lock{mutex_};
  ended_ = now;
}

std::string Stage::sentence() const {
  const std::scoped_lock lock{mutex_};
  if (what_.empty()) return {};
  if (!ended_)
    return "The worker is currently " + what_ + ", which began at " + iso_time(begun_) + ".";
  return "The last operation the worker completed was " + what_ + ", which began at " + iso_time(begun_) +
         " and completed at " + iso_time(*ended_) + ".";
}

}  // namespace millrace
