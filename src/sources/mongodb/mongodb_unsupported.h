// Options of Debezium's MongoDB connector that this version does not carry out yet. Streaming without them would give
// other records than the user asked for, so the configuration is refused and the option is named.
// Threads: plain functions.
#pragma once

#include "core/config.h"

namespace millrace::mongodb {

void refuse_unsupported(const Config& config, ConfigErrors& errors);

}  // namespace millrace::mongodb
