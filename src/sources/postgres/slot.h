// Publication and replication slot: what must stand on the server before a stream can start.
// Behaviour and statements: Debezium 2.7's PostgresReplicationConnection. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "sources/postgres/connection.h"
#include "sources/postgres/pgoutput.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {

struct SlotState {
  bool active = false;
  std::string active_pid;            // empty when not active
  std::optional<Lsn> confirmed_flush{};
  std::optional<Lsn> restart{};
};
// The slot of this name, database and plugin pgoutput; none: there is no such slot.
Result<std::optional<SlotState>> read_slot(Connection& connection, const std::string& name);

struct CreatedSlot {
  Lsn consistent_point = 0;
  std::string snapshot_name;         // valid until the replication connection's next command
};
// Errors: Debezium's "Creation of replication slot failed", with the server's text as cause and, for a plugin
// that is not there, what to set.
Result<CreatedSlot> create_slot(Connection& replication, const std::string& name, const std::string& plugin, bool temporary);

// Creates or alters the publication by publication.autocreate.mode.
Result<void> prepare_publication(Connection& connection, const Config& config, const std::vector<TableId>& captured);

// replica.identity.autoset.values: alters the captured tables that have another identity than their pattern says.
// Errors: a pattern that is none. What the server refuses for one table is logged, and the others are altered.
Result<void> set_replica_identities(Connection& connection, const Config& config, const std::vector<TableId>& captured);

// The options of START_REPLICATION that slot.stream.params asks for, in their order; parts that are no k=v are logged.
std::vector<std::pair<std::string, std::string>> stream_parameters(const Config& config);

// catalog_xmin of the slot; 0: it has none. None: there is no such slot.
Result<std::optional<std::int64_t>> read_slot_xmin(Connection& connection, const std::string& name);

Result<Lsn> parse_lsn(std::string_view text);   // "0/16B3748"

}  // namespace millrace::postgres
