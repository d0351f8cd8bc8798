// SnapshotRules: what snapshot.mode says of a start: whether the tables are read, whether the stream is followed after it,
// and what happens where the changes behind the stored offset are lost.
// Threads: plain values. Behaviour: Debezium 2.7's snapshotters, docs/differences.md for gaps.
#pragma once

#include <optional>
#include <string>

#include "core/config.h"
#include "core/error.h"
#include "core/snapshot_mode.h"
#include "sources/postgres/offset.h"
#include "sources/postgres/slot.h"

namespace millrace::postgres {

class SnapshotRules {
 public:
  static Result<SnapshotRules> create(const Config& config);

  bool streams() const { return streams_; }
  SnapshotMode mode() const { return mode_; }
  // Errors: a snapshot is needed and not allowed; or the slot does not hold what follows the stored position and the mode
  // takes no new snapshot for that: a gap is never passed over in silence.
  Result<bool> wants_snapshot(const std::optional<PostgresOffset>& stored, const std::optional<SlotState>& slot) const;

 private:
  bool reads_without_offset() const;
  bool reads_with_offset() const;
  bool heals_a_gap() const;

  SnapshotMode mode_ = SnapshotMode::initial;
  std::string slot_name_;
  bool slot_is_dropped_ = false;                              // slot.drop.on.stop: each start begins anew
  bool streams_ = true;
  bool configured_data_ = false, configured_on_error_ = false;   // of the mode configuration_based
};

}  // namespace millrace::postgres
