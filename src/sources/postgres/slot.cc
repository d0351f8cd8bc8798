#include "sources/postgres/slot.h"

#include <charconv>

#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/postgres_config.h"

namespace millrace::postgres {

Result<Lsn> parse_lsn(std::string_view text) {
  const auto slash = text.find('/');
  std::uint32_t high = 0, low = 0;
  if (slash != std::string_view::npos) {
    const char* begin = text.data();
    const auto first = std::from_chars(begin, begin + slash, high, 16);
    const auto second = std::from_chars(begin + slash + 1, begin + text.size(), low, 16);
    if (first.ec == std::errc{} && first.ptr == begin + slash && second.ec == std::errc{} &&
        second.ptr == begin + text.size())
      return Lsn{high} << 32 | low;
  }
  return fail("PostgreSQL sent '" + std::string{text.substr(0, 40)} + "' where an LSN was expected");
}

Result<std::optional<SlotState>> read_slot(Connection& connection, const std::string& name) {
  MR_TRY(const Rows rows,
         connection.query("SELECT active, active_pid, confirmed_flush_lsn, restart_lsn FROM pg_replication_slots "
                          "WHERE slot_name = $1 AND database = current_database() AND plugin = 'pgoutput'", {name}));
  if (rows.size() == 0) return std::optional<SlotState>{};
  SlotState slot{.active = rows.text(0, 0) == "t", .active_pid = std::string{rows.text(0, 1)}};
  if (!rows.is_null(0, 2)) {
    MR_TRY(slot.confirmed_flush, parse_lsn(rows.text(0, 2)));
  }
  if (!rows.is_null(0, 3)) {
    MR_TRY(slot.restart, parse_lsn(rows.text(0, 3)));
  }
  return std::optional{slot};
}

namespace {

constexpr std::string_view k_distinct_slots =
    "; when setting up multiple connectors for the same database host, please make sure to use a distinct "
    "replication slot name for each.";

Error creation_failed(Error cause, const std::string& sqlstate, const std::string& plugin) {
  std::string text = "Creation of replication slot failed";
  if (cause.text.find("already exists") != std::string::npos) text += k_distinct_slots;
  if (plugin != "pgoutput" && sqlstate != "42710")
    text += "; " + plugin_advice();
  // A lost connection heals by itself; an answer of the server does not.
  if (!sqlstate.empty()) cause.retry = Retry::no;
  return std::move(cause).as_cause_of(std::move(text), k_debezium_exception);
}

}  // namespace

Result<CreatedSlot> create_slot(Connection& replication, const std::string& name, const std::string& plugin,
                                bool temporary) {
  auto rows = replication.query("CREATE_REPLICATION_SLOT " + quote_identifier(name) + (temporary ? " TEMPORARY" : "") +
                                " LOGICAL " + plugin);
  if (!rows) return std::unexpected{creation_failed(std::move(rows.error()), replication.sqlstate(), plugin)};
  if (rows->size() != 1 || rows->columns() < 3) return fail("PostgreSQL gave no slot for CREATE_REPLICATION_SLOT");
  MR_TRY(const Lsn consistent_point, parse_lsn(rows->text(0, 1)));
  return CreatedSlot{.consistent_point = consistent_point, .snapshot_name = std::string{rows->text(0, 2)}};
}

namespace {

std::string table_list(const std::vector<TableId>& tables) {
  std::string list;
  for (const TableId& table : tables) {
    if (!list.empty()) list += ", ";
    list += quote_identifier(table.schema) + "." + quote_identifier(table.table);
  }
  return list;
}

Result<void> filtered_publication(Connection& connection, const std::string& name, bool exists, bool for_all_tables,
                                  const std::vector<TableId>& captured) {
  if (exists && for_all_tables)
    return fail("A logical publication for all tables named '" + name +
                    "' is already active on the server and can not be altered. If you need to exclude some tables or "
                    "include only specific subset, please recreate the publication with necessary configuration.",
                Retry::no, k_debezium_exception);
  if (captured.empty())
    return fail("Unable to create filtered publication " + name + ": No table filters found for filtered publication " +
                    name + ". Check table.include.list: no existing table matches it.",
                Retry::no);
  const std::string tables = table_list(captured);
  MR_CHECK(connection.query(exists ? "ALTER PUBLICATION " + name + " SET TABLE " + tables
                                   : "CREATE PUBLICATION " + name + " FOR TABLE " + tables));
  return {};
}

}  // namespace

// The name goes unquoted into the statements, as Debezium sends it, and is looked up as it stands.
Result<void> prepare_publication(Connection& connection, const Config& config, const std::vector<TableId>& captured) {
  const std::string name = config.get("publication.name", "dbz_publication");
  const std::string mode = lower(trimmed(config.get("publication.autocreate.mode", "all_tables")));
  MR_TRY(const Rows rows, connection.query("SELECT puballtables FROM pg_publication WHERE pubname = $1", {name}));
  const bool exists = rows.size() > 0;
  if (mode == "filtered") return filtered_publication(connection, name, exists, exists && rows.text(0, 0) == "t", captured);
  if (exists) return {};
  if (mode == "disabled")
    return fail("Publication autocreation is disabled, please create one and restart the connector.");
  logger("io.debezium.connector.postgresql")->info("Creating publication '{}' for all tables", name);
  MR_CHECK(connection.query("CREATE PUBLICATION " + name + " FOR ALL TABLES"));
  return {};
}

}  // namespace millrace::postgres
