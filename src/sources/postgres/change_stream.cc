#include "sources/postgres/change_stream.h"

#include <algorithm>
#include <chrono>

#include "core/log.h"
#include "core/wall_clock.h"

namespace millrace::postgres {
namespace {

auto stream_log() { return logger("io.debezium.connector.postgresql.PostgresStreamingChangeEventSource"); }

// A checkpoint costs one short text; a crash repeats what lies behind the last stored one.
constexpr std::uint64_t k_changes_per_checkpoint = 64;

std::uint32_t relation_of(const pgoutput::Message& message) {
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message)) return insert->oid;
  if (const auto* update = std::get_if<pgoutput::Update>(&message)) return update->oid;
  return std::get<pgoutput::Delete>(message).oid;
}

// May this change have been delivered in part? A delete has its tombstone, a changed key three records, a truncation one
// for each table.
bool is_one_record(const pgoutput::Message& message) {
  if (std::holds_alternative<pgoutput::Insert>(message)) return true;
  if (const auto* truncate = std::get_if<pgoutput::Truncate>(&message)) return truncate->oids.size() == 1;
  const auto* update = std::get_if<pgoutput::Update>(&message);
  return update != nullptr && update->old_kind == pgoutput::OldTuple::none;
}

}  // namespace

ChangeStream::ChangeStream(Options options, ChangeWriter& writer, SourceProgress& progress, const PostgresOffset& start,
                           bool whole)
    : options_{std::move(options)},
      writer_{writer},
      progress_{progress},
      tx_id_{start.tx_id.value_or(0)},
      commit_time_us_{start.ts_usec.value_or(0)},
      processed_{start.lsn_proc},
      last_commit_{start.lsn_commit ? start.lsn_commit : start.lsn_proc},
      delivered_{start},
      rest_{start} {
  rest_.snapshot = rest_.last_snapshot_record = false;
  rest_.xmin.reset();
  rest_.lsn_commit = last_commit_;
  if (options_.transaction_topic) {
    metadata_.emplace(*options_.transaction_topic);
    metadata_->restore(start.transaction);
    begun_before_ = metadata_->in_progress() && start.message_type != "COMMIT";
  }
  // Only an offset in the midst of a transaction has delivered a part of it.
  const std::string& type = start.message_type;
  const bool boundary = type.empty() || type == "BEGIN" || type == "COMMIT";
  if (!boundary && start.tx_id)   // a transactional message leaves lsn_proc behind and is at lsn
    resume_ = Resume{.tx_id = *start.tx_id, .lsn = start.lsn, .group_complete = whole};
}

Result<void> ChangeStream::handle(Lsn lsn, std::string_view raw, RecordSink& sink) {
  MR_TRY(const pgoutput::Message message, decoder_.decode(raw));
  if (is_change(message)) return on_change(lsn, message, raw, sink);
  if (const auto* begin = std::get_if<pgoutput::Begin>(&message)) return on_begin(lsn, *begin, sink);
  if (std::holds_alternative<pgoutput::Commit>(message)) return on_commit(lsn, sink);
  if (const auto* logical = std::get_if<pgoutput::LogicalMessage>(&message))
    return options_.messages ? on_message(lsn, *logical, sink) : Result<void>{};
  if (const auto* relation = std::get_if<pgoutput::Relation>(&message)) return on_relation(*relation);
  return {};   // Type and Origin say nothing of rows, nor does a truncation that is skipped
}

bool ChangeStream::is_change(const pgoutput::Message& message) const {
  return std::holds_alternative<pgoutput::Insert>(message) || std::holds_alternative<pgoutput::Update>(message) ||
         std::holds_alternative<pgoutput::Delete>(message) ||
         (std::holds_alternative<pgoutput::Truncate>(message) && !writer_.skipped().truncates);
}

// A change elsewhere in the WAL ends the group; it is not delivered, the next start reads it again.
Result<bool> ChangeStream::wind_down(Lsn lsn, std::string_view raw, RecordSink& sink) {
  MR_TRY(const pgoutput::Message message, decoder_.decode(raw));
  const bool row_or_message = is_change(message) || std::holds_alternative<pgoutput::LogicalMessage>(message);
  if (row_or_message && lsn != delivered_.lsn) group_open_ = false;
  else MR_CHECK(handle(lsn, raw, sink));
  return !group_open_;
}

Result<void> ChangeStream::on_begin(Lsn lsn, const pgoutput::Begin& begin, RecordSink& sink) {
  in_transaction_ = true;
  awaited_ = false;
  tx_id_ = begin.xid;
  commit_time_us_ = begin.commit_time;
  if (resume_ && resume_->tx_id == begin.xid) {
    resume_->active = true;
    stream_log()->info("Resuming inside transaction {} behind LSN {}", begin.xid, to_string_lsn(resume_->lsn));
  } else {
    resume_.reset();   // the transaction of the stored position is not sent again: nothing to pass over
  }
  if (!metadata_) return {};
  const std::string id = std::to_string(tx_id_);
  if (std::exchange(begun_before_, false) && metadata_->state().id == id) return {};
  MR_CHECK(read_xmin());
  before_delivery(lsn, sink);
  metadata_->begin(id);
  MR_CHECK(metadata_->emit_begin(shown_transaction_id(tx_id_, lsn), commit_time_us_ / 1000, sink));
  after_delivery(offset_at(lsn, "BEGIN"), false, sink, 1);
  return {};
}

// Without metadata and heartbeats the COMMIT's LSN is not stored by itself: like Debezium we store the last change's own
// offset, and later changes carry this COMMIT in theirs.
Result<void> ChangeStream::on_commit(Lsn lsn, RecordSink& sink) {
  MR_CHECK(settle_held(true, sink));
  resume_.reset();
  progress_.transactions.add();
  in_transaction_ = false;
  processed_ = last_commit_ = lsn;
  group_open_ = false;
  MR_CHECK(read_xmin());
  rest_ = offset_at(lsn, "COMMIT");
  if (!metadata_) return {};
  before_delivery(lsn, sink);
  MR_CHECK(metadata_->emit_end(shown_transaction_id(tx_id_, lsn), commit_time_us_ / 1000, sink));
  after_delivery(rest_, false, sink, 1);
  return {};
}

Result<void> ChangeStream::on_relation(const pgoutput::Relation& relation) {
  const TableId id{relation.schema, relation.table};
  last_relation_ = 0;
  std::unique_ptr<RelationPlan>& plan = plans_[relation.oid];
  pgoutput::Relation named = relation;
  leaves_.erase(relation.oid);
  const bool captured = options_.captures(id);
  const bool asks_catalog = captured || plan || options_.root_of;
  if (asks_catalog && options_.await_transaction && !std::exchange(awaited_, true)) MR_CHECK(options_.await_transaction(static_cast<std::uint32_t>(tx_id_)));
  if (!captured) {
    MR_TRY(const auto root, options_.root_of ? options_.root_of(relation.oid) : std::optional<TableId>{});
    if (root) return on_leaf(std::move(named), *root);
    if (!plan) return {};
    // Renamed out of the filter while we stream: its rows go on to the old topic, decoded by the new columns.
    stream_log()->warn("Table {} was renamed to {}, which the filters leave out; its changes go on to topic {} until "
                       "the connector is restarted", plan->id.text(), id.text(), plan->topic);
    named.schema = plan->id.schema;
    named.table = plan->id.table;
  }
  MR_TRY(plan, options_.plan(named, id));
  return {};
}

Result<const RelationPlan*> ChangeStream::plan_of(std::uint32_t relation) {
  if (relation == last_relation_) return last_plan_;
  const auto at = plans_.find(relation);
  if (at == plans_.end())
    return fail("PostgreSQL sent a change of relation " + std::to_string(relation) + ", which it had not described");
  last_relation_ = relation;
  last_plan_ = at->second.get();
  return last_plan_;
}

// A partition of a captured table, itself not captured: its rows go to the table's topic.
Result<void> ChangeStream::on_leaf(pgoutput::Relation relation, const TableId& root) {
  relation.schema = root.schema;
  relation.table = root.table;
  leaves_.insert(relation.oid);
  MR_TRY(plans_[relation.oid], options_.plan(relation, root));
  return {};
}

Result<void> ChangeStream::on_change(Lsn lsn, const pgoutput::Message& message, std::string_view raw, RecordSink& sink) {
  if (const auto* truncate = std::get_if<pgoutput::Truncate>(&message)) return on_truncate(lsn, *truncate, raw, sink);
  MR_TRY(const RelationPlan* plan, plan_of(relation_of(message)));
  processed_ = lsn;
  if (plan == nullptr) return {};
  if (resume_ && resume_->active) {
    MR_TRY(const bool passed, passed_over(lsn, raw, sink));
    if (passed) return {};
    // What was held has been decoded since: the views of `message` are dead.
    MR_TRY(const pgoutput::Message again, decoder_.decode(raw));
    return deliver(lsn, *plan, again, sink);
  }
  return deliver(lsn, *plan, message, sink);
}

Result<std::vector<const RelationPlan*>> ChangeStream::plans_of(const pgoutput::Truncate& message) {
  std::vector<const RelationPlan*> tables;
  for (const std::uint32_t oid : message.oids) {
    MR_TRY(const RelationPlan* plan, plan_of(oid));
    if (plan == nullptr) continue;
    if (leaves_.contains(oid))   // its table may have other rows, and "t" would say that all are gone
      stream_log()->warn("A truncated partition of table {} gives no event; capture the partitions themselves to have one",
                         plan->id.text());
    else
      tables.push_back(plan);
  }
  return tables;
}

Result<void> ChangeStream::on_truncate(Lsn lsn, const pgoutput::Truncate& message, std::string_view raw, RecordSink& sink) {
  MR_TRY(const auto tables, plans_of(message));
  if (tables.empty()) return {};
  if (resume_ && resume_->active) {
    MR_TRY(const bool passed, passed_over(lsn, raw, sink));
    if (passed) {
      processed_ = lsn;
      return {};
    }
  }
  return deliver_truncate(lsn, tables, sink);
}

Result<bool> ChangeStream::passed_over(Lsn lsn, std::string_view raw, RecordSink& sink) {
  if (lsn < resume_->lsn) return true;
  if (lsn == resume_->lsn) {
    if (resume_->group_complete) return true;
    if (held_message_.empty()) {
      held_message_.assign(raw);
      return true;
    }
  }
  MR_CHECK(settle_held(lsn != resume_->lsn, sink));
  resume_.reset();
  return false;
}

// The change at the resume position is known to be delivered only if it is alone there and a single record.
Result<void> ChangeStream::settle_held(bool alone, RecordSink& sink) {
  if (held_message_.empty()) return {};
  const std::string raw = std::exchange(held_message_, {});
  MR_TRY(const pgoutput::Message message, decoder_.decode(raw));
  if (alone && is_one_record(message)) return {};
  if (const auto* truncate = std::get_if<pgoutput::Truncate>(&message)) {
    MR_TRY(const auto tables, plans_of(*truncate));
    return deliver_truncate(resume_->lsn, tables, sink);
  }
  MR_TRY(const RelationPlan* plan, plan_of(relation_of(message)));
  return plan == nullptr ? Result<void>{} : deliver(resume_->lsn, *plan, message, sink);
}

Result<void> ChangeStream::read_xmin() {
  if (!options_.xmin) return {};
  MR_TRY(xmin_, options_.xmin());
  return {};
}

EventOrigin ChangeStream::origin_of(Lsn lsn, std::optional<std::int64_t> tx_id) {
  return {.ts_us = commit_time_us_, .last_commit = last_commit_, .lsn = lsn, .tx_id = tx_id, .xmin = xmin_,
          .transaction = metadata_ ? &*metadata_ : nullptr};
}

PostgresOffset ChangeStream::offset_at(Lsn lsn, const char* type) const {
  return {.lsn = lsn, .lsn_proc = processed_, .lsn_commit = last_commit_, .tx_id = tx_id_, .ts_usec = commit_time_us_,
          .message_type = type, .xmin = xmin_};
}

Result<void> ChangeStream::deliver(Lsn lsn, const RelationPlan& plan, const pgoutput::Message& message, RecordSink& sink) {
  MR_CHECK(read_xmin());
  const EventOrigin origin = origin_of(lsn, tx_id_);
  const std::uint64_t emitted = writer_.emitted();
  before_delivery(lsn, sink);
  const char* type = "";
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message)) {
    progress_.creates.add();
    MR_CHECK(writer_.insert(plan, origin, insert->after, sink));
    type = "INSERT";
  } else if (const auto* update = std::get_if<pgoutput::Update>(&message)) {
    progress_.updates.add();
    MR_CHECK(writer_.update(plan, origin, *update, sink));
    type = "UPDATE";
  } else {
    progress_.deletes.add();
    MR_CHECK(writer_.remove(plan, origin, std::get<pgoutput::Delete>(message), sink));
    type = "DELETE";
  }
  if (writer_.emitted() == emitted) {   // of an operation that is skipped
    progress_.filtered.add();
    times_due_ = true;
    return {};
  }
  processed_ = lsn;
  after_delivery(offset_at(lsn, type), true, sink);
  return {};
}

// One event for each table. Only the last one's position counts as processed: a start between them sends all again.
Result<void> ChangeStream::deliver_truncate(Lsn lsn, const std::vector<const RelationPlan*>& tables, RecordSink& sink) {
  MR_CHECK(read_xmin());
  for (const RelationPlan* plan : tables) {
    if (plan == tables.back()) processed_ = lsn;
    before_delivery(lsn, sink);
    MR_CHECK(writer_.truncate(*plan, origin_of(lsn, tx_id_), sink));
    after_delivery(offset_at(lsn, "TRUNCATE"), true, sink);
  }
  return {};
}

// A transactional message belongs to its transaction like a change. Any other stands between transactions, has no
// transaction id and the time of the event before it, and counts as a COMMIT of its own.
Result<void> ChangeStream::on_message(Lsn lsn, const pgoutput::LogicalMessage& message, RecordSink& sink) {
  if (message.transactional) {
    if (resume_ && resume_->active && lsn <= resume_->lsn) return {};
    MR_CHECK(settle_held(true, sink));
  } else {
    if (delivered_.message_type == "MESSAGE" && !delivered_.tx_id && lsn <= delivered_.lsn) return {};   // by an earlier run
    processed_ = last_commit_ = lsn;
    if (commit_time_us_ == 0)
      commit_time_us_ = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::system_clock::now().time_since_epoch()).count();
  }
  MR_CHECK(read_xmin());
  PostgresOffset offset = offset_at(lsn, "MESSAGE");
  if (!message.transactional) {
    offset.tx_id.reset();
    rest_ = offset;
  }
  if (options_.takes_message && !options_.takes_message(message.prefix)) return {};
  EventOrigin origin = origin_of(lsn, offset.tx_id);
  origin.transaction = nullptr;   // a message is not counted and has no block
  before_delivery(lsn, sink);
  MR_CHECK(writer_.message(*options_.messages, origin, message, options_.message_content, sink));
  after_delivery(std::move(offset), message.transactional, sink);
  return {};
}

void ChangeStream::before_delivery(Lsn lsn, RecordSink& sink) {
  if (lsn != delivered_.lsn) group_open_ = false;
  if (uncovered_ >= k_changes_per_checkpoint) checkpoint(sink);
  records_before_ = writer_.records();
  dropped_before_ = sink.dropped();
}

// As in Connect, the position stays where it is when no record of the change went on to Kafka.
void ChangeStream::after_delivery(PostgresOffset offset, bool group_open, const RecordSink& sink, std::uint64_t unwritten) {
  times_due_ = true;
  const std::uint64_t records = writer_.records() - records_before_ + unwritten;
  if (records != 0 && records == sink.dropped() - dropped_before_) return;
  delivered_ = std::move(offset);
  if (metadata_) delivered_transaction_ = metadata_->state();
  group_open_ = group_open;
  ++uncovered_;
}

void ChangeStream::note_times() {
  if (!std::exchange(times_due_, false)) return;
  progress_.last_event_ms.set(wall_clock_ms());
  progress_.last_source_ms.set(commit_time_us_ / 1000);
}

void ChangeStream::checkpoint(RecordSink& sink) {
  if (uncovered_ == 0 || group_open_) return;
  PostgresOffset offset = delivered_;
  if (metadata_ && offset.tx_id) offset.transaction = delivered_transaction_;
  sink.checkpoint({offset.text()});
  uncovered_ = 0;
}

// Not before the first transaction is found: another worker's offset would look as if it were ours.
std::optional<PostgresOffset> ChangeStream::resting_place() const {
  if (in_transaction_ || uncovered_ > 0 || resume_) return std::nullopt;
  return rest_;
}

PostgresOffset ChangeStream::advance_to(Lsn lsn) {
  last_commit_ = std::max(last_commit_.value_or(0), lsn);
  processed_ = last_commit_;
  delivered_ = PostgresOffset{.lsn = *last_commit_, .lsn_proc = last_commit_, .lsn_commit = last_commit_,
                              .tx_id = tx_id_, .ts_usec = commit_time_us_, .message_type = "COMMIT", .xmin = xmin_};
  rest_ = delivered_;
  return delivered_;
}

}  // namespace millrace::postgres
