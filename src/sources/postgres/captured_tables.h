// Which tables a connector captures, and which of them its snapshot reads and how.
// Threads: one task's thread. Source of the orders and rules: Debezium 2.7's RelationalSnapshotChangeEventSource.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/log.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/postgres_config.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {

inline auto snapshot_log() { return logger("io.debezium.relational.RelationalSnapshotChangeEventSource"); }

// For each pattern of table.include.list its tables by name, then the rest (the signal table) by name.
Result<std::vector<TableId>> captured_tables(Connection& connection, const TableFilter& filter, const Config& config);

// Of the captured ones, those that snapshot.include.collection.list takes; without the option all.
Result<std::vector<TableId>> tables_of_snapshot(std::vector<TableId> captured, const Config& config);

// snapshot.select.statement.overrides: the statements that stand for SELECT ... FROM table.
Result<std::map<TableId, std::string>> snapshot_selects(const Config& config);

// The nearest captured table of which the relation is a partition, or a partition's partition; none: there is none.
Result<std::optional<TableId>> captured_root_of(Connection& connection, const TableFilter& filter, std::uint32_t oid);

}  // namespace millrace::postgres
