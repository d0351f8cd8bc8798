// pgoutput: decodes the messages of PostgreSQL's logical replication protocol, version 1.
// Source: PostgreSQL 15 documentation, "Logical Replication Message Formats".
// Threads: one. Lifetime: all views point into the message given to decode() and into Decoder's own buffers, and
// are dead at the next decode(). Errors: a message that is cut or has bytes left over names its kind.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"

namespace millrace::postgres {

using Lsn = std::uint64_t;
std::string to_string_lsn(Lsn lsn);                 // 0/16B3748

namespace pgoutput {

// Microseconds since 1970-01-01 UTC (PostgreSQL counts from 2000).
using TimestampUs = std::int64_t;

struct TupleValue {
  enum class Kind : std::uint8_t { null, unchanged_toast, text, binary };
  Kind kind = Kind::null;
  std::string_view text{};
};
using Tuple = std::span<const TupleValue>;

struct Begin { Lsn final_lsn; TimestampUs commit_time; std::uint32_t xid; };
struct Commit { Lsn commit_lsn; Lsn end_lsn; TimestampUs commit_time; };
struct RelationColumn { bool in_key; std::string name; std::uint32_t type_oid; std::int32_t typmod; };
struct Relation {
  std::uint32_t oid; std::string schema; std::string table; char replica_identity;   // d n f i
  std::vector<RelationColumn> columns;
};
struct Insert { std::uint32_t oid; Tuple after; };
enum class OldTuple : std::uint8_t { none, key, full };   // none, 'K', 'O'
struct Update { std::uint32_t oid; OldTuple old_kind; Tuple before; Tuple after; };
struct Delete { std::uint32_t oid; OldTuple old_kind; Tuple before; };
struct Truncate { std::span<const std::uint32_t> oids; bool cascade; bool restart_identity; };
struct LogicalMessage { bool transactional; Lsn lsn; std::string_view prefix; std::string_view content; };
struct Type { std::uint32_t oid; std::string schema; std::string name; };
struct Origin { Lsn lsn; std::string_view name; };

using Message = std::variant<Begin, Commit, Relation, Insert, Update, Delete, Truncate, LogicalMessage, Type, Origin>;

class Decoder {
 public:
  Result<Message> decode(std::string_view message);

 private:
  std::vector<TupleValue> before_;
  std::vector<TupleValue> after_;
  std::vector<std::uint32_t> oids_;
};

}  // namespace pgoutput
}  // namespace millrace::postgres
