// snapshot.mode, as all Debezium connectors read it: when a source reads what is there before it streams.
// Threads: plain functions. Errors: a mode that no source follows, named.
#pragma once

#include <cstdint>

#include "core/config.h"
#include "core/error.h"

namespace millrace {

// "never" is no_data. configuration_based: options of the source's own say what to do.
enum class SnapshotMode : std::uint8_t { always, initial, initial_only, no_data, when_needed, configuration_based };

Result<SnapshotMode> snapshot_mode(const Config& config);   // trimmed, any case; absent: initial

}  // namespace millrace
