#include "rest/metrics_server.h"

#include <cstdlib>

#include "core/letters.h"
#include "core/log.h"
#include "core/wall_clock.h"
#include "rest/exposition.h"

namespace millrace {
namespace {

constexpr std::string_view k_default_listener = "http://:9404";
constexpr std::string_view k_reporter = "prometheus.metrics.reporter.";
constexpr std::string_view k_log = "io.strimzi.kafka.metrics";

std::unexpected<Error> invalid(std::string_view name, std::string_view value, std::string_view reason) {
  return fail("Invalid value " + std::string{value} + " for configuration " + std::string{name} + ": " + std::string{reason},
              Retry::no, k_config_exception);
}

Result<Listener> listener_of(std::string_view name, std::string_view text) {
  auto listener = parsed_listener(trimmed(text));
  if (!listener || listener->scheme != "http")
    return invalid(name, text, "expected http://host:port (no host: all interfaces)");
  return std::move(*listener);
}

// Strimzi's list of regular expressions: a name is shown that one of them matches as a whole.
Result<JavaRegex> allowed_names(const Config& worker) {
  std::string joined;
  for (const std::string& part : worker.list(std::string{k_reporter} + "allowlist")) joined += (joined.empty() ? "" : "|") + part;
  auto regex = JavaRegex::compile(joined.empty() ? ".*" : joined);
  if (!regex) return invalid(std::string{k_reporter} + "allowlist", joined, regex.error().text);
  return regex;
}

}  // namespace

Result<std::optional<MetricsSettings>> metrics_settings(const Config& worker, const char* exporter_enabled) {
  std::optional<MetricsSettings> out;
  MetricNames names{.exporter = MetricNames::Exporter::jmx, .allowed = std::nullopt,
                    .lower_case = worker.boolean("millrace.metrics.lowercase", false)};
  if (worker.boolean(std::string{k_reporter} + "listener.enable", false)) {
    const std::string setting = std::string{k_reporter} + "listener";
    MR_TRY(Listener listener, listener_of(setting, worker.get(setting, k_default_listener)));
    MR_TRY(names.allowed, allowed_names(worker));
    names.exporter = MetricNames::Exporter::reporter;
    return MetricsSettings{std::move(listener), std::move(names)};
  }
  if (exporter_enabled != nullptr && lower(exporter_enabled) == "true") {
    MR_TRY(Listener listener, listener_of("", k_default_listener));
    return MetricsSettings{std::move(listener), std::move(names)};
  }
  if (const std::string* text = worker.find("millrace.metrics.listener"); text != nullptr && !trimmed(*text).empty()) {
    MR_TRY(Listener listener, listener_of("millrace.metrics.listener", *text));
    return MetricsSettings{std::move(listener), std::move(names)};
  }
  return out;
}

HttpAnswer metrics_answer(const HttpRequest& request, Herder& herder, const MetricNames& names, std::string_view version) {
  const std::string_view path = std::string_view{request.target}.substr(0, request.target.find('?'));
  if (path != "/metrics" && path != "/") return {.status = 404, .body = "Metrics are at /metrics\n", .content_type = "text/plain"};
  if (request.method != "GET" && request.method != "HEAD") return {.status = 405, .allow = "GET,HEAD"};
  return {.status = 200,
          .body = metrics_text(herder.metrics(), process_figures(), names, version, wall_clock_ms()),
          .content_type = std::string{Exposition::k_content_type}};
}

Result<std::unique_ptr<RestServer>> open_metrics(const Config& worker, Herder& herder, std::string version) {
  MR_TRY(auto settings, metrics_settings(worker, std::getenv("KAFKA_CONNECT_JMX_EXPORTER_ENABLED")));
  if (!settings) return nullptr;
  if (settings->names.exporter == MetricNames::Exporter::jmx)
    logger(k_log)->info("Metrics have the names that Strimzi's example rules give; rules of one's own are not applied");
  const std::vector<Listener> listeners{settings->listener};
  auto server = RestServer::open(listeners, [&herder, names = settings->names, version = std::move(version)](const HttpRequest& request) {
    return metrics_answer(request, herder, names, version);
  });
  if (!server) return std::unexpected{std::move(server.error()).as_cause_of("Metrics cannot be served", k_connect_exception)};
  logger(k_log)->info("Metrics are at http://{}:{}/metrics", listeners[0].host.empty() ? "*" : listeners[0].host, (*server)->port());
  return server;
}

}  // namespace millrace
