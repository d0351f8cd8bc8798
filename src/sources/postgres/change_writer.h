// ChangeWriter turns row images into Debezium's change records: it fills the slots of a relation's plan and emits
// r, c, u, d, tombstones, and the d + c pair of a changed key.
// Threads: one task's thread. Bounds: one record's slots, and its decoded values (Scratch).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/source.h"
#include "sources/postgres/pgoutput.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {

// What the source block says of an event.
struct EventOrigin {
  std::int64_t ts_us = 0;                   // commit time, or the snapshot's
  std::string_view snapshot{};              // first, true, last, ...; empty: streamed
  std::optional<Lsn> last_commit{};
  Lsn lsn = 0;
  std::optional<std::int64_t> tx_id{};
};

class ChangeWriter {
 public:
  explicit ChangeWriter(bool tombstones_on_delete) : tombstones_{tombstones_on_delete} {}

  Result<void> read(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple row, RecordSink& sink);
  Result<void> insert(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple after, RecordSink& sink);
  Result<void> update(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Update& update, RecordSink& sink);
  Result<void> remove(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Delete& removal, RecordSink& sink);
  // A logical decoding message; `plan` is plan_of_messages().
  Result<void> message(const RecordPlan& plan, const EventOrigin& origin, const pgoutput::LogicalMessage& message,
                       BinaryMode mode, RecordSink& sink);

 private:
  void begin(const RecordPlan& plan, const EventOrigin& origin);
  void stamp(char op);
  Result<void> decode(const RelationPlan& plan, pgoutput::Tuple tuple, bool as_before);
  void take_key(const RelationPlan& plan, bool from_before);
  bool key_changed(const RelationPlan& plan) const;
  Header key_header(const RelationPlan& plan, const char* name, bool from_before);
  Result<void> emit(const RelationPlan& plan, char op, bool before, bool after, std::span<const Header> headers, RecordSink& sink);
  Result<void> emit_tombstone(const RelationPlan& plan, std::span<const Header> headers, RecordSink& sink);

  const bool tombstones_;
  std::vector<Datum> slots_;
  Scratch scratch_;
  std::array<char, 64> sequence_{};
  std::array<char, 1> op_{};
};

}  // namespace millrace::postgres
