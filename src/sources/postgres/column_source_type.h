// What Debezium says of a column's type in the database: name, length and scale as the JDBC driver tells them for the
// snapshot, and as Debezium derives them from a Relation message for the stream.
// Threads: plain functions. Source: pgjdbc 42.6.1's TypeInfoCache and PgDatabaseMetaData.getColumns, Debezium 2.7's
// PostgresType and ColumnMetaData.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sources/postgres/types.h"

namespace millrace::postgres {

struct ColumnSourceType {
  std::string name;                       // int4; serial in a snapshot; "schema"."type" there outside of the search path
  std::int32_t length = -1;               // -1: none
  std::optional<std::int32_t> scale{};
  bool characters = false;                // one of JDBC's CHAR and VARCHAR: "char", bpchar, varchar, text, name, enums
};

// A type that does not exist gives an empty name.
ColumnSourceType source_type_of(const ColumnFacts& facts, const TypeRegistry& types, Phase phase);

}  // namespace millrace::postgres
