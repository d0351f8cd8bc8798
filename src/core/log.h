// Named loggers: categories carry the Java names that Connect's users set levels for
// (org.apache.kafka.connect.runtime, io.debezium.connector.postgresql). All write to standard output.
// A level holds for a name and all names below it, those of loggers made later too, until one nearer is set.
// Threads: any. Nothing on the hot path logs; secrets never do: settings are printed through masked().
#pragma once

#include <spdlog/spdlog.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

using LogLevel = spdlog::level::level_enum;

// "[2026-11-24 10:00:00,000] INFO text (category)", as Connect's log4j pattern. Called once, early in main.
void start_logging();
// The logger of a category; made on first use with the level of its nearest set ancestor.
std::shared_ptr<spdlog::logger> logger(std::string_view category);

// Sets a name and everything below it, whatever was set there; "": the root, thus everything.
void set_log_level(std::string_view name, LogLevel level);
// All levels anew, as a configuration file gives them: names to levels, the root's under "".
void set_log_levels(std::map<std::string, LogLevel, std::less<>> levels);
// TRACE DEBUG INFO WARN ERROR FATAL OFF, and ALL for TRACE, in any case.
std::optional<LogLevel> log_level_of(std::string_view word);

// "********" when the setting's name says that it is a secret (Debezium's and Connect's rule), else the value.
std::string masked(std::string_view setting, std::string_view value);

}  // namespace millrace
