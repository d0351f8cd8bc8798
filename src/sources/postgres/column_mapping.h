// ColumnMapping is what options do to single columns of a row, never to those of a key: column.truncate.to.N.chars,
// column.mask.with.N.chars, column.mask.hash.*, column.propagate.source.type, datatype.propagate.source.type. The first
// rule that takes a column is its only one; the rules stand in this order, several of one option in that of Java's HashMap.
// Threads: one task's thread. Source: Debezium 2.7's ColumnMappers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "sources/postgres/column_source_type.h"
#include "sources/postgres/types.h"

namespace millrace::postgres {

class ColumnMapping {
 public:
  // Errors: patterns that do not compile.
  static Result<ColumnMapping> create(const Config& config);

  bool empty() const { return rules_.empty(); }

  // Alters the codec's schema and values. `table`: schema.table. True: a rule took the column. Errors: a hash algorithm
  // that is not known, where a column needs it.
  Result<bool> apply(std::string_view table, const ColumnFacts& facts, const TypeRegistry& types, Phase phase,
                     ColumnCodec& codec) const;

 private:
  enum class Action : std::uint8_t { truncate, mask, tell_type, hash_serialized, hash_utf8 };
  struct Rule {
    Action action;
    bool by_type = false;       // the patterns are for schema.table.type, not for schema.table.column
    RegexList patterns;
    std::int32_t length = 0;    // truncate, mask
    std::string algorithm{};    // hash_*
    std::string salt{};
  };
  Result<void> add(const Config& config, const std::vector<std::string>& names, Action action);
  const Rule* rule_of(std::string_view table, const ColumnFacts& facts, const ColumnSourceType& type) const;
  static Result<void> alter(const Rule& rule, const ColumnFacts& facts, const ColumnSourceType& type, ColumnCodec& codec);

  std::vector<Rule> rules_;
};

}  // namespace millrace::postgres
