// ChangeWriter turns row images into Debezium's change records: it fills the slots of a relation's plan and emits
// r, c, u, d, t, tombstones, and the d + c pair of a changed key. Operations that are skipped it does not emit, nor
// the part of a changed key that is one of them.
// Threads: one task's thread. Bounds: one record's slots, and its decoded values (Scratch).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/bad_events.h"
#include "core/error.h"
#include "core/source.h"
#include "core/transaction_metadata.h"
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
  std::optional<std::int64_t> xmin{};
  TransactionMetadata* transaction = nullptr;   // counts the event and fills its block; null: no block
};

// skipped.operations, as far as they are streamed. "r" is accepted and skips nothing.
struct SkippedOperations {
  bool creates = false, updates = false, deletes = false, truncates = false;
  bool has(char op) const;
};
SkippedOperations skipped_operations(const Config& config);

// The id of a transaction in records: that of the server and the LSN of the very record.
std::string shown_transaction_id(std::int64_t tx_id, Lsn lsn);

class ChangeWriter {
 public:
  // A bad event is a streamed change whose key does not convert, or whose row has no value for a required column without a
  // default; other values that do not convert are null.
  explicit ChangeWriter(bool tombstones_on_delete, SkippedOperations skipped = {}, BadEvents bad_events = BadEvents::fail)
      : tombstones_{tombstones_on_delete}, skipped_{skipped}, bad_events_{bad_events} {}

  Result<void> read(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple row, RecordSink& sink);
  // A table without columns gives no change events but t.
  Result<void> insert(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple after, RecordSink& sink);
  Result<void> update(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Update& update, RecordSink& sink);
  Result<void> remove(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Delete& removal, RecordSink& sink);
  Result<void> truncate(const RelationPlan& plan, const EventOrigin& origin, RecordSink& sink);
  // A logical decoding message; `plan` is plan_of_messages().
  Result<void> message(const RecordPlan& plan, const EventOrigin& origin, const pgoutput::LogicalMessage& message,
                       BinaryMode mode, RecordSink& sink);

  // Change events emitted so far: whether a change gave any, when some are skipped.
  std::uint64_t emitted() const { return emitted_; }
  // Records given to the sink so far, tombstones and messages too.
  std::uint64_t records() const { return records_; }
  const SkippedOperations& skipped() const { return skipped_; }

 private:
  void begin(const RecordPlan& plan, const EventOrigin& origin);
  void stamp(char op);
  void put_source_time(std::int64_t us);
  Result<void> send(const RecordPlan& record, const RelationPlan& plan, char op, std::span<const Header> headers, RecordSink& sink);
  Result<void> decode(const RelationPlan& plan, pgoutput::Tuple tuple, bool as_before, pgoutput::Tuple old = {});
  Result<void> note_absent(const RelationPlan& plan, std::size_t at, bool as_before, std::string_view reason);
  std::unexpected<Error> bad_key(const RelationPlan& plan, const ColumnCodec& column, std::string_view reason);
  Result<void> check_row(const RelationPlan& plan, bool before, bool after);
  Result<void> check_key(const RelationPlan& plan);
  static const ColumnCodec* take_failure(const RelationPlan& plan);
  Result<void> settled(const RelationPlan& plan, Result<void> written);
  Result<void> write_insert(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple after, RecordSink& sink);
  Result<void> write_update(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Update& update, RecordSink& sink);
  Result<void> write_removal(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Delete& removal, RecordSink& sink);
  void take_key(const RelationPlan& plan, bool from_before);
  bool row_changed(const RelationPlan& plan) const;   // in the columns of the value, as it shows them
  bool key_changed(const RelationPlan& plan) const;
  Header key_header(const RelationPlan& plan, const char* name, bool from_before);
  Result<void> emit(const RelationPlan& plan, char op, bool before, bool after, std::span<const Header> headers, RecordSink& sink);
  Result<void> emit_tombstone(const RelationPlan& plan, std::span<const Header> headers, RecordSink& sink);

  const bool tombstones_;
  const SkippedOperations skipped_;
  const BadEvents bad_events_;
  bool bad_event_ = false;                       // the one being written
  struct Absent {
    const ColumnCodec* column = nullptr;
    std::string_view reason{};
  };
  Absent absent_before_{}, absent_after_{};      // the first required column without a value
  std::uint64_t emitted_ = 0, records_ = 0;
  TransactionMetadata* transaction_ = nullptr;   // of the event being written
  std::string transaction_id_;
  std::vector<Datum> slots_;
  Scratch scratch_;
  std::array<char, 64> sequence_{};
  std::array<char, 1> op_{};
  std::array<char, 32> now_{}, source_time_{};   // digits of nanoseconds
  std::int64_t source_us_ = 0;                   // whose digits they are; 0: none
  std::size_t source_digits_ = 0;
};

}  // namespace millrace::postgres
