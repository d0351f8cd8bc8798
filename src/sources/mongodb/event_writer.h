// EventWriter makes Debezium's records of documents and change events and gives them to the sink.
// Bounds: a plan per collection (topic, key and envelope; about 10 kB each) and the texts of one event; between events at
// most 1 MiB of each text's memory is kept.
// Threads: one task's thread. Errors: those of the sink, and documents that cannot be printed, with their collection;
// event.processing.failure.handling.mode=warn and skip leave such a change out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/config.h"
#include "core/source.h"
#include "core/transaction_metadata.h"
#include "core/wall_clock.h"
#include "sources/mongodb/change_event.h"

namespace millrace::mongodb {

using WallClock = std::int64_t (*)();   // milliseconds since 1970, for the envelope's ts_ms

class EventWriter {
 public:
  // Reads the options of names, tombstones.on.delete, provide.transaction.metadata with its topic, and
  // event.processing.failure.handling.mode.
  static Result<EventWriter> create(const Config& config, WallClock now = wall_clock_ms);
  ~EventWriter();
  EventWriter(EventWriter&&) noexcept;
  EventWriter& operator=(EventWriter&&) noexcept;

  // A document of a snapshot. marker: source.snapshot, "true", or "last" for the last of all. time: of the snapshot's
  // position, mostly none.
  Result<void> read(std::string_view database, std::string_view collection, BsonView document, std::string_view marker,
                    std::optional<ClusterTime> time, RecordSink& sink);
  // Insert, update, replace, delete (with its tombstone); other operations give nothing. An insert without its document
  // gives a record with after = null, and the collection's first one a warning.
  // With provide.transaction.metadata the records of the transaction topic, too: BEGIN before a transaction's first event, END when
  // an event of another one comes, or of none.
  Result<void> change(const ChangeEvent& event, RecordSink& sink);

  // For the offset. It stays after END, until the next BEGIN, as in Debezium.
  const TransactionState& transaction() const;
  bool owes_end() const;             // END of that transaction is still to come
  std::uint64_t records() const;     // given to the sink so far
  // As an offset told it: the counters go on. over: its END has been sent.
  void restore(const TransactionState& state, bool over);

 private:
  struct Impl;
  explicit EventWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::mongodb
