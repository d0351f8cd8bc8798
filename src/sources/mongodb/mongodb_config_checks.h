// The checks of the MongoDB connector's options, one by one. Order and texts are Debezium's.
// Threads: plain function.
#pragma once

#include <string>
#include <vector>

#include "core/config.h"

namespace millrace::mongodb {

// Everything that is wrong with the option's text: its type, its own rules, what it excludes. Empty: nothing.
std::vector<std::string> check_key(const Config& config, const ConfigKey& key);

}  // namespace millrace::mongodb
