// The list of plugins that GET /connector-plugins shows: what millrace implements of Connect's classes.
// Threads: plain functions; the list is made once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"

namespace millrace {

struct Plugin {
  std::string class_name;
  std::string type;                // source, transformation, predicate, converter, header_converter
  std::string version;
  std::vector<ConfigKey> keys{};   // empty for connectors: Herder::validate knows theirs
};

const std::vector<Plugin>& plugins();
// By class, simple name, or simple name without its type ("PostgresConnector", "Postgres"). Null: unknown, or a short name of
// several classes.
const Plugin* find_plugin(std::string_view name);
// "PostgresConnector" as "Postgres": what Connect compares connector.class and the path by.
std::string_view without_connector(std::string_view name);

}  // namespace millrace
