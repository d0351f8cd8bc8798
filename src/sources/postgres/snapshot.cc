#include "sources/postgres/snapshot.h"

#include <algorithm>
#include <charconv>

#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/captured_tables.h"
#include "sources/postgres/codec_draft.h"
#include "sources/postgres/slot.h"

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds k_copy_time_max{20};   // then the task looks at its other duties
constexpr std::chrono::seconds k_log_interval{10};
constexpr std::uint64_t k_rows_per_checkpoint = 1024;      // snapshot offsets all mean "start over"

// Empty: another type.
std::string_view time_type(std::uint32_t type) {
  switch (type) {
    case oid::date: return "pg_catalog.date";
    case oid::time: return "pg_catalog.time";
    case oid::timestamp: return "pg_catalog.timestamp";
    case oid::timestamptz: return "pg_catalog.timestamptz";
    default: return {};
  }
}

std::string duration_text(Clock::duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::unexpected<Error> select_does_not_fit(std::string problem) {
  Error error{.text = "snapshot.select.statement.overrides: " + std::move(problem), .exception = std::string{k_debezium_exception}};
  return std::unexpected{std::move(error).as_cause_of(
      "An exception occurred in the change event producer. This connector will be stopped.",
      "org.apache.kafka.connect.errors.ConnectException")};
}

Result<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    return fail("PostgreSQL sent '" + std::string{text.substr(0, 40)} + "' where a number was expected");
  return value;
}

}  // namespace

Snapshot::Snapshot(Connection connection, std::vector<TableId> tables, Options options, SourceProgress& progress)
    : connection_{std::move(connection)},
      tables_{std::move(tables)},
      options_{std::move(options)},
      progress_{progress},
      started_{Clock::now()} {
  progress_.begin_snapshot(tables_.size());
}

Snapshot::~Snapshot() { progress_.end_snapshot(); }

Result<std::unique_ptr<Snapshot>> Snapshot::begin(Connection connection, const std::optional<Exported>& exported,
                                                  std::vector<TableId> tables, Options options,
                                                  SourceProgress& progress) {
  std::unique_ptr<Snapshot> made{new Snapshot{std::move(connection), std::move(tables), std::move(options), progress}};
  Connection& server = made->connection_;
  PostgresOffset& offset = made->offset_;
  offset.snapshot = true;
  if (exported) {
    MR_CHECK(server.query("BEGIN ISOLATION LEVEL REPEATABLE READ"));
    if (!exported->name.empty()) MR_CHECK(server.query("SET TRANSACTION SNAPSHOT " + quote_literal(exported->name)));
    offset.lsn = exported->lsn;
  } else {
    MR_TRY(const Rows position, server.query("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() "
                                             "ELSE pg_current_wal_lsn() END"));
    MR_TRY(offset.lsn, parse_lsn(position.text(0, 0)));
    MR_CHECK(server.query("BEGIN ISOLATION LEVEL REPEATABLE READ"));
  }
  MR_TRY(const Rows now, server.query("SELECT (extract(epoch FROM current_timestamp) * 1000000)::bigint, "
                                      "CASE WHEN pg_is_in_recovery() THEN 0 ELSE txid_current() END"));
  MR_TRY(offset.ts_usec, number_of(now.text(0, 0)));
  MR_TRY(offset.tx_id, number_of(now.text(0, 1)));
  MR_CHECK(made->lock_tables());
  MR_CHECK(made->types_.load(server));
  snapshot_log()->info("Snapshot of {} tables begins at LSN {}", made->tables_.size(), to_string_lsn(offset.lsn));
  return made;
}

// Writes go on; the tables' columns stay as they are until the snapshot ends.
Result<void> Snapshot::lock_tables() {
  if (!options_.lock_timeout || tables_.empty()) return {};
  std::string statements = "SET lock_timeout = " + std::to_string(options_.lock_timeout->count());
  for (const TableId& table : tables_) statements += "; LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE";
  snapshot_log()->info("Waiting a maximum of '{}' seconds for each table lock", options_.lock_timeout->count() / 1000);
  MR_CHECK(connection_.query(statements));
  return {};
}

Result<std::string> Snapshot::select_of(const TableFacts& facts) {
  places_.reset();
  const auto own = options_.selects.find(facts.id);
  if (own == options_.selects.end()) {
    const std::vector<bool> read = read_by_snapshot(facts, options_.plans);
    std::string columns;
    for (std::size_t i = 0; i < facts.columns.size(); ++i) {
      if (!columns.empty()) columns += ", ";
      columns += read[i] ? quote_identifier(facts.columns[i].name) : "NULL";
    }
    return "SELECT " + columns + " FROM " + facts.id.quoted();
  }
  std::string select{trimmed(own->second)};
  while (select.ends_with(';')) select = trimmed(select.substr(0, select.size() - 1));
  snapshot_log()->info("For table '{}' using select statement: '{}'", facts.id.text(), select);
  select += '\n';   // it may end in a comment
  MR_TRY(places_, places_of(facts, select));
  return select;
}

// The columns of the statement are the table's by their names, in any case. What it gives for a date or time in another type
// is cast, as the driver reads one as the other.
Result<Snapshot::Places> Snapshot::places_of(const TableFacts& facts, std::string& select) {
  MR_TRY(const Rows none, connection_.query("SELECT * FROM (" + select + ") AS own LIMIT 0"));
  std::vector<int> places(facts.columns.size(), -1);
  std::size_t greatest = 0;
  std::string cast;
  bool casts = false;
  for (int i = 0; i < none.columns(); ++i) {
    const std::string_view name = PQfname(none.raw(), i);
    auto column = std::ranges::find(facts.columns, name, &ColumnFacts::name);
    if (column == facts.columns.end())
      column = std::ranges::find(facts.columns, lower(name), [](const ColumnFacts& known) { return lower(known.name); });
    if (column == facts.columns.end())
      return select_does_not_fit("Column '" + std::string{name} + "' of the statement for table " + facts.id.text() +
                                 " is not a column of the table; select columns of the table under their own names");
    const auto at = static_cast<std::size_t>(column - facts.columns.begin());
    places[at] = i;
    greatest = std::max(greatest, at);
    const std::string_view time = time_type(column->type_oid);
    const bool other = !time.empty() && PQftype(none.raw(), i) != column->type_oid;
    cast += (i == 0 ? "" : ", ") + quote_identifier(name) + (other ? "::" + std::string{time} : std::string{});
    casts |= other;
  }
  if (greatest + 1 < facts.columns.size())
    return select_does_not_fit("The statement for table " + facts.id.text() + " lacks the table's last column '" +
                               facts.columns.back().name + "'; add it (or NULL under its name)");
  if (casts) select = "SELECT " + cast + " FROM (" + select + ") AS own";
  return std::make_shared<const std::vector<int>>(std::move(places));
}

Result<void> Snapshot::start_table() {
  const TableId& id = tables_[table_];
  MR_TRY(const auto facts, read_table_facts(connection_, id));
  if (!facts) {   // dropped since the list was made; in this transaction it holds nothing
    progress_.snapshot_tables_done.set(static_cast<std::int64_t>(++table_));
    return {};
  }
  MR_TRY(auto plan, plan_of_table(*facts, options_.plans, types_, connection_));
  plan_ = std::move(plan);
  MR_TRY(const std::string select, select_of(*facts));
  snapshot_log()->info("Exporting data from table '{}' ({} of {} tables)", id.text(), table_ + 1, tables_.size());
  MR_CHECK(connection_.start_copy("COPY (" + select + ") TO STDOUT"));
  copying_ = true;
  table_rows_ = 0;
  table_started_ = logged_ = Clock::now();
  return {};
}

Result<bool> Snapshot::read(RecordSink& sink, ChangeWriter& writer) {
  const auto until = Clock::now() + k_copy_time_max;
  bool consumed = false;
  for (std::uint64_t turn = 0; sink.ready(); ++turn) {
    if (turn % 64 == 63 && Clock::now() > until) break;
    if (!copying_) {
      if (table_ == tables_.size()) return finish(sink, writer);
      MR_CHECK(start_table());
      continue;
    }
    MR_TRY(const auto message, connection_.next_copy_message());
    if (message.finished) {
      end_table();
    } else if (message.data) {
      MR_CHECK(take_row(message.view(), sink, writer));
    } else if (consumed) {
      break;
    } else {
      MR_CHECK(connection_.consume_input());
      consumed = true;
      continue;
    }
    consumed = false;
  }
  if (Clock::now() - logged_ > k_log_interval) log_progress(false);
  return false;
}

void Snapshot::end_table() {
  log_progress(true);
  copying_ = false;
  if (table_rows_ > 0) held_ends_table_ = true;
  progress_.snapshot_tables_done.set(static_cast<std::int64_t>(++table_));
}

void Snapshot::log_progress(bool finished) {
  logged_ = Clock::now();
  const TableId& id = tables_[table_];
  const std::string took = duration_text(logged_ - table_started_);
  if (finished)
    snapshot_log()->info("\t Finished exporting {} records for table '{}' ({} of {} tables); total duration '{}'",
                         table_rows_, id.text(), table_ + 1, tables_.size(), took);
  else
    snapshot_log()->info("\t Exported {} records for table '{}' after {}", table_rows_, id.text(), took);
}

// The row held back goes out now that a later one exists; this one is held instead.
Result<void> Snapshot::take_row(std::string_view line, RecordSink& sink, ChangeWriter& writer) {
  if (held_plan_) {
    std::string_view marker = held_ends_table_ ? "last_in_data_collection" : "true";
    if (held_place_ == Place::first_of_all) marker = "first";
    else if (held_place_ == Place::first_of_table && !held_ends_table_) marker = "first_in_data_collection";
    const std::uint64_t dropped = sink.dropped();
    MR_CHECK(emit_held(marker, sink, writer));
    if (rows_ % k_rows_per_checkpoint == 1 && sink.dropped() == dropped) sink.checkpoint({offset_.text()});
  }
  if (!held_plan_) sink.store_before_next({.offset = offset_.text(), .shown = false});
  held_row_.assign(line);
  held_plan_ = plan_;
  held_places_ = places_;
  held_ends_table_ = false;
  held_place_ = table_rows_ > 0 ? Place::middle : table_ == 0 ? Place::first_of_all : Place::first_of_table;
  ++table_rows_;
  return {};
}

Result<void> Snapshot::emit_held(std::string_view marker, RecordSink& sink, ChangeWriter& writer) {
  if (!split_copy_row(held_row_, fields_))
    return fail("Table " + held_plan_->id.text() + ": a row of COPY ends in a backslash");
  if (held_places_) {
    tuple_.clear();
    for (const int place : *held_places_) {
      const bool given = place >= 0 && static_cast<std::size_t>(place) < fields_.size();
      tuple_.push_back(given ? fields_[static_cast<std::size_t>(place)] : pgoutput::TupleValue{});
    }
  }
  const EventOrigin origin{.ts_us = *offset_.ts_usec, .snapshot = marker, .last_commit = offset_.lsn_commit,
                           .lsn = offset_.lsn, .tx_id = offset_.tx_id};
  MR_CHECK(writer.read(*held_plan_, origin, held_places_ ? tuple_ : fields_, sink));
  ++rows_;
  progress_.snapshot_rows.add();
  return {};
}

// The very last record carries the offset that says the snapshot is complete. Without any row there is none to
// carry it, and the next start takes the snapshot again, as with Debezium.
Result<bool> Snapshot::finish(RecordSink& sink, ChangeWriter& writer) {
  offset_.last_snapshot_record = true;
  if (held_plan_) {
    MR_CHECK(emit_held("last", sink, writer));
    sink.checkpoint({offset_.text()});
    held_plan_.reset();
  }
  MR_CHECK(connection_.query("COMMIT"));
  progress_.snapshot_completed.set(1);
  snapshot_log()->info("Snapshot completed: {} records of {} tables in {}", rows_, tables_.size(),
                       duration_text(Clock::now() - started_));
  return true;
}

}  // namespace millrace::postgres
