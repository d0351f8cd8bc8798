// PostgresOffset is Debezium's source offset of the PostgreSQL connector: where a record stands in the WAL.
// parse() reads what Connect stored (unknown keys are passed over), text() writes it in the order of a Java HashMap.
// Source: docs/architecture.md, "Offsets". Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/transaction_metadata.h"
#include "sources/postgres/pgoutput.h"

namespace millrace::postgres {

struct PostgresOffset {
  Lsn lsn = 0;                              // of the last message
  std::optional<Lsn> lsn_proc{};            // of the last completely processed message
  std::optional<Lsn> lsn_commit{};          // of the last COMMIT: what the slot may be moved to
  std::optional<std::int64_t> tx_id{};
  std::optional<std::int64_t> ts_usec{};    // commit time
  std::string message_type{};               // INSERT, UPDATE, DELETE, TRUNCATE, MESSAGE, BEGIN, COMMIT, NOOP; empty: none
  std::optional<std::int64_t> xmin{};       // catalog_xmin of the slot (xmin.fetch.interval.ms)
  TransactionState transaction{};           // provide.transaction.metadata; kept in the offset of an END
  bool snapshot = false;                    // written while a snapshot ran, or by its last record
  bool last_snapshot_record = false;

  // A snapshot was begun and has not come to its end.
  bool snapshot_unfinished() const { return snapshot && !last_snapshot_record; }
  std::string text() const;
};

// Errors: not a JSON object, or a key of the wrong kind: names the key and what to do.
Result<PostgresOffset> parse_offset(std::string_view json);

}  // namespace millrace::postgres
