// LogLevels reads and sets the levels of the named loggers for /admin/loggers, and remembers when it set them.
// The names are Java's logger names; "root" is the root logger, in any case.
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

struct LoggerState {
  std::string level;                              // TRACE DEBUG INFO WARN ERROR FATAL OFF
  std::optional<std::int64_t> last_modified_ms;
};

class LogLevels {
 public:
  // Sorted by name; loggers that are off are left out, as Connect does.
  std::map<std::string, LoggerState> all() const;
  std::optional<LoggerState> find(std::string_view name) const;
  static bool is_level(std::string_view level);   // in any case
  // Sets a namespace and all loggers below it; makes the namespace's logger if there is none.
  // Gives the names, sorted, whose level is another one now.
  std::vector<std::string> set(std::string_view name, std::string_view level);

 private:
  LoggerState state_of(const std::string& name, int level) const;   // with mutex_ held

  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> last_modified_ms_;
};

}  // namespace millrace
