#include "sources/postgres/slot.h"

#include <charconv>

#include "core/java_regex.h"
#include "core/letters.h"
#include "core/log.h"
#include "core/setting_rules.h"
#include "sources/postgres/postgres_config.h"

namespace millrace::postgres {
namespace {

auto slot_log() { return logger("io.debezium.connector.postgresql.connection.PostgresReplicationConnection"); }

}  // namespace

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
    list += table.quoted();
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
  const std::string quoted = quote_identifier(name);
  MR_CHECK(connection.query(exists ? "ALTER PUBLICATION " + quoted + " SET TABLE " + tables
                                   : "CREATE PUBLICATION " + quoted + " FOR TABLE " + tables));
  return {};
}

}  // namespace

// Debezium sends the name unquoted and looks it up as it stands, so that capital letters never stream.
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
  MR_CHECK(connection.query("CREATE PUBLICATION " + quote_identifier(name) + " FOR ALL TABLES"));
  return {};
}

Result<std::optional<std::int64_t>> read_slot_xmin(Connection& connection, const std::string& name) {
  MR_TRY(const Rows rows,
         connection.query("SELECT coalesce(catalog_xmin::text, '0') FROM pg_replication_slots WHERE slot_name = $1 AND "
                          "database = current_database() AND plugin = 'pgoutput'", {name}));
  if (rows.size() == 0) return std::optional<std::int64_t>{};
  std::int64_t xmin = 0;
  const std::string_view text = rows.text(0, 0);
  std::from_chars(text.data(), text.data() + text.size(), xmin);
  return std::optional{xmin};
}

std::vector<std::pair<std::string, std::string>> stream_parameters(const Config& config) {
  const std::string text = config.get("slot.stream.params");
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view part : setting::java_split(text, ';')) {
    const auto equals = part.find('=');
    const bool valid = equals != std::string_view::npos && equals + 1 < part.size() && part.find('=', equals + 1) == std::string_view::npos;
    if (valid) parameters.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    else if (!part.empty()) slot_log()->warn("The following STREAM_PARAMS value is invalid: {}", part);
  }
  return parameters;
}

namespace {

struct IdentityRule {
  RegexList tables;
  std::string identity;   // as it stands in the statement: FULL, DEFAULT, NOTHING, USING INDEX name
};

// "<regex>:FULL" and the like. Validation has seen that the form is right; only in capital letters is it obeyed, as by Debezium.
Result<std::optional<IdentityRule>> identity_rule(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::optional<IdentityRule>{};
  std::string identity{trimmed(text.substr(colon + 1))};
  if (identity.starts_with("INDEX ")) identity = "USING INDEX " + quote_identifier(trimmed(std::string_view{identity}.substr(6)));
  else if (identity != "FULL" && identity != "DEFAULT" && identity != "NOTHING")
    return fail("replica.identity.autoset.values: '" + identity + "' is not set on any table; write DEFAULT, FULL, NOTHING or "
                "INDEX <name> in capital letters");
  MR_TRY(RegexList tables, RegexList::compile(trimmed(text.substr(0, colon))));
  return std::optional{IdentityRule{.tables = std::move(tables), .identity = std::move(identity)}};
}

Result<std::string> identity_of(Connection& connection, const TableId& table) {
  MR_TRY(const Rows rows, connection.query(
      "SELECT c.relreplident, (SELECT ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
      "WHERE i.indrelid = c.oid AND i.indisreplident LIMIT 1) FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
      {table.schema, table.table}));
  if (rows.size() == 0) return std::string{"UNKNOWN"};
  const std::string_view code = rows.text(0, 0);
  if (code == "f") return std::string{"FULL"};
  if (code == "d") return std::string{"DEFAULT"};
  if (code == "n") return std::string{"NOTHING"};
  return "USING INDEX " + quote_identifier(rows.text(0, 1));
}

Result<void> set_identity(Connection& connection, const TableId& table, const std::vector<IdentityRule>& rules) {
  const IdentityRule* wanted = nullptr;
  for (const IdentityRule& rule : rules) {
    MR_TRY(const bool matches, rule.tables.matches_any(table.text()));
    if (matches && wanted != nullptr) return fail("More than one Regular expressions matched table " + table.text());
    if (matches) wanted = &rule;
  }
  if (wanted == nullptr) return {};
  MR_TRY(const std::string current, identity_of(connection, table));
  if (current == wanted->identity) return {};
  MR_CHECK(connection.query("ALTER TABLE " + table.quoted() + " REPLICA IDENTITY " + wanted->identity));
  slot_log()->info("Replica identity set to {} for table '{}'", wanted->identity, table.text());
  return {};
}

}  // namespace

Result<void> set_replica_identities(Connection& connection, const Config& config, const std::vector<TableId>& captured) {
  std::vector<IdentityRule> rules;
  for (const std::string& part : config.list("replica.identity.autoset.values")) {
    auto rule = identity_rule(part);
    if (!rule) {
      slot_log()->error("{}", rule.error().text);
      return {};
    }
    if (*rule) rules.push_back(std::move(**rule));
  }
  if (rules.empty()) return {};
  for (const TableId& table : captured) {
    const auto set = set_identity(connection, table, rules);
    if (set) continue;
    if (PQstatus(connection.raw()) != CONNECTION_OK) return set;
    slot_log()->error("Unable to update Replica Identity for table {}: {}", table.text(), set.error().text);
  }
  return {};
}

}  // namespace millrace::postgres
