// message.key.columns: the columns that make a table's key instead of its primary key, as <table>:<column>,<column>;...
// Tables and columns are patterns. Every pattern of a column gives all columns that match it, in the table's order; the
// patterns keep the order in which they stand, whatever entry they are of.
// Threads: const calls from any thread. Source: Debezium 2.7's Key.CustomKeyMapper.
#pragma once

#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "sources/postgres/types.h"

namespace millrace::postgres {

class KeyColumns {
 public:
  static Result<KeyColumns> create(const Config& config);
  bool empty() const { return columns_.empty(); }
  // Indexes of the key's columns; a column may come twice. Empty: the option is not for this table. `table`: schema.table.
  Result<std::vector<std::size_t>> of(std::string_view table, const std::vector<ColumnFacts>& columns) const;

 private:
  std::vector<RegexList> columns_;   // for schema.table.column
};

}  // namespace millrace::postgres
