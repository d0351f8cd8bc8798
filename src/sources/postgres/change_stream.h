// ChangeStream follows pgoutput's messages: transactions, relations, rows. It emits the captured changes with their
// positions, declares checkpoints where a restart neither skips nor loses, and passes over what an earlier run has
// already delivered.
//
// Positions. Rows of one COPY or multi-insert share an LSN, and Debezium resumes behind "the last LSN"; so a
// checkpoint is declared only once a message with another LSN, or the COMMIT, has arrived.
// Resuming. The server sends again, from its start, the transaction that holds the stored position (lsn_proc);
// it is the first one, and has the stored txId. Its changes up to lsn_proc are passed over. Where the offset was
// stored by another worker, changes that share lsn_proc may have been delivered in part: they are sent again.
//
// Transaction metadata. BEGIN and END are records with offsets of their own. Resumed inside a transaction, the counters of
// the stored offset go on and BEGIN is not sent again.
//
// Threads: one task's thread. Bounds: one plan per captured relation; one held message while resuming.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/source.h"
#include "sources/postgres/change_writer.h"
#include "sources/postgres/offset.h"
#include "sources/postgres/pgoutput.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {

class ChangeStream {
 public:
  struct Options {
    std::function<bool(const TableId&)> captures;
    // Makes the plan of a relation as it is named; `actual`: the table's name in the catalog now.
    std::function<Result<std::unique_ptr<RelationPlan>>(const pgoutput::Relation& named, const TableId& actual)> plan;
    // Waits until the catalog shows what the transaction did to it, once in each; null: not waited for.
    std::function<Result<void>(std::uint32_t xid)> await_transaction{};
    // The captured table of which an uncaptured relation is a partition; null: partitions are not looked for.
    std::function<Result<std::optional<TableId>>(std::uint32_t oid)> root_of{};
    std::shared_ptr<const RecordPlan> messages;   // of logical decoding messages; null: they are not delivered
    BinaryMode message_content = BinaryMode::bytes;
    std::function<bool(std::string_view prefix)> takes_message{};         // null: all
    std::optional<std::string> transaction_topic{};                       // none: no transaction metadata
    std::function<Result<std::optional<std::int64_t>>()> xmin{};          // the slot's, for the source block; null: not told
  };

  // `start`: the stored offset or the snapshot's. Writer and progress outlive the stream.
  ChangeStream(Options options, ChangeWriter& writer, SourceProgress& progress, const PostgresOffset& start,
               bool whole);

  Result<void> handle(Lsn lsn, std::string_view message, RecordSink& sink);

  // Told to stop in the midst of changes that may share an LSN: takes what is needed to know their end, and nothing
  // more. True: checkpoint() can be declared now.
  Result<bool> wind_down(Lsn lsn, std::string_view message, RecordSink& sink);
  bool needs_winding_down() const { return uncovered_ > 0 && group_open_; }

  // A batch ends: declares the checkpoint that many small transactions have put off.
  void checkpoint(RecordSink& sink);
  // A batch ends: the time of its last change, once instead of with each.
  void note_times();
  bool in_transaction() const { return in_transaction_; }
  // Between transactions, everything delivered being covered by a checkpoint: the offset of this place, for a heartbeat.
  std::optional<PostgresOffset> resting_place() const;
  // Nothing of ours lies before this place: the offset that says so, as a COMMIT there would. For idle stretches.
  PostgresOffset advance_to(Lsn lsn);

 private:
  struct Resume {              // what an earlier run has delivered of the first transaction
    std::int64_t tx_id = 0;
    Lsn lsn = 0;
    bool group_complete = false;   // all changes at `lsn` are delivered, not only the first of them
    bool active = false;           // inside that transaction
  };

  Result<void> on_begin(Lsn lsn, const pgoutput::Begin& begin, RecordSink& sink);
  Result<void> on_commit(Lsn lsn, RecordSink& sink);
  Result<void> on_relation(const pgoutput::Relation& relation);
  Result<void> on_leaf(pgoutput::Relation relation, const TableId& root);
  Result<void> on_change(Lsn lsn, const pgoutput::Message& message, std::string_view raw, RecordSink& sink);
  Result<void> on_truncate(Lsn lsn, const pgoutput::Truncate& message, std::string_view raw, RecordSink& sink);
  Result<const RelationPlan*> plan_of(std::uint32_t relation);
  Result<std::vector<const RelationPlan*>> plans_of(const pgoutput::Truncate& message);
  bool is_change(const pgoutput::Message& message) const;
  Result<bool> passed_over(Lsn lsn, std::string_view raw, RecordSink& sink);
  Result<void> settle_held(bool alone, RecordSink& sink);
  Result<void> deliver(Lsn lsn, const RelationPlan& plan, const pgoutput::Message& message, RecordSink& sink);
  Result<void> deliver_truncate(Lsn lsn, const std::vector<const RelationPlan*>& tables, RecordSink& sink);
  Result<void> on_message(Lsn lsn, const pgoutput::LogicalMessage& message, RecordSink& sink);
  Result<void> read_xmin();
  EventOrigin origin_of(Lsn lsn, std::optional<std::int64_t> tx_id);
  PostgresOffset offset_at(Lsn lsn, const char* type) const;
  void before_delivery(Lsn lsn, RecordSink& sink);
  // unwritten: records that the writer has not made.
  void after_delivery(PostgresOffset offset, bool group_open, const RecordSink& sink, std::uint64_t unwritten = 0);

  const Options options_;
  ChangeWriter& writer_;
  SourceProgress& progress_;
  bool times_due_ = false;
  std::optional<TransactionMetadata> metadata_;
  bool begun_before_ = false;                   // an earlier run has sent the BEGIN of the first transaction
  std::optional<std::int64_t> xmin_;
  pgoutput::Decoder decoder_;

  std::unordered_map<std::uint32_t, std::unique_ptr<RelationPlan>> plans_;   // null: known, not captured
  std::unordered_set<std::uint32_t> leaves_;    // those that stand for a partition's table
  std::uint32_t last_relation_ = 0;             // of last_plan_; 0: none
  const RelationPlan* last_plan_ = nullptr;

  bool in_transaction_ = false;
  bool awaited_ = false;       // the transaction, by await_transaction
  std::int64_t tx_id_ = 0;
  std::int64_t commit_time_us_ = 0;
  std::optional<Lsn> processed_;                // lsn_proc: of the last message that is complete in itself
  std::optional<Lsn> last_commit_;              // of the last COMMIT, or what an idle stretch was advanced to

  PostgresOffset delivered_;                    // of the last record; at first the one started from; without its transaction
  TransactionState delivered_transaction_;      // as it was then; later events may be counted and dropped
  PostgresOffset rest_;                         // of the last place between transactions
  std::uint64_t records_before_ = 0, dropped_before_ = 0;   // of the writer and the sink, at before_delivery
  std::uint64_t uncovered_ = 0;                 // changes delivered since the last checkpoint
  bool group_open_ = false;                     // the next change may share delivered_.lsn

  std::optional<Resume> resume_;
  std::string held_message_;                    // at the resume position: alone there, or one of several?
};

}  // namespace millrace::postgres
