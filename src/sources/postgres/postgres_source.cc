#include "sources/postgres/postgres_source.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <thread>
#include <utility>

#include "core/bytes.h"
#include "core/heartbeat.h"
#include "core/json_text.h"
#include "core/letters.h"
#include "core/log.h"
#include "core/wall_clock.h"
#include "sources/postgres/captured_tables.h"
#include "sources/postgres/change_stream.h"
#include "sources/postgres/change_writer.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/heartbeat_action.h"
#include "sources/postgres/offset.h"
#include "sources/postgres/postgres_config.h"
#include "sources/postgres/postgres_unsupported.h"
#include "sources/postgres/replication_stream.h"
#include "sources/postgres/slot.h"
#include "sources/postgres/snapshot.h"
#include "sources/postgres/snapshot_rules.h"
#include "sources/postgres/transaction_visibility.h"

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_wind_down_time_max{500};
constexpr std::chrono::milliseconds k_backlog_wait{50};    // then the server is asked how far it has read
constexpr std::chrono::milliseconds k_beat_retry{20};      // of a heartbeat that finds no room, or whose statement still runs
constexpr std::chrono::milliseconds k_read_time_max{20};   // then the task looks at its other duties
// Idle traffic moves the slot once it would free a WAL segment; less would free nothing.
constexpr Lsn k_advance_bytes = 16 * 1024 * 1024;
// A slot that another session holds: tries with growing waits, about a minute (slot.max.retries of Debezium).
constexpr int k_slot_in_use_attempts = 10;
// A transaction that waits for a synchronous standby is not waited for longer: that standby may be this very connector.
constexpr std::chrono::milliseconds k_visible_time_max{1'000};
constexpr std::chrono::milliseconds k_drop_time_max{2'000};   // slot.drop.on.stop: the worker waits for the task

auto source_log() { return logger("io.debezium.connector.postgresql.PostgresConnectorTask"); }

// Is this the BEGIN of a transaction whose COMMIT lies at or behind `end`?
bool commits_behind(std::string_view message, Lsn end) {
  ByteReader in{message};
  return in.u8() == 'B' && in.u64() >= end && in.ok();
}

// For the changes before a new snapshot: every checkpoint becomes the offset of a snapshot that has not ended.
class BeforeSnapshot final : public RecordSink {
 public:
  // Not `whole`: without inserts and updates, whose outcome the snapshot shows.
  BeforeSnapshot(RecordSink& sink, std::string offset, bool whole) : sink_{sink}, place_{std::move(offset)}, whole_{whole} {}
  bool ready() const override { return sink_.ready(); }
  Result<void> emit(const Record& record) override {
    const std::string_view op = whole_ || record.tombstone ? "" : record.slots[slot::op].text();
    return op == "c" || op == "u" ? Result<void>{} : sink_.emit(record);
  }
  std::uint64_t dropped() const override { return sink_.dropped(); }
  void checkpoint(Checkpoint) override { sink_.checkpoint(place_); }
  void store_before_next(Checkpoint place) override { sink_.store_before_next(std::move(place)); }
  void flush_soon() override { sink_.flush_soon(); }
  bool settled() const override { return sink_.settled(); }

 private:
  RecordSink& sink_;
  const Checkpoint place_;
  const bool whole_;
};

class PostgresSource final : public Source {
 public:
  PostgresSource(const Config& config, const SourceContext& context)
      : config_{config},
        stop_{context.stop},
        progress_{context.progress},
        slot_name_{config.get("slot.name", "debezium")},
        status_interval_{std::min<std::int64_t>(config.integer("status.update.interval.ms", 10'000), 10'000)},
        heartbeat_action_{config},
        writer_{config.boolean("tombstones.on.delete", true), skipped_operations(config), bad_events(config)} {}

  Result<void> open(const std::optional<Checkpoint>& stored) override;
  Result<void> read(RecordSink& sink) override;
  Readiness readiness() const override;
  Result<void> wind_down(RecordSink& sink) override;
  Result<void> commit(std::string_view offset) override;
  Result<void> keep_alive() override { return stream_ ? stream_->send_status_if_due() : Result<void>{}; }
  void close(bool orderly) override;

 private:
  Result<void> open_replication();
  Result<void> check_tables();
  Result<void> refuse_plugin();
  Result<void> drop_slot();
  Result<Snapshot::Exported> make_slot();
  Snapshot::Exported snapshot_beside(const SlotState& slot);
  Result<void> begin_snapshot(const std::optional<Snapshot::Exported>& exported, std::vector<TableId> tables);
  Result<void> begin_backlog(const PostgresOffset& stored, const SlotState& slot, Lsn end, bool whole);
  Result<void> read_backlog(RecordSink& sink);
  Result<void> end_snapshot(RecordSink& sink);
  Result<PostgresOffset> first_position(Lsn lsn);
  Result<void> begin_streaming(const PostgresOffset& start, bool whole);
  std::string replication_command(Lsn from) const;
  Result<ChangeStream::Options> stream_options();
  Result<std::optional<std::int64_t>> slot_xmin();
  Result<void> await_transaction(std::uint32_t xid);
  void wait_for(const char* option, const char* what);
  bool waiting() const { return Clock::now() < not_before_; }
  Result<void> beat_if_due(RecordSink& sink);
  Result<std::unique_ptr<RelationPlan>> plan_of(const pgoutput::Relation& named, const TableId& actual);
  Result<void> read_stream(RecordSink& sink);
  Result<void> on_keepalive(const ReplicationStream::Frame& frame, RecordSink& sink);
  Result<void> advance_when_idle(RecordSink& sink);
  Result<Connection> connect(std::string_view application, bool replication);

  const Config config_;
  const StopSignal& stop_;
  SourceProgress& progress_;
  const std::string slot_name_;
  const std::chrono::milliseconds status_interval_;
  SnapshotRules rules_;
  std::optional<TableFilter> filter_;
  PlanOptions plans_;
  NameFilter message_prefixes_;
  std::vector<TableId> captured_;
  std::optional<Heartbeat> heartbeat_;
  HeartbeatAction heartbeat_action_;

  std::optional<Connection> catalog_;
  TypeRegistry types_;
  std::optional<Connection> replication_;         // until it becomes the stream
  ChangeWriter writer_;
  std::unique_ptr<Snapshot> snapshot_;
  bool snapshot_read_ = false;                     // whole; the first heartbeat's statement may still run
  Clock::time_point not_before_{};                 // snapshot.delay.ms, streaming.delay.ms
  std::optional<PostgresOffset> streaming_start_;  // of the stream that the delay holds back
  Lsn backlog_end_ = 0;                            // before the snapshot is read: the stream up to it comes first
  bool backlog_is_whole_ = false;                  // else without inserts and updates
  std::optional<ReplicationStream> stream_;
  std::unique_ptr<ChangeStream> changes_;

  std::optional<std::int64_t> xmin_;
  Clock::time_point xmin_due_{};
  Lsn streaming_from_ = 0;
  Lsn server_position_ = 0;                        // of the last keepalive outside a transaction
  bool server_waits_ = false;                      // it asked for an answer: it is shutting down
};

Result<Connection> PostgresSource::connect(std::string_view application, bool replication) {
  ConnectionSettings settings = connection_settings(config_, application);
  if (replication) {
    settings.parameters.emplace_back("replication", "database");
    settings.initial_statements.clear();
  }
  return Connection::open(settings, stop_);
}

// The order of Debezium's start: catalog connection, stored position against the slot, publication, slot, snapshot,
// stream.
Result<void> PostgresSource::open(const std::optional<Checkpoint>& place) {
  MR_TRY(rules_, SnapshotRules::create(config_));
  MR_TRY(filter_, TableFilter::create(config_));
  MR_TRY(plans_, plan_options(config_));
  MR_TRY(message_prefixes_, NameFilter::create(config_, "message.prefix.include.list", "message.prefix.exclude.list"));
  heartbeat_ = Heartbeat::create(config_);
  warn_of_driver_options(config_);
  std::optional<PostgresOffset> stored;
  if (place) {
    MR_TRY(stored, parse_offset(place->offset));
  }
  MR_TRY(catalog_, connect("Debezium General", false));
  if (lower(config_.get("plugin.name", "decoderbufs")) != "pgoutput") return refuse_plugin();
  MR_TRY(const auto slot, read_slot(*catalog_, slot_name_));
  MR_TRY(const bool snapshot, rules_.wants_snapshot(stored, slot));
  MR_TRY(captured_, captured_tables(*catalog_, *filter_, config_));

  const bool whole = place && place->whole;
  const bool streams = rules_.streams();
  std::optional<Snapshot::Exported> exported;
  if (streams) {
    MR_CHECK(open_replication());
    MR_CHECK(prepare_publication(*catalog_, config_, captured_));
    if (!slot) {
      MR_TRY(exported, make_slot());
    } else if (snapshot) {
      exported = snapshot_beside(*slot);
    }
  }
  MR_CHECK(check_tables());
  if (snapshot) {
    MR_TRY(std::vector<TableId> tables, tables_of_snapshot(captured_, config_));
    MR_CHECK(begin_snapshot(exported, std::move(tables)));
    wait_for("snapshot.delay.ms", "proceeding");
    const bool exact = exported && !exported->name.empty();
    return slot && stored && exact ? begin_backlog(*stored, *slot, exported->lsn, whole) : Result<void>{};
  }
  source_log()->info("According to the connector configuration no snapshot will be executed");
  if (!streams) return {};   // the task stays RUNNING and idle
  const Lsn fresh = exported ? exported->lsn : slot->confirmed_flush.value_or(0);
  if (stored) return begin_streaming(*stored, whole);
  MR_TRY(const PostgresOffset start, first_position(fresh));
  return begin_streaming(start, whole);
}

// As Debezium, which describes all tables before it reads one. Most options make nothing that could be refused.
Result<void> PostgresSource::check_tables() {
  if (!plans_.may_be_refused()) return {};
  MR_CHECK(types_.load(*catalog_));
  for (const TableId& table : captured_) {
    MR_TRY(const auto facts, read_table_facts(*catalog_, table));
    if (facts) MR_CHECK(check_table(*facts, plans_, types_, *catalog_));
  }
  return {};
}

// Neither an offset nor a snapshot: heartbeats tell where the stream began, in the form of Debezium's first offset.
Result<PostgresOffset> PostgresSource::first_position(Lsn lsn) {
  PostgresOffset start{.lsn = lsn};
  if (!heartbeat_) return start;
  MR_TRY(const Rows now, catalog_->query("SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE txid_current() END"));
  start.tx_id = std::stoll(std::string{now.text(0, 0)});
  start.ts_usec = wall_clock_ms() * 1000;
  return start;
}

void PostgresSource::wait_for(const char* option, const char* what) {
  const std::chrono::milliseconds delay{config_.integer(option, 0)};
  if (delay.count() <= 0) return;
  source_log()->info("The connector will wait for {}s before {}", delay.count() / 1000, what);
  not_before_ = Clock::now() + delay;
}

// A role without the right to replicate is refused here; Debezium names this step for it.
Result<void> PostgresSource::open_replication() {
  auto connection = connect("Debezium Streaming", true);
  if (!connection) {
    Error error = std::move(connection.error());
    if (error.attempts_max == 0) return std::unexpected{std::move(error)};
    error.retry = Retry::no;
    return std::unexpected{std::move(error).as_cause_of("Creation of replication slot failed", k_debezium_exception)};
  }
  replication_ = std::move(*connection);
  return {};
}

// Another plugin than pgoutput: the server's own answer, if it has none, and what to set.
Result<void> PostgresSource::refuse_plugin() {
  MR_CHECK(open_replication());
  MR_CHECK(create_slot(*replication_, slot_name_, lower(config_.get("plugin.name", "decoderbufs")), true));
  return fail("plugin.name=" + config_.get("plugin.name", "decoderbufs") + " is not supported; " + plugin_advice(),
              Retry::no, k_debezium_exception);
}

Result<Snapshot::Exported> PostgresSource::make_slot() {
  MR_TRY(CreatedSlot created, create_slot(*replication_, slot_name_, "pgoutput", false));
  source_log()->info("Replication slot '{}' created at LSN {}", slot_name_, to_string_lsn(created.consistent_point));
  return Snapshot::Exported{.keeper = nullptr, .name = std::move(created.snapshot_name), .lsn = created.consistent_point};
}

// The slot is older than the snapshot to be taken. A temporary slot gives a snapshot and the exact position that
// belongs to it; without one (none free) the stream starts where the slot stands: nothing is lost, rows changed
// since then come twice.
Snapshot::Exported PostgresSource::snapshot_beside(const SlotState& slot) {
  auto connection = connect("Debezium General", true);
  if (connection) {
    auto keeper = std::make_shared<Connection>(std::move(*connection));
    auto created = create_slot(*keeper, slot_name_.substr(0, 53) + "_snapshot", "pgoutput", true);
    if (created) return {.keeper = keeper, .name = std::move(created->snapshot_name), .lsn = created->consistent_point};
    connection = std::unexpected{std::move(created.error())};
  }
  source_log()->warn("No temporary slot for an exact snapshot ({}); changes since LSN {} may come twice",
                     connection.error().text, to_string_lsn(slot.confirmed_flush.value_or(0)));
  return {.keeper = nullptr, .name = "", .lsn = slot.confirmed_flush.value_or(0)};
}

Result<void> PostgresSource::begin_snapshot(const std::optional<Snapshot::Exported>& exported, std::vector<TableId> tables) {
  MR_TRY(Connection connection, connect("Debezium General", false));
  Snapshot::Options options{.plans = plans_};
  MR_TRY(options.selects, snapshot_selects(config_));
  if (lower(trimmed(config_.get("snapshot.locking.mode", "none"))) == "shared")
    options.lock_timeout = std::chrono::milliseconds{config_.integer("snapshot.lock.timeout.ms", 10'000)};
  MR_TRY(snapshot_, Snapshot::begin(std::move(connection), exported, std::move(tables), std::move(options), progress_));
  return {};
}

// An earlier run may have sent rows of a snapshot, or changes, that the new snapshot knows nothing of any more: a row
// deleted since then would stay with the consumers for ever. So the changes since the slot's position come first, up to
// the place of the new snapshot; then its rows; then what follows. Nothing was sent where no offset is stored: the snapshot alone,
// as in Debezium, however old the slot is. After a snapshot that did not end all of them count: some of
// what came between two states of a row may be in no snapshot. Else only those that no snapshot shows do, as Debezium sends none
// of the rest; transactions that are told of stay whole.
Result<void> PostgresSource::begin_backlog(const PostgresOffset& stored, const SlotState& slot, Lsn end, bool whole) {
  source_log()->info("The slot is older than this snapshot: the changes up to LSN {} are sent first", to_string_lsn(end));
  backlog_end_ = end;
  backlog_is_whole_ = stored.snapshot_unfinished() || config_.boolean("provide.transaction.metadata", false);
  return begin_streaming(!stored.snapshot ? stored : PostgresOffset{.lsn = slot.confirmed_flush.value_or(0)}, whole);
}

Result<void> PostgresSource::read_backlog(RecordSink& sink) {
  // A crash now starts over: whatever the changes declare, the offset says that the snapshot has not ended.
  BeforeSnapshot unfinished{sink, snapshot_->offset().text(), backlog_is_whole_};
  const auto until = Clock::now() + k_read_time_max;
  std::size_t bytes = 0;
  bool over = false;
  while (!over && sink.ready() && Clock::now() < until) {
    MR_TRY(const auto frame, stream_->next());
    if (frame.kind == ReplicationStream::Frame::Kind::none) break;
    bytes += frame.payload.size() + 1;
    if (frame.kind == ReplicationStream::Frame::Kind::keepalive) {
      over = !changes_->in_transaction() && frame.lsn >= backlog_end_;
    } else if (commits_behind(frame.payload, backlog_end_)) {
      over = true;
    } else {
      MR_CHECK(changes_->handle(frame.lsn, frame.payload, unfinished));
    }
  }
  changes_->checkpoint(unfinished);
  changes_->note_times();
  if (!over) return bytes == 0 ? stream_->send_status(true) : stream_->send_status_if_due();
  changes_.reset();
  stream_.reset();
  backlog_end_ = 0;
  return {};
}

Result<void> PostgresSource::begin_streaming(const PostgresOffset& start, bool whole) {
  if (!replication_) MR_CHECK(open_replication());
  MR_CHECK(set_replica_identities(*catalog_, config_, captured_));
  const Lsn from = start.lsn_commit.value_or(start.lsn_proc.value_or(start.lsn));
  const std::string command = replication_command(from);
  auto stream = ReplicationStream::start(std::move(*replication_), command, status_interval_);
  replication_.reset();
  if (!stream) {
    Error error = std::move(stream.error());
    if (error.text.find("is active for PID") != std::string::npos) error.attempts_max = k_slot_in_use_attempts;
    return std::unexpected{std::move(error).as_cause_of("Failed to start replication stream at LSN{" + to_string_lsn(from) + "}",
                                                        k_debezium_exception)};
  }
  stream_ = std::move(*stream);
  streaming_from_ = from;

  MR_CHECK(types_.load(*catalog_));
  MR_TRY(ChangeStream::Options options, stream_options());
  changes_ = std::make_unique<ChangeStream>(std::move(options), writer_, progress_, start, whole);
  progress_.connected.set(1);
  source_log()->info("Streaming by slot '{}': {}", slot_name_, command);
  return {};
}

// The user's parameters, which the connector's own of the same name replace.
std::string PostgresSource::replication_command(Lsn from) const {
  std::string own = "\"proto_version\" '1', \"publication_names\" " +
                    quote_literal(quote_identifier(config_.get("publication.name", "dbz_publication")));
  if (replication_->server_version() >= 140'000) own += ", \"messages\" 'true'";
  std::string command = "START_REPLICATION SLOT " + quote_identifier(slot_name_) + " LOGICAL " + to_string_lsn(from) + " (";
  for (const auto& [name, value] : stream_parameters(config_)) {
    const std::string quoted = quote_identifier(name);
    if (own.find(quoted) == std::string::npos) command += quoted + " " + quote_literal(value) + ", ";
  }
  return command + own + ")";
}

Result<ChangeStream::Options> PostgresSource::stream_options() {
  ChangeStream::Options options{.captures = [this](const TableId& id) { return filter_->captures(id.schema, id.table); },
                                .plan = [this](const pgoutput::Relation& named, const TableId& actual) { return plan_of(named, actual); }};
  options.await_transaction = [this](std::uint32_t xid) { return await_transaction(xid); };
  options.messages = plan_of_messages(plans_);
  options.message_content = plans_.modes.binary;
  options.takes_message = [this](std::string_view prefix) { return message_prefixes_.takes(prefix); };
  // Such a publication holds what is captured, and partitions of it under names of their own.
  if (lower(trimmed(config_.get("publication.autocreate.mode"))) == "filtered")
    options.root_of = [this](std::uint32_t oid) { return captured_root_of(*catalog_, *filter_, oid); };
  if (config_.boolean("provide.transaction.metadata", false)) options.transaction_topic = transaction_topic(config_);
  if (config_.integer("xmin.fetch.interval.ms", 0) > 0) options.xmin = [this] { return slot_xmin(); };
  return options;
}

Result<std::optional<std::int64_t>> PostgresSource::slot_xmin() {
  const auto now = Clock::now();
  if (xmin_ && now < xmin_due_) return xmin_;
  MR_TRY(xmin_, read_slot_xmin(*catalog_, slot_name_));
  xmin_due_ = now + std::chrono::milliseconds{config_.integer("xmin.fetch.interval.ms", 0)};
  return xmin_;
}

Result<void> PostgresSource::await_transaction(std::uint32_t xid) {
  MR_TRY(const bool visible, wait_until_visible(*catalog_, xid, stop_, k_visible_time_max));
  if (!visible)
    source_log()->warn("Transaction {} is in the WAL, but other sessions do not see it yet (a synchronous standby may not have answered): "
                       "what it did to keys, defaults and NOT NULL of tables may not be known", xid);
  return {};
}

Result<std::unique_ptr<RelationPlan>> PostgresSource::plan_of(const pgoutput::Relation& named, const TableId& actual) {
  MR_TRY(const auto facts, read_table_facts(*catalog_, actual));
  return plan_of_relation(named, facts, plans_, types_, *catalog_);
}

Result<void> PostgresSource::read(RecordSink& sink) {
  if (waiting()) return keep_alive();
  if (backlog_end_ != 0) return read_backlog(sink);
  if (stream_) return read_stream(sink);
  if (streaming_start_) return begin_streaming(*std::exchange(streaming_start_, std::nullopt), true);
  if (!snapshot_) return {};
  if (!snapshot_read_) {
    MR_TRY(snapshot_read_, snapshot_->read(sink, writer_));
  }
  return snapshot_read_ ? end_snapshot(sink) : Result<void>{};
}

// A heartbeat at once, whether one is due or not: its offset says that the snapshot is over even if it had no row.
Result<void> PostgresSource::end_snapshot(RecordSink& sink) {
  if (heartbeat_) {
    MR_TRY(const bool ran, heartbeat_action_.ran());
    if (!ran) return {};
  }
  PostgresOffset start = snapshot_->offset();
  start.snapshot = start.last_snapshot_record = false;
  snapshot_.reset();
  snapshot_read_ = false;
  if (heartbeat_) {
    const std::uint64_t dropped = sink.dropped();
    MR_CHECK(heartbeat_->forced_beat(sink));
    if (sink.dropped() == dropped) sink.checkpoint({start.text()});
  }
  if (!rules_.streams()) {
    source_log()->info("Streaming is disabled for snapshot mode {}", config_.get("snapshot.mode"));
    return {};
  }
  streaming_start_ = std::move(start);
  wait_for("streaming.delay.ms", "initiating streaming");
  return {};
}

Result<void> PostgresSource::read_stream(RecordSink& sink) {
  const auto until = Clock::now() + k_read_time_max;
  std::size_t bytes = 0;
  for (unsigned turn = 1; sink.ready(); ++turn) {
    MR_TRY(const auto frame, stream_->next());
    if (frame.kind == ReplicationStream::Frame::Kind::none) break;
    bytes += frame.payload.size() + 1;
    if (frame.kind == ReplicationStream::Frame::Kind::data) {
      if (auto handled = changes_->handle(frame.lsn, frame.payload, sink); !handled) {
        changes_->checkpoint(sink);   // what was delivered before it is not sent again
        return handled;
      }
    } else {
      MR_CHECK(on_keepalive(frame, sink));
    }
    if (turn % 64 == 0 && Clock::now() > until) break;
  }
  stream_->batch_drained(bytes);
  changes_->checkpoint(sink);
  changes_->note_times();
  MR_CHECK(advance_when_idle(sink));
  MR_CHECK(beat_if_due(sink));
  return stream_->send_status_if_due();
}

// Between transactions the beat's offset is this very place, so that the slot can follow. Inside of one it says nothing new.
Result<void> PostgresSource::beat_if_due(RecordSink& sink) {
  if (!heartbeat_ || !heartbeat_->due() || !sink.ready()) return {};
  MR_TRY(const bool ran, heartbeat_action_.ran());
  if (!ran) return {};
  const std::uint64_t dropped = sink.dropped();
  MR_CHECK(heartbeat_->beat(sink));
  if (sink.dropped() != dropped) return {};   // by a transform: as in Connect, its position is not stored
  if (const auto place = changes_->resting_place()) sink.checkpoint({place->text()});
  return {};
}

Result<void> PostgresSource::wind_down(RecordSink& sink) {
  if (!stream_ || backlog_end_ != 0 || waiting()) return {};
  stream_->batch_drained(0);   // wakes at the first byte again
  const auto until = Clock::now() + k_wind_down_time_max;
  bool closed = !changes_->needs_winding_down();
  while (!closed && Clock::now() < until) {
    MR_TRY(const auto frame, stream_->next());
    if (frame.kind == ReplicationStream::Frame::Kind::data) {
      MR_TRY(closed, changes_->wind_down(frame.lsn, frame.payload, sink));
    } else if (frame.kind == ReplicationStream::Frame::Kind::none) {
      pollfd fd{stream_->socket(), POLLIN, 0};
      ::poll(&fd, 1, 10);
    }
  }
  changes_->checkpoint(sink);
  return {};
}

Result<void> PostgresSource::on_keepalive(const ReplicationStream::Frame& frame, RecordSink& sink) {
  if (!changes_->in_transaction()) server_position_ = std::max(server_position_, frame.lsn);
  if (!frame.reply_requested) return {};
  server_waits_ = std::max(streaming_from_, stream_->flushed()) < frame.lsn;
  if (server_waits_) sink.flush_soon();
  return stream_->send_status();
}

// All that the server has read is delivered, stored and committed, and it stands well beyond the stored offset: what
// lies between holds nothing of ours. The advanced offset is stored first; commit() then moves the slot.
Result<void> PostgresSource::advance_when_idle(RecordSink& sink) {
  const Lsn stored = std::max(streaming_from_, stream_->flushed());
  if (server_position_ <= stored || changes_->in_transaction() || !sink.settled()) return {};
  if (server_position_ - stored < k_advance_bytes && !server_waits_) return {};
  sink.checkpoint({changes_->advance_to(server_position_).text()});
  if (server_waits_) sink.flush_soon();
  server_waits_ = false;
  return {};
}

Readiness PostgresSource::readiness() const {
  if (waiting()) return {.fd = -1, .events = 0, .deadline = not_before_};
  if (stream_) {
    const auto soon = Clock::now() + k_backlog_wait;
    auto deadline = backlog_end_ != 0 ? soon : stream_->deadline();
    if (heartbeat_) deadline = std::min(deadline, std::max(heartbeat_->next(), Clock::now() + k_beat_retry));
    return {.fd = stream_->socket(), .events = POLLIN, .deadline = deadline};
  }
  if (snapshot_ && snapshot_read_) return {.fd = -1, .events = 0, .deadline = Clock::now() + k_beat_retry};
  if (snapshot_) return {.fd = snapshot_->socket(), .events = POLLIN, .deadline = Clock::now() + std::chrono::seconds{1}};
  return {.fd = -1, .events = 0, .deadline = Clock::now() + std::chrono::hours{1}};
}

// flush.lsn.source=false: somebody else moves the slot.
Result<void> PostgresSource::commit(std::string_view offset_text) {
  if (!stream_ || !config_.boolean("flush.lsn.source", true)) return {};
  MR_TRY(const PostgresOffset offset, parse_offset(offset_text));
  const std::optional<Lsn> durable = offset.lsn_commit ? offset.lsn_commit : offset.lsn_proc;
  if (!durable || *durable <= stream_->flushed()) return {};
  stream_->set_flushed(*durable);
  return stream_->send_status();
}

void PostgresSource::close(bool orderly) {
  backlog_end_ = 0;
  not_before_ = {};
  streaming_start_.reset();
  heartbeat_action_.close();
  snapshot_read_ = false;
  progress_.connected.set(0);
  changes_.reset();
  stream_.reset();
  snapshot_.reset();
  replication_.reset();
  const bool opened = catalog_.has_value();
  catalog_.reset();
  if (!orderly || !opened || !config_.boolean("slot.drop.on.stop", false)) return;
  if (const auto dropped = drop_slot(); !dropped)
    source_log()->warn("Replication slot '{}' could not be dropped: {}", slot_name_, dropped.error().text);
}

// The request to stop ends every wait of the other connections.
Result<void> PostgresSource::drop_slot() {
  const StopSignal never;
  ConnectionSettings settings = connection_settings(config_, "Debezium Drop Slot");
  settings.connect_timeout = settings.query_timeout = k_drop_time_max;
  MR_TRY(Connection connection, Connection::open(settings, never));
  const auto until = Clock::now() + k_drop_time_max;
  while (true) {
    auto dropped = connection.query("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", {slot_name_});
    if (dropped) return {};
    // In use: the server has not noticed yet that the stream has ended.
    if (connection.sqlstate() != "55006" || Clock::now() > until) return std::unexpected{std::move(dropped.error())};
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

std::string source_partition(const Config& config) {
  std::string out{"{\"server\":"};
  append_json_string(out, config.get("topic.prefix"));
  return out += '}';
}

}  // namespace

SourceRegistration registration() {
  return {.connector_class = "io.debezium.connector.postgresql.PostgresConnector",
          .task_class = "io.debezium.connector.postgresql.PostgresConnectorTask",
          .version = "2.7.0.Final",
          .config_def = config_def,
          .check = refuse_unsupported,
          .validate = validate,
          .partition = source_partition,
          .create = [](const Config& config, const SourceContext& context) -> std::unique_ptr<Source> {
            return std::make_unique<PostgresSource>(config, context);
          },
          .metrics_name = "postgres"};
}

}  // namespace millrace::postgres
