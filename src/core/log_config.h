// The levels of a log4j configuration in properties form, log4j2.properties or log4j.properties, as Strimzi mounts it.
// Read: the root's and the named loggers' levels, monitorInterval, and ${...} of the file's own properties. Appenders and
// patterns have no effect: millrace writes to standard output in a form of its own (core/log.h).
// Source of the format: Log4j 2 manual, "Configuration with Properties"; log4j 1.2, PropertyConfigurator.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/log.h"

namespace millrace {

struct LogConfig {
  std::map<std::string, LogLevel, std::less<>> levels;   // the root's under ""
  std::chrono::seconds monitor_interval{0};              // 0: the file is not looked at again
  std::vector<std::string> problems;                     // lines without effect: setting, value, reason
};

// Errors: the text is no properties file.
Result<LogConfig> parse_log_config(std::string_view text);

// The file that the environment names: -Dlog4j2.configurationFile=, -Dlog4j.configurationFile= or
// -Dlog4j.configuration= in KAFKA_LOG4J_OPTS, else Strimzi's place when it exists. None: no file.
std::optional<std::string> log_config_path(const char* kafka_log4j_opts);

// Applies a file's levels, and again each time its content has changed, looked at every monitorInterval. A file that
// cannot be read later, or is broken, leaves the levels as they are, with a warning.
// Threads: one of its own when there is an interval; destruction ends it.
class LogConfigFile {
 public:
  // Errors: not readable, or no properties file; the text names it.
  static Result<std::unique_ptr<LogConfigFile>> open(const std::string& path);
  virtual ~LogConfigFile() = default;
};

}  // namespace millrace
