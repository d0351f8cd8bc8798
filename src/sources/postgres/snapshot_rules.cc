#include "sources/postgres/snapshot_rules.h"

#include "core/log.h"

namespace millrace::postgres {

Result<SnapshotRules> SnapshotRules::create(const Config& config) {
  SnapshotRules rules;
  MR_TRY(rules.mode_, snapshot_mode(config));
  rules.slot_name_ = config.get("slot.name", "debezium");
  rules.slot_is_dropped_ = config.boolean("slot.drop.on.stop", false);
  rules.streams_ = rules.mode_ != SnapshotMode::initial_only;
  if (rules.mode_ != SnapshotMode::configuration_based) return rules;
  const auto flag = [&config](const std::string& name) {
    return config.boolean("snapshot.mode.configuration.based." + name, false);
  };
  rules.streams_ = flag("start.stream");
  rules.configured_data_ = flag("snapshot.data");
  rules.configured_on_error_ = flag("snapshot.on.data.error");
  return rules;
}

bool SnapshotRules::reads_without_offset() const {
  return mode_ == SnapshotMode::configuration_based ? configured_data_ : mode_ != SnapshotMode::no_data;
}

// As if there were none: at each start.
bool SnapshotRules::reads_with_offset() const {
  return mode_ == SnapshotMode::always || (mode_ == SnapshotMode::configuration_based && configured_data_);
}

bool SnapshotRules::heals_a_gap() const { return mode_ == SnapshotMode::when_needed || configured_on_error_; }

Result<bool> SnapshotRules::wants_snapshot(const std::optional<PostgresOffset>& stored,
                                           const std::optional<SlotState>& slot) const {
  if (reads_with_offset()) return true;
  if (!stored) return reads_without_offset();
  if (stored->snapshot_unfinished()) {
    if (reads_without_offset()) return true;
    return fail("The connector previously stopped while taking a snapshot, but now the connector is configured to "
                "never allow snapshots. Reconfigure the connector to use snapshots initially or when needed.",
                Retry::no, k_debezium_exception);
  }
  if (!streams_) return false;
  if (!slot && slot_is_dropped_) return false;   // the user wants to start anew at each start
  const Lsn position = stored->lsn_commit.value_or(stored->lsn_proc.value_or(stored->lsn));
  const bool lost = !slot || slot->confirmed_flush.value_or(0) > position;
  if (!lost) return false;
  if (heals_a_gap()) {
    logger("io.debezium.connector.postgresql.PostgresConnectorTask")
        ->warn("The changes behind the stored offset (LSN {}) are no longer available; a new snapshot is taken",
               to_string_lsn(position));
    return true;
  }
  const std::string what = slot ? "slot '" + slot_name_ + "' has been moved to LSN " + to_string_lsn(*slot->confirmed_flush)
                                : "slot '" + slot_name_ + "' does not exist";
  return fail("Last recorded offset is no longer available on the server: the stored offset is at LSN " +
                  to_string_lsn(position) + " and " + what + ", so changes in between are lost to this connector. "
                  "Take a new snapshot (snapshot.mode=when_needed, or stop the connector and DELETE its offsets), or "
                  "store an offset from which to go on (PATCH its offsets).",
              Retry::no, k_debezium_exception);
}

}  // namespace millrace::postgres
