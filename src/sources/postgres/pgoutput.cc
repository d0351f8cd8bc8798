#include "sources/postgres/pgoutput.h"

#include <fmt/format.h>

#include "core/bytes.h"

namespace millrace::postgres {

std::string to_string_lsn(Lsn lsn) {
  return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xFFFF'FFFF);
}

namespace pgoutput {
namespace {

// 2000-01-01 UTC, from where PostgreSQL counts.
constexpr std::uint64_t k_postgres_epoch_us = 946'684'800'000'000;

TimestampUs timestamp(ByteReader& in) {
  // Unsigned, so that a hostile value wraps instead of overflowing.
  return static_cast<TimestampUs>(in.u64() + k_postgres_epoch_us);
}

std::unexpected<Error> malformed(std::string_view kind, std::string_view message) {
  return fail(fmt::format("pgoutput: malformed {} message of {} bytes; the server and its plugin must speak "
                          "protocol version 1",
                          kind, message.size()));
}

// False when the tuple is cut or holds a value of an unknown kind.
bool read_tuple(ByteReader& in, std::vector<TupleValue>& values) {
  values.clear();
  const std::size_t count = in.u16();
  if (!in.ok() || count > in.remaining()) return false;  // each value takes one byte at least
  values.resize(count);
  for (TupleValue& value : values) {
    switch (in.u8()) {
      case 'n':
        value.kind = TupleValue::Kind::null;
        break;
      case 'u':
        value.kind = TupleValue::Kind::unchanged_toast;
        break;
      case 't':
        value.kind = TupleValue::Kind::text;
        value.text = in.bytes(in.u32());
        break;
      case 'b':
        value.kind = TupleValue::Kind::binary;
        value.text = in.bytes(in.u32());
        break;
      default:
        return false;
    }
  }
  return in.ok();
}

Result<Message> read_begin(ByteReader& in, std::string_view message) {
  Begin begin{.final_lsn = in.u64(), .commit_time = timestamp(in), .xid = in.u32()};
  if (!in.done()) return malformed("Begin", message);
  return begin;
}

Result<Message> read_commit(ByteReader& in, std::string_view message) {
  in.u8();  // flags, unused in version 1
  Commit commit{.commit_lsn = in.u64(), .end_lsn = in.u64(), .commit_time = timestamp(in)};
  if (!in.done()) return malformed("Commit", message);
  return commit;
}

Result<Message> read_relation(ByteReader& in, std::string_view message) {
  Relation relation{.oid = in.u32(),
                    .schema = std::string{in.c_string()},
                    .table = std::string{in.c_string()},
                    .replica_identity = static_cast<char>(in.u8()),
                    .columns = {}};
  if (relation.schema.empty()) relation.schema = "pg_catalog";  // the protocol's spelling of it
  constexpr std::size_t k_column_bytes_min = 10;
  const std::size_t count = in.u16();
  if (!in.ok() || count > in.remaining() / k_column_bytes_min) return malformed("Relation", message);
  relation.columns.resize(count);
  for (RelationColumn& column : relation.columns) {
    column.in_key = (in.u8() & 1) != 0;
    column.name = in.c_string();
    column.type_oid = in.u32();
    column.typmod = in.i32();
  }
  if (!in.done()) return malformed("Relation", message);
  return relation;
}

Result<Message> read_type(ByteReader& in, std::string_view message) {
  Type type{.oid = in.u32(), .schema = std::string{in.c_string()}, .name = std::string{in.c_string()}};
  if (!in.done()) return malformed("Type", message);
  return type;
}

Result<Message> read_origin(ByteReader& in, std::string_view message) {
  Origin origin{.lsn = in.u64(), .name = in.c_string()};
  if (!in.done()) return malformed("Origin", message);
  return origin;
}

Result<Message> read_insert(ByteReader& in, std::string_view message, std::vector<TupleValue>& after) {
  const std::uint32_t oid = in.u32();
  if (in.u8() != 'N' || !read_tuple(in, after) || !in.done()) return malformed("Insert", message);
  return Insert{.oid = oid, .after = after};
}

Result<Message> read_update(ByteReader& in, std::string_view message, std::vector<TupleValue>& before,
                            std::vector<TupleValue>& after) {
  before.clear();
  const std::uint32_t oid = in.u32();
  OldTuple old_kind = OldTuple::none;
  std::uint8_t mark = in.u8();
  if (mark == 'K' || mark == 'O') {
    old_kind = mark == 'K' ? OldTuple::key : OldTuple::full;
    if (!read_tuple(in, before)) return malformed("Update", message);
    mark = in.u8();
  }
  if (mark != 'N' || !read_tuple(in, after) || !in.done()) return malformed("Update", message);
  return Update{.oid = oid, .old_kind = old_kind, .before = before, .after = after};
}

Result<Message> read_delete(ByteReader& in, std::string_view message, std::vector<TupleValue>& before) {
  const std::uint32_t oid = in.u32();
  const std::uint8_t mark = in.u8();
  if ((mark != 'K' && mark != 'O') || !read_tuple(in, before) || !in.done()) return malformed("Delete", message);
  return Delete{.oid = oid, .old_kind = mark == 'K' ? OldTuple::key : OldTuple::full, .before = before};
}

Result<Message> read_truncate(ByteReader& in, std::string_view message, std::vector<std::uint32_t>& oids) {
  oids.clear();
  const std::size_t count = in.u32();
  const std::uint8_t flags = in.u8();
  if (!in.ok() || count != in.remaining() / 4) return malformed("Truncate", message);
  for (std::size_t i = 0; i < count; ++i) oids.push_back(in.u32());
  if (!in.done()) return malformed("Truncate", message);
  return Truncate{.oids = oids, .cascade = (flags & 1) != 0, .restart_identity = (flags & 2) != 0};
}

Result<Message> read_logical_message(ByteReader& in, std::string_view message) {
  const bool transactional = (in.u8() & 1) != 0;
  const Lsn lsn = in.u64();
  const std::string_view prefix = in.c_string();
  const std::string_view content = in.bytes(in.u32());
  if (!in.done()) return malformed("Message", message);
  return LogicalMessage{.transactional = transactional, .lsn = lsn, .prefix = prefix, .content = content};
}

}  // namespace

Result<Message> Decoder::decode(std::string_view message) {
  ByteReader in{message};
  const std::uint8_t kind = in.u8();
  switch (kind) {
    case 'B': return read_begin(in, message);
    case 'C': return read_commit(in, message);
    case 'R': return read_relation(in, message);
    case 'I': return read_insert(in, message, after_);
    case 'U': return read_update(in, message, before_, after_);
    case 'D': return read_delete(in, message, before_);
    case 'T': return read_truncate(in, message, oids_);
    case 'M': return read_logical_message(in, message);
    case 'Y': return read_type(in, message);
    case 'O': return read_origin(in, message);
    default:
      if (message.empty()) return fail("pgoutput: empty message");
      return fail(fmt::format("pgoutput: message of unknown kind 0x{:02X}", kind));
  }
}

}  // namespace pgoutput
}  // namespace millrace::postgres
