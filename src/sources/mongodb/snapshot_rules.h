// SnapshotRules: what snapshot.mode and the other snapshot options say of a start: whether documents are read and which, whether the
// stream is followed, and what happens where the stored position is lost.
// Threads: plain values. Errors of create: filters that cannot be read. Behaviour: Debezium 2.7's snapshotters, docs/differences.md.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/snapshot_mode.h"
#include "sources/mongodb/mongo_offset.h"

namespace millrace::mongodb {

class SnapshotRules {
 public:
  static Result<SnapshotRules> create(const Config& config);

  SnapshotMode mode() const { return mode_; }
  bool streams() const { return streams_; }
  // Errors: a snapshot that did not end, and a mode that takes none.
  Result<bool> wants_snapshot(const std::optional<MongoOffset>& stored) const;
  // The stored position is no longer in the oplog: may the connector begin anew? Else it fails.
  bool begins_anew_when_lost() const { return heals_; }
  // Where it begins anew, or without an offset: are the documents read?
  bool reads_at_first() const;

  std::chrono::milliseconds delay() const { return delay_; }                    // before a snapshot
  std::chrono::milliseconds streaming_delay() const { return streaming_delay_; }   // behind one
  // BSON of the query that selects a collection's documents; empty: all.
  std::string filter_of(const std::string& database, const std::string& collection) const;

 private:
  SnapshotMode mode_ = SnapshotMode::initial;
  bool streams_ = true, heals_ = false, configured_reads_ = false;
  std::chrono::milliseconds delay_{0}, streaming_delay_{0};
  std::map<std::string, std::string> filters_;   // by <database>.<collection>
};

}  // namespace millrace::mongodb
