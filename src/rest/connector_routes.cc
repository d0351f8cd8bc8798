// The endpoints below / and /connectors.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/json_text.h"
#include "rest/answer_json.h"
#include "rest/request_body.h"
#include "rest/request_path.h"
#include "rest/routes.h"

namespace millrace {
namespace {

// What clients take the worker for: they choose their requests by it.
constexpr std::string_view k_connect_version = "4.0.0";
constexpr std::string_view k_connect_commit = "985bc99521dd22bb";

HttpAnswer root(const Call& call) {
  std::string body = fmt::format(R"({{"version":"{}","commit":"{}","kafka_cluster_id":)", k_connect_version,
                                 k_connect_commit);
  append_json_string(body, call.herder.cluster_id());
  return json_answer(200, body + '}');
}

HttpAnswer health(const Call& call) {
  const Health health = call.herder.health();
  return json_answer(health.code, health_json(health));
}

// One connector's part of GET /connectors?expand=...; none: it is gone, or another failure in `error`.
std::optional<std::string> expanded(const Call& call, const std::string& name, bool status, bool info,
                                    std::optional<RestError>& error) {
  std::string out = "{";
  if (status) {
    const auto reply = call.herder.status(name);
    if (!reply) {
      if (reply.error().code != 404) error = reply.error();
      return std::nullopt;
    }
    out += R"("status":)" + status_json(*reply);
  }
  if (info) {
    const auto reply = call.herder.connector(name);
    if (!reply) {
      if (reply.error().code != 404) error = reply.error();
      return std::nullopt;
    }
    out += status ? R"(,"info":)" : R"("info":)";
    out += info_json(*reply, MapOrder::java_hash);
  }
  return out + '}';
}

HttpAnswer list_connectors(const Call& call) {
  const auto reply = call.herder.connectors();
  if (!reply) return error_answer(reply.error());
  const std::vector<std::string>& names = *reply;
  const auto expansions = call.values("expand");
  if (expansions.empty()) return json_answer(200, names_json(names));

  bool status = false;
  bool info = false;
  for (const std::string_view expansion : expansions) {
    status = status || expansion == "status";
    info = info || expansion == "info";
  }
  std::string body;
  for (const std::string& name : names) {
    std::optional<RestError> error;
    const auto entry = expanded(call, name, status, info, error);
    if (error) return error_answer(*error);
    if (!entry) continue;
    body += body.empty() ? '{' : ',';
    append_json_string(body, name);
    body += ':';
    body += *entry;
  }
  body += body.empty() ? "{}" : "}";
  return json_answer(200, std::move(body));
}

// The herder gives the config in the order that it was put together in.
HttpAnswer stored(const Call& call, const Reply<CreatedConnector>& reply, const std::string& name) {
  if (!reply) return error_answer(reply.error());
  HttpAnswer answer = json_answer(reply->created ? 201 : 200, info_json(reply->info, MapOrder::as_given));
  if (reply->created)
    answer.location = fmt::format("http://{}/connectors/{}", call.request.authority, encode_segment(name));
  return answer;
}

HttpAnswer create(const Call& call) {
  auto wanted = new_connector_in(call.request.body);
  if (!wanted) return error_answer(wanted.error());
  auto config = with_name(std::move(wanted->config), wanted->name);
  if (!config) return error_answer(config.error());
  return stored(call, call.herder.put_connector(wanted->name, std::move(*config), false, wanted->initial_state),
                wanted->name);
}

HttpAnswer put_config(const Call& call) {
  const std::string& name = call.names[0];
  auto config = config_in(call.request.body);
  if (config) config = with_name(std::move(*config), name);
  if (!config) return error_answer(config.error());
  return stored(call, call.herder.put_connector(name, std::move(*config), true, std::nullopt), name);
}

HttpAnswer patch_config(const Call& call) {
  const auto patch = config_in(call.request.body);
  if (!patch) return error_answer(patch.error());
  return stored(call, call.herder.patch_connector(call.names[0], *patch), call.names[0]);
}

HttpAnswer get_connector(const Call& call) {
  const auto reply = call.herder.connector(call.names[0]);
  return reply ? json_answer(200, info_json(*reply, MapOrder::java_hash)) : error_answer(reply.error());
}

HttpAnswer get_config(const Call& call) {
  const auto reply = call.herder.connector(call.names[0]);
  return reply ? json_answer(200, config_json(reply->config, MapOrder::java_hash)) : error_answer(reply.error());
}

HttpAnswer get_status(const Call& call) {
  const auto reply = call.herder.status(call.names[0]);
  return reply ? json_answer(200, status_json(*reply)) : error_answer(reply.error());
}

HttpAnswer get_tasks(const Call& call) {
  const auto reply = call.herder.tasks(call.names[0]);
  return reply ? json_answer(200, tasks_json(call.names[0], *reply)) : error_answer(reply.error());
}

HttpAnswer get_topics(const Call& call) {
  const auto reply = call.herder.topics(call.names[0]);
  return reply ? json_answer(200, topics_json(call.names[0], *reply)) : error_answer(reply.error());
}

HttpAnswer get_offsets(const Call& call) {
  const auto reply = call.herder.offsets(call.names[0]);
  return reply ? json_answer(200, offsets_json(*reply)) : error_answer(reply.error());
}

HttpAnswer done(const Reply<void>& reply, int status) {
  return reply ? empty_answer(status) : error_answer(reply.error());
}

HttpAnswer reset_topics(const Call& call) { return done(call.herder.reset_topics(call.names[0]), 202); }
HttpAnswer remove(const Call& call) { return done(call.herder.delete_connector(call.names[0]), 204); }
HttpAnswer pause(const Call& call) {
  return done(call.herder.set_target_state(call.names[0], TargetState::paused), 202);
}
HttpAnswer resume(const Call& call) {
  return done(call.herder.set_target_state(call.names[0], TargetState::started), 202);
}
HttpAnswer stop(const Call& call) {
  return done(call.herder.set_target_state(call.names[0], TargetState::stopped), 204);
}

HttpAnswer restart(const Call& call) {
  const auto reply =
      call.herder.restart(call.names[0], call.flag("includeTasks", false), call.flag("onlyFailed", false));
  if (!reply) return error_answer(reply.error());
  return *reply ? json_answer(202, status_json(**reply)) : empty_answer(204);
}

// Java's Integer.valueOf.
std::optional<int> task_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

HttpAnswer get_task_status(const Call& call) {
  const auto task = task_number(call.names[1]);
  if (!task) return error_answer(404, "HTTP 404 Not Found");
  const auto reply = call.herder.task_status(call.names[0], *task);
  return reply ? json_answer(200, task_status_json(*reply)) : error_answer(reply.error());
}

HttpAnswer restart_task(const Call& call) {
  const auto task = task_number(call.names[1]);
  if (!task) return error_answer(404, "HTTP 404 Not Found");
  return done(call.herder.restart_task(call.names[0], *task), 204);
}

HttpAnswer alter_offsets(const Call& call) {
  auto offsets = offsets_in(call.request.body);
  if (!offsets) return error_answer(offsets.error());
  const auto reply = call.herder.alter_offsets(call.names[0], std::move(*offsets));
  return reply ? json_answer(200, message_json(*reply)) : error_answer(reply.error());
}

HttpAnswer delete_offsets(const Call& call) {
  const auto reply = call.herder.alter_offsets(call.names[0], std::nullopt);
  return reply ? json_answer(200, message_json(*reply)) : error_answer(reply.error());
}

// Calls between Connect's own workers. Ours do not make them, and there is no key to check a signature with.
HttpAnswer internal(const Call& call) {
  if (!call.request.internal_signature) return error_answer(400, "Internal request missing required signature");
  return error_answer(403, "Internal request contained invalid signature.");
}

}  // namespace

std::vector<Route> connector_routes() {
  return {
      {"GET", "/", root},
      {"GET", "/health", health},
      {"POST", "/connectors", create, Body::json},
      {"GET", "/connectors", list_connectors},
      {"GET", "/connectors/{}", get_connector},
      {"DELETE", "/connectors/{}", remove},
      {"GET", "/connectors/{}/config", get_config},
      {"PUT", "/connectors/{}/config", put_config, Body::json},
      {"PATCH", "/connectors/{}/config", patch_config, Body::json},
      {"GET", "/connectors/{}/status", get_status},
      {"POST", "/connectors/{}/restart", restart},
      {"PUT", "/connectors/{}/pause", pause},
      {"PUT", "/connectors/{}/resume", resume},
      {"PUT", "/connectors/{}/stop", stop},
      {"GET", "/connectors/{}/tasks", get_tasks},
      {"POST", "/connectors/{}/tasks", internal},
      {"GET", "/connectors/{}/tasks/{}/status", get_task_status},
      {"POST", "/connectors/{}/tasks/{}/restart", restart_task},
      {"GET", "/connectors/{}/topics", get_topics},
      {"PUT", "/connectors/{}/topics/reset", reset_topics},
      {"GET", "/connectors/{}/offsets", get_offsets},
      {"PATCH", "/connectors/{}/offsets", alter_offsets, Body::json},
      {"DELETE", "/connectors/{}/offsets", delete_offsets},
      {"PUT", "/connectors/{}/fence", internal},
  };
}

}  // namespace millrace
