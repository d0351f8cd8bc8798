#include "sources/postgres/postgres_config.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/letters.h"
#include "core/log.h"
#include "core/wake.h"

namespace millrace::postgres {
namespace {

constexpr std::chrono::milliseconds k_validation_wait_max{30'000};   // a REST request waits for it

// The JDBC driver's words for a failure of libpq, which users and alerts know.
std::string connection_problem(const std::string& text, const Config& config) {
  if (const auto fatal = text.rfind("FATAL: "); fatal != std::string::npos) return text.substr(fatal);
  if (text.find("Connection refused") != std::string::npos)
    return "Connection to " + config.get("database.hostname") + ":" + config.get("database.port", "5432") +
           " refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP "
           "connections.";
  if (text.find("invalid port number") != std::string::npos)
    return "Unable to parse URL jdbc:postgresql://" + config.get("database.hostname") + ":" + config.get("database.port") + "/" +
           config.get("database.dbname");
  if (text.starts_with("The server does not support SSL")) return "The server does not support SSL.";
  if (text.find("no password supplied") != std::string::npos)
    return std::string{"The server requested SCRAM-based authentication, but "} +
           (config.has("database.password") ? "the password is an empty string." : "no password was provided.");
  for (const std::string_view unreachable :
       {"could not translate host name", "No answer from PostgreSQL", "No route to host",
        "Network is unreachable", "timeout expired", "Connection timed out", "timed out"})
    if (text.find(unreachable) != std::string::npos) return "The connection attempt failed.";
  return text;
}

// Slot creation needs these rights. Their lack is only said here: the task fails with the server's own words.
constexpr std::string_view k_roles_query =
    "SELECT rolcanlogin AND rolreplication OR EXISTS (SELECT 1 FROM pg_catalog.pg_roles g WHERE g.rolname IN "
    "('rds_superuser', 'rdsadmin', 'rdsrepladmin', 'rds_replication') AND "
    "pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER')) FROM pg_catalog.pg_roles r WHERE rolname = current_user";

void log_missing_rights(Connection& connection, const Config& config) {
  const auto roles = connection.query(std::string{k_roles_query});
  if (roles && roles->size() == 1 && roles->text(0, 0) != "t")
    logger(k_connector_log)->error("Postgres roles LOGIN and REPLICATION are not assigned to user: {}",
                                   config.get("database.user"));
  const auto wal_level = connection.query("SHOW wal_level");
  if (wal_level && wal_level->size() == 1 && wal_level->text(0, 0) != "logical")
    logger(k_connector_log)->error("Postgres server wal_level property must be 'logical' but is: '{}'", wal_level->text(0, 0));
}

}  // namespace

void validate(const Config& config, ConfigErrors& errors) {
  if (!errors.empty()) return;
  ConnectionSettings settings = connection_settings(config, "Debezium Validate Connection");
  settings.initial_statements.clear();
  settings.connect_timeout = std::min(settings.connect_timeout, k_validation_wait_max);
  settings.query_timeout = k_validation_wait_max;
  const auto report = [&](const std::string& text) {
    errors.push_back({"database.hostname", "Error while validating connector config: " + text});
  };
  StopSignal never;
  auto connection = Connection::open(settings, never);
  if (!connection) return report(connection_problem(connection.error().text, config));
  if (const auto version = connection->query("SELECT version()"); !version) return report(version.error().text);
  if (config.boolean("read.only", false) && connection->server_version() < 130'000)
    return report("Read only is not supported for version minor to 13");
  log_missing_rights(*connection, config);
}

std::string plugin_advice() {
  return "set plugin.name=pgoutput, the logical decoding plugin that every PostgreSQL server has: "
         "this connector streams with pgoutput only, also when plugin.name is not set (its default, decoderbufs, "
         "is Debezium's)";
}

Result<NameFilter> NameFilter::create(const Config& config, const std::string& include, const std::string& exclude) {
  NameFilter out;
  for (const std::string& name : {include, exclude}) {
    const std::string* text = config.find(name);
    if (text == nullptr) continue;
    auto list = RegexList::compile(*text);
    if (!list) {
      Error error = std::move(list).error();
      error.text = name + ": " + error.text;
      return std::unexpected{std::move(error)};
    }
    if (list->empty()) continue;
    out.list_ = std::move(*list);
    out.including_ = name == include;
    break;
  }
  return out;
}

bool NameFilter::takes(std::string_view name) const {
  if (list_.empty()) return true;
  const auto in_list = list_.matches_any(name);
  if (!in_list) {
    logger(k_connector_log)->error("{} is captured: {}", name, in_list.error().text);
    return true;
  }
  return *in_list == including_;
}

Result<TableFilter> TableFilter::create(const Config& config) {
  TableFilter out;
  MR_TRY(out.schemas_, NameFilter::create(config, "schema.include.list", "schema.exclude.list"));
  MR_TRY(out.tables_, NameFilter::create(config, "table.include.list", "table.exclude.list"));
  out.hide_builtin_ = config.boolean("table.ignore.builtin", true);
  out.signal_table_ = trimmed(config.get("signal.data.collection"));
  return out;
}

bool TableFilter::captures(std::string_view schema, std::string_view table) const {
  const std::string name = std::string{schema} + "." + std::string{table};
  if (name == signal_table_) return true;
  if (hide_builtin_ && (schema == "pg_catalog" || schema == "information_schema" || schema.starts_with("pg_temp") ||
                        table == "spatial_ref_sys"))
    return false;
  return schemas_.takes(schema) && tables_.takes(name);
}

Result<ColumnFilter> ColumnFilter::create(const Config& config) {
  ColumnFilter out;
  MR_TRY(out.columns_, NameFilter::create(config, "column.include.list", "column.exclude.list"));
  return out;
}

bool ColumnFilter::captures(std::string_view schema, std::string_view table, std::string_view column) const {
  return columns_.takes(std::string{schema} + "." + std::string{table} + "." + std::string{column});
}

}  // namespace millrace::postgres
