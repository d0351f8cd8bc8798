// The PostgreSQL connector's configuration: its options, their checks, and what the rest of the source reads from it.
// Names, defaults and texts are those of Debezium's connector 2.7.
// Threads: any. Errors: validate() connects to the server as the last check, at most 30 s.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "sources/postgres/connection.h"

namespace millrace::postgres {

inline constexpr std::string_view k_connector_log = "io.debezium.connector.postgresql.PostgresConnector";

const ConfigDef& config_def();

// Checks that need a server. `errors` holds what ConfigDef::validate() found: with an error in it no connection is
// tried. A failed one is an error of database.hostname.
void validate(const Config& config, ConfigErrors& errors);

// database.* and driver.* as libpq's keywords. `application_name`: "Debezium General", "Debezium Streaming", ...
// A replication connection adds replication=database and leaves the initial statements out.
ConnectionSettings connection_settings(const Config& config, std::string_view application_name);
// Logs the options of the JDBC driver that libpq has nothing for.
void warn_of_driver_options(const Config& config);

// At ';', where ";;" is a semicolon of the statement itself.
std::vector<std::string> split_statements(std::string_view text);

// What to do when the server has not the logical decoding plugin that plugin.name asks for.
std::string plugin_advice();

// An include or an exclude list, of which the include list wins.
class NameFilter {
 public:
  NameFilter() = default;   // takes everything
  static Result<NameFilter> create(const Config& config, const std::string& include, const std::string& exclude);
  // A pattern that cannot be matched takes the name: rather a table too many than one lost. It is logged.
  bool takes(std::string_view name) const;

 private:
  RegexList list_;
  bool including_ = false;   // the names of the list are taken, else those that are not in it
};

// Which tables are captured: schema and table lists, the built-in ones left out, the signal table added.
class TableFilter {
 public:
  static Result<TableFilter> create(const Config& config);
  bool captures(std::string_view schema, std::string_view table) const;

 private:
  NameFilter schemas_, tables_;
  bool hide_builtin_ = true;
  std::string signal_table_;
};

// Which columns are in the value; a key keeps columns that are not.
class ColumnFilter {
 public:
  static Result<ColumnFilter> create(const Config& config);
  bool captures(std::string_view schema, std::string_view table, std::string_view column) const;

 private:
  NameFilter columns_;
};

}  // namespace millrace::postgres
