// Named loggers: categories carry the Java names that Connect's users set levels for
// (org.apache.kafka.connect.runtime, io.debezium.connector.postgresql). All write to standard output.
// Threads: any. Nothing on the hot path logs; secrets never do: settings are printed through masked().
#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>

namespace millrace {

// "[2026-11-24 10:00:00,000] INFO text (category)", as Connect's log4j pattern. Called once, early in main.
void start_logging();
// The logger of a category; made on first use with the level of its nearest set ancestor.
std::shared_ptr<spdlog::logger> logger(std::string_view category);

// "********" when the setting's name says that it is a secret (Debezium's and Connect's rule), else the value.
std::string masked(std::string_view setting, std::string_view value);

}  // namespace millrace
