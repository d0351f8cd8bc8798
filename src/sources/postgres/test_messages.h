// pgoutput messages made by hand, for tests. Source: PostgreSQL 15 documentation, "Logical Replication Message Formats".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::postgres::test {

class Bytes {
 public:
  Bytes& u8(char value) { return put(static_cast<unsigned char>(value), 1); }
  Bytes& u16(std::uint64_t value) { return put(value, 2); }
  Bytes& u32(std::uint64_t value) { return put(value, 4); }
  Bytes& u64(std::uint64_t value) { return put(value, 8); }
  Bytes& c_string(std::string_view text) {
    bytes_.append(text);
    bytes_.push_back('\0');
    return *this;
  }
  Bytes& raw(std::string_view text) {
    bytes_.append(text);
    return *this;
  }
  // Columns as text, none: null.
  Bytes& tuple(const std::vector<std::optional<std::string>>& columns) {
    u16(columns.size());
    for (const auto& column : columns) {
      if (!column) {
        u8('n');
      } else {
        u8('t').u32(column->size()).raw(*column);
      }
    }
    return *this;
  }
  operator std::string() const { return bytes_; }   // NOLINT: a test reads better without a call

 private:
  Bytes& put(std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(value >> shift));
    return *this;
  }
  std::string bytes_;
};

using Row = std::vector<std::optional<std::string>>;

inline std::string begin(std::uint32_t xid) { return Bytes{}.u8('B').u64(1).u64(0).u32(xid); }
inline std::string commit(std::uint64_t end) { return Bytes{}.u8('C').u8(0).u64(end).u64(end).u64(0); }
inline std::string relation(std::uint32_t oid, std::string_view table, const std::vector<std::string>& columns) {
  Bytes out;
  out.u8('R').u32(oid).c_string("public").c_string(table).u8('d').u16(columns.size());
  for (const std::string& column : columns) out.u8(0).c_string(column).u32(25).u32(0xFFFFFFFF);
  return out;
}
inline std::string insert(std::uint32_t oid, const Row& row) { return Bytes{}.u8('I').u32(oid).u8('N').tuple(row); }
inline std::string update(std::uint32_t oid, const Row& row) { return Bytes{}.u8('U').u32(oid).u8('N').tuple(row); }
inline std::string update_key(std::uint32_t oid, const Row& before, const Row& after) {
  return Bytes{}.u8('U').u32(oid).u8('K').tuple(before).u8('N').tuple(after);
}
inline std::string truncate(const std::vector<std::uint32_t>& oids) {
  Bytes out;
  out.u8('T').u32(oids.size()).u8(0);
  for (const std::uint32_t oid : oids) out.u32(oid);
  return out;
}
inline std::string remove(std::uint32_t oid, const Row& key) { return Bytes{}.u8('D').u32(oid).u8('K').tuple(key); }

}  // namespace millrace::postgres::test
