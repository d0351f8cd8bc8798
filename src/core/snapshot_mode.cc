#include "core/snapshot_mode.h"

#include <string>

#include "core/letters.h"

namespace millrace {

Result<SnapshotMode> snapshot_mode(const Config& config) {
  const std::string mode = lower(trimmed(config.get("snapshot.mode", "initial")));
  if (mode == "initial") return SnapshotMode::initial;
  if (mode == "always") return SnapshotMode::always;
  if (mode == "initial_only") return SnapshotMode::initial_only;
  if (mode == "no_data" || mode == "never") return SnapshotMode::no_data;
  if (mode == "when_needed") return SnapshotMode::when_needed;
  if (mode == "configuration_based") return SnapshotMode::configuration_based;
  return fail("snapshot.mode=" + mode + " is not supported; use initial, always, initial_only, no_data, never or when_needed");
}

}  // namespace millrace
