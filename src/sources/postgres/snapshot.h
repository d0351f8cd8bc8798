// Snapshot reads the captured tables once, in one REPEATABLE READ transaction: the slot's exported snapshot when
// the slot was just made, else that of a temporary slot beside it: nothing is missed and nothing doubled.
// Threads: one task's thread; read() never waits. Bounds: one row is held back, because whether a row is the last
// of its table or of all is known only when the next one arrives; the rest waits on the server.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/postgres/change_writer.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/offset.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {

class Snapshot {
 public:
  // exported: a slot's snapshot name and LSN (name empty: any snapshot that is not older than the LSN).
  // none: nothing will be streamed; the position is the server's.
  struct Exported {
    std::shared_ptr<Connection> keeper;   // the session that exports it, when it has no other purpose
    std::string name;
    Lsn lsn = 0;
  };
  struct Options {
    PlanOptions plans{};
    std::map<TableId, std::string> selects{};                  // statements of the user's instead of all rows
    std::optional<std::chrono::milliseconds> lock_timeout{};   // the tables are locked against DDL; how long to wait for it
  };
  static Result<std::unique_ptr<Snapshot>> begin(Connection connection, const std::optional<Exported>& exported,
                                                 std::vector<TableId> tables, Options options,
                                                 SourceProgress& progress);
  ~Snapshot();

  // Emits rows until none is there, the sink is full or some milliseconds have passed. True: all tables are read
  // and the sink has the final offset.
  Result<bool> read(RecordSink& sink, ChangeWriter& writer);

  int socket() const { return connection_.socket(); }
  const PostgresOffset& offset() const { return offset_; }   // where streaming starts

 private:
  enum class Place : std::uint8_t { first_of_all, first_of_table, middle };

  // Where in a row of a user's statement each column of the table stands; -1: it gives none. Empty: as in the table.
  using Places = std::shared_ptr<const std::vector<int>>;

  Snapshot(Connection connection, std::vector<TableId> tables, Options options, SourceProgress& progress);
  Result<void> lock_tables();
  Result<void> start_table();
  Result<std::string> select_of(const TableFacts& facts);
  Result<Places> places_of(const TableFacts& facts, std::string& select);
  void end_table();
  Result<void> take_row(std::string_view line, RecordSink& sink, ChangeWriter& writer);
  Result<void> emit_held(std::string_view marker, RecordSink& sink, ChangeWriter& writer);
  Result<bool> finish(RecordSink& sink, ChangeWriter& writer);
  void log_progress(bool finished);

  Connection connection_;
  std::vector<TableId> tables_;
  const Options options_;
  SourceProgress& progress_;
  TypeRegistry types_;
  PostgresOffset offset_;

  std::size_t table_ = 0;                        // being read, or to be started
  bool copying_ = false;
  std::shared_ptr<const RelationPlan> plan_;
  Places places_;
  std::uint64_t table_rows_ = 0, rows_ = 0;

  std::string held_row_;                         // as COPY sent it
  std::shared_ptr<const RelationPlan> held_plan_;   // null: no row is held
  Places held_places_;
  Place held_place_ = Place::middle;
  bool held_ends_table_ = false;
  std::vector<pgoutput::TupleValue> fields_, tuple_;   // as they came; in the table's order

  std::chrono::steady_clock::time_point table_started_, logged_, started_;
};

// One line of COPY's text format, in place: fields become views into `line`. False: a stray backslash at the end.
// Source: PostgreSQL 15 documentation, COPY, "Text Format".
bool split_copy_row(std::string& line, std::vector<pgoutput::TupleValue>& fields);

}  // namespace millrace::postgres
