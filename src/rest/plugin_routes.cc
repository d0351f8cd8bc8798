// The endpoints below /connector-plugins and /admin/loggers.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "connect/plugins.h"
#include "connect/raw_config.h"
#include "core/json_text.h"
#include "rest/answer_json.h"
#include "rest/log_levels.h"
#include "rest/request_body.h"
#include "rest/routes.h"
#include "sources/registry.h"

namespace millrace {
namespace {

HttpAnswer list_plugins(const Call& call) {
  const bool connectors_only = call.flag("connectorsOnly", true);
  std::string body = "[";
  for (const Plugin& plugin : plugins()) {
    if (connectors_only && plugin.type != "source") continue;
    if (body.size() > 1) body += ',';
    body += fmt::format(R"({{"class":"{}","type":"{}","version":"{}"}})", plugin.class_name, plugin.type,
                        plugin.version);
  }
  return json_answer(200, body + ']');
}

std::string definitions_json(const std::vector<ConfigKey>& keys) {
  std::string body = "[";
  for (const ConfigKey& key : keys) {
    if (body.size() > 1) body += ',';
    body += definition_json(key);
  }
  return body + ']';
}

// The connector's own settings, then those of every connector, which a validation gives first.
HttpAnswer connector_definitions(const Call& call, const Plugin& plugin, const ConfigDef& own) {
  const auto result =
      call.herder.validate(plugin.class_name, RawConfig{{"connector.class", std::string{plugin.class_name}}});
  if (!result) return error_answer(result.error());
  std::vector<ConfigKey> keys = own.keys();
  for (const ConfigVerdict& verdict : result->verdicts)
    if (verdict.definition && own.find(verdict.name) == nullptr) keys.push_back(*verdict.definition);
  return json_answer(200, definitions_json(keys));
}

HttpAnswer config(const Call& call) {
  const Plugin* plugin = find_plugin(call.names[0]);
  if (plugin == nullptr) return error_answer(404, fmt::format("Unknown plugin {}.", call.names[0]));
  if (const SourceRegistration* source = find_source(plugin->class_name))
    return connector_definitions(call, *plugin, source->config_def());
  return json_answer(200, definitions_json(plugin->keys));
}

HttpAnswer validate(const Call& call) {
  const std::string& plugin = call.names[0];
  const auto config = config_in(call.request.body);
  if (!config) return error_answer(config.error());
  const std::string* connector_class = find_setting(*config, "connector.class");
  if (connector_class != nullptr && !without_connector(*connector_class).ends_with(without_connector(plugin)))
    return error_answer(400, fmt::format("Included connector type {} does not match request type {}",
                                         *connector_class, plugin));
  const auto result = call.herder.validate(plugin, *config);
  if (result) return json_answer(200, validation_json(*result));
  // Here Connect wraps the refusal and no longer sees that it was the client's fault.
  if (result.error().code == 400)
    return error_answer(500, "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: " +
                                 result.error().message);
  return error_answer(result.error());
}

void append_level(std::string& out, const LoggerState& state) {
  out += fmt::format(R"({{"level":"{}","last_modified":{}}})", state.level,
                     state.last_modified_ms ? std::to_string(*state.last_modified_ms) : "null");
}

HttpAnswer get_loggers(const Call& call) {
  std::string body;
  for (const auto& [name, state] : call.levels.all()) {
    body += body.empty() ? '{' : ',';
    append_json_string(body, name);
    body += ':';
    append_level(body, state);
  }
  body += body.empty() ? "{}" : "}";
  return json_answer(200, std::move(body));
}

HttpAnswer get_logger(const Call& call) {
  const auto state = call.levels.find(call.names[0]);
  if (!state) return error_answer(404, fmt::format("Logger {} not found.", call.names[0]));
  std::string body;
  append_level(body, *state);
  return json_answer(200, std::move(body));
}

HttpAnswer put_logger(const Call& call) {
  const auto body = config_in(call.request.body);
  if (!body) return error_answer(body.error());
  const std::string* level = find_setting(*body, "level");
  if (level == nullptr) return error_answer(400, "Desired 'level' parameter was not specified in request.");
  if (!LogLevels::is_level(*level)) return error_answer(404, fmt::format("invalid log level '{}'.", *level));
  const std::vector<std::string> changed = call.levels.set(call.names[0], *level);

  std::string scope{call.values("scope").empty() ? std::string_view{} : call.values("scope").front()};
  std::ranges::transform(scope, scope.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return scope == "cluster" ? empty_answer(204) : json_answer(200, names_json(changed));
}

}  // namespace

std::vector<Route> plugin_routes() {
  return {
      {"GET", "/connector-plugins", list_plugins},
      {"GET", "/connector-plugins/{}/config", config},
      {"PUT", "/connector-plugins/{}/config/validate", validate, Body::json},
  };
}

std::vector<Route> admin_routes() {
  return {
      {"GET", "/admin/loggers", get_loggers},
      {"GET", "/admin/loggers/{}", get_logger},
      {"PUT", "/admin/loggers/{}", put_logger, Body::json},
  };
}

}  // namespace millrace
