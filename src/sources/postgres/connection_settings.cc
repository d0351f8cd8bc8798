// database.* and driver.* in libpq's terms.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/postgres_config.h"

namespace millrace::postgres {
namespace {

// What of the JDBC driver's properties has a meaning here, beside Debezium's own options.
constexpr std::array<std::string_view, 20> k_driver_options{
    "connectTimeout", "loginTimeout", "socketTimeout", "tcpKeepAlive", "options", "targetServerType", "gssEncMode",
    "channelBinding", "ssl", "sslmode", "sslfactory", "sslcert", "sslkey", "sslrootcert", "sslpassword",
    "ApplicationName", "assumeMinServerVersion", "preferQueryMode", "user", "password"};

// "allow" of the JDBC driver encrypts only where the server insists; libpq cannot wait for that and prefers.
std::string gss_mode(const Config& config) {
  const std::string* text = driver_option(config, "gssEncMode");
  if (text == nullptr) return "disable";
  const std::string mode = lower(trimmed(*text));
  return mode == "allow" ? "prefer" : mode;
}

std::string session_attributes(const std::string& target) {
  const std::string type = lower(trimmed(target));
  if (type == "primary" || type == "master") return "primary";
  if (type == "secondary" || type == "slave") return "standby";
  if (type == "prefersecondary" || type == "preferslave") return "prefer-standby";
  return "any";
}

std::chrono::seconds driver_seconds(const Config& config, const std::string& name) {
  for (const char* prefix : {"driver.", "database."})
    if (config.has(prefix + name)) return std::chrono::seconds{config.integer(prefix + name, 0)};
  return std::chrono::seconds{0};
}

std::chrono::milliseconds connect_timeout(const Config& config, std::chrono::milliseconds fallback) {
  if (config.has("database.connection.timeout.ms"))
    return std::chrono::milliseconds{config.integer("database.connection.timeout.ms", fallback.count())};
  for (const char* name : {"connectTimeout", "loginTimeout"})
    if (const auto seconds = driver_seconds(config, name); seconds.count() > 0) return seconds;
  return fallback;
}

// The driver gives up a socket that is silent for so long, whatever the statement's own time is.
std::chrono::milliseconds query_timeout(const Config& config) {
  const std::chrono::milliseconds own{std::max<std::int64_t>(0, config.integer("database.query.timeout.ms", 600'000))};
  const std::chrono::milliseconds socket = driver_seconds(config, "socketTimeout");
  if (socket.count() <= 0) return own;
  return own.count() == 0 ? socket : std::min(own, socket);
}

bool keeps_alive(const Config& config) {
  return config.boolean(config.has("driver.tcpKeepAlive") ? "driver.tcpKeepAlive" : "database.tcpKeepAlive", true);
}

}  // namespace

ConnectionSettings connection_settings(const Config& config, std::string_view application_name) {
  ConnectionSettings out;
  const auto put = [&out](const char* keyword, std::string value) {
    if (!value.empty()) out.parameters.emplace_back(keyword, std::move(value));
  };
  put("host", std::string{trimmed(config.get("database.hostname"))});
  put("port", std::to_string(config.integer("database.port", 5432)));
  put("user", config.get("database.user"));
  put("password", config.get("database.password"));
  put("dbname", config.get("database.dbname"));
  put("application_name", std::string{application_name});
  put("gssencmode", gss_mode(config));
  put("keepalives", keeps_alive(config) ? "1" : "0");
  put("client_encoding", "UTF8");
  // Each session gives the texts that the JDBC driver asks for; what a user adds comes later and wins.
  std::string options = "-c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=3";
  if (const std::string* own = driver_option(config, "options")) options += " " + *own;
  put("options", std::move(options));
  if (const std::string* binding = driver_option(config, "channelBinding"))
    put("channel_binding", lower(trimmed(*binding)));
  if (const std::string* target = driver_option(config, "targetServerType"))
    put("target_session_attrs", session_attributes(*target));
  out.tls = tls_settings(config);
  out.initial_statements = split_statements(config.get("database.initial.statements"));
  out.connect_timeout = connect_timeout(config, out.connect_timeout);
  out.query_timeout = query_timeout(config);
  return out;
}

void warn_of_driver_options(const Config& config) {
  for (const auto& [name, value] : config.entries()) {
    const bool debezium = name.starts_with("database.") && config_def().find(name) != nullptr;
    const std::string_view prefix = name.starts_with("driver.") ? "driver." : "database.";
    if (!name.starts_with(prefix) || debezium) continue;
    const std::string_view option = std::string_view{name}.substr(prefix.size());
    if (std::ranges::find(k_driver_options, option) == k_driver_options.end())
      logger(k_connector_log)->warn("{} is an option of the JDBC driver that has no meaning for libpq: it is left out", name);
  }
}

std::vector<std::string> split_statements(std::string_view text) {
  std::vector<std::string> statements;
  std::string statement;
  const auto finish = [&] {
    if (std::string whole{trimmed(statement)}; !whole.empty()) statements.push_back(std::move(whole));
    statement.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ';') {
      statement += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == ';') {
      statement += ';';
      ++i;
    } else {
      finish();
    }
  }
  finish();
  return statements;
}

}  // namespace millrace::postgres
