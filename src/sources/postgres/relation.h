// Relation plans: a table's columns, keys and codecs, and the RecordPlan of its change events, made once per
// version of the relation. Also the table facts that pgoutput does not carry, read from the catalog.
// Threads: one task's thread. Lifetime: a plan lives until the relation changes; records die with the batch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/name_adjustment.h"
#include "core/record.h"
#include "core/topic_naming.h"
#include "sources/postgres/column_mapping.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/key_columns.h"
#include "sources/postgres/pgoutput.h"
#include "sources/postgres/postgres_config.h"
#include "sources/postgres/types.h"

namespace millrace::postgres {

struct TableId {
  std::string schema;
  std::string table;
  std::string text() const { return schema + "." + table; }
  std::string quoted() const { return quote_identifier(schema) + "." + quote_identifier(table); }
  auto operator<=>(const TableId&) const = default;
};

// What the catalog says of a table now.
struct TableFacts {
  TableId id;
  std::uint32_t oid = 0;
  std::vector<ColumnFacts> columns;        // in attnum order
  std::vector<std::string> key;            // primary key in key order, else the first usable unique index, else empty
  bool has_primary_key = false;
  char replica_identity = 'd';
};
// None: the table does not exist (any more).
Result<std::optional<TableFacts>> read_table_facts(Connection& connection, const TableId& id);
// All tables (relkind r and p) outside the system schemas.
Result<std::vector<TableId>> list_tables(Connection& connection);

// Slots of a change event's RecordPlan, in this order; then the columns of before, of after, and of the key.
namespace slot {
enum : std::uint16_t {
  before, after,                       // null Datum: absent; else any non-null Datum
  op, ts_ms, ts_us, ts_ns,
  source_ts_ms, source_snapshot, source_sequence, source_ts_us, source_ts_ns, source_tx_id, source_lsn, source_xmin,
  transaction,                         // tree or null
  first_column
};
}

struct RelationPlan {
  TableId id;
  std::string topic;
  // Of the value, in order; those without a schema are left out. Behind them those that are in the key only, because the
  // value leaves them out or shows them otherwise.
  std::vector<ColumnCodec> columns;
  std::size_t value_columns = 0;
  std::vector<int> tuple_index;                // per column: its place in the tuple (Relation message or COPY row)
  int tuple_size = 0;                          // columns of the tuple, all of them
  std::vector<int> key_columns;                // indexes into `columns`, in key order
  char replica_identity = 'd';
  bool key_may_fail = false;                   // a column of the key is one whose values may be null because they do not convert
  bool skips_unchanged = false;                // an update that changes no column of the value gives no record
  RecordPlan record;
  mutable std::unique_ptr<RecordPlan> truncation{};   // of its t events, which have no key: made when the first comes

  std::uint16_t before_slot(std::size_t column) const { return static_cast<std::uint16_t>(slot::first_column + column); }
  std::uint16_t after_slot(std::size_t column) const { return static_cast<std::uint16_t>(slot::first_column + columns.size() + column); }
  std::uint16_t key_slot(std::size_t part) const { return static_cast<std::uint16_t>(slot::first_column + 2 * columns.size() + part); }
};

// What of the connector's configuration shapes a plan.
struct PlanOptions {
  std::string topic_prefix;
  std::string database;
  ValueModes modes;
  TopicNaming topics;
  ColumnFilter filter;
  ColumnMapping mapping;
  KeyColumns keys;
  NameAdjustment schema_names = NameAdjustment::none, field_names = NameAdjustment::none;
  bool skips_unchanged = false;

  // Are there tables of which no plan can be made: two fields of one name, a hash that is not known?
  bool may_be_refused() const {
    return !keys.empty() || !mapping.empty() || field_names != NameAdjustment::none || topics.rewrites();
  }
};
// Once per start: patterns are compiled here. Errors: what Debezium refuses at the start of a task.
Result<PlanOptions> plan_options(const Config& config);

// At the start: an error where no plan can be made, a WARN where message.key.columns lie outside of the replica identity.
Result<void> check_table(const TableFacts& facts, const PlanOptions& options, TypeRegistry& types, Connection& connection);

// Does the snapshot read the column at all? It reads those that the filter takes, or all when it takes none. Where it
// does not, the column's place in the row holds null.
std::vector<bool> read_by_snapshot(const TableFacts& facts, const PlanOptions& options);

// Debezium 2.7 reads the names in the stream as signed bytes: each byte from 0x80 on becomes U+FF00 + byte.
std::string as_debezium_reads(std::string_view name);

// The plan of logical decoding messages (pg_logical_emit_message), one per connector. It uses the slots op, ts_ms and
// source_*, and of the column slots the first two: prefix and content.
std::unique_ptr<RecordPlan> plan_of_messages(const PlanOptions& options);

// From the catalog alone (snapshot).
Result<std::unique_ptr<RelationPlan>> plan_of_table(const TableFacts& facts, const PlanOptions& options,
                                                    TypeRegistry& types, Connection& connection);
// From a Relation message, completed by the catalog's facts (none: table gone; columns optional, no key).
Result<std::unique_ptr<RelationPlan>> plan_of_relation(const pgoutput::Relation& relation,
                                                       const std::optional<TableFacts>& facts,
                                                       const PlanOptions& options, TypeRegistry& types,
                                                       Connection& connection);
// The same where all types are known.
Result<std::unique_ptr<RelationPlan>> plan_of_table(const TableFacts& facts, const PlanOptions& options,
                                                    const TypeRegistry& types);
Result<std::unique_ptr<RelationPlan>> plan_of_relation(const pgoutput::Relation& relation,
                                                       const std::optional<TableFacts>& facts,
                                                       const PlanOptions& options, const TypeRegistry& types);

}  // namespace millrace::postgres
