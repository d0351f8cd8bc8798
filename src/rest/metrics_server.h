// MetricsServer answers GET /metrics on a port of its own, as Strimzi's exporters do. It is on when
//  - KAFKA_CONNECT_JMX_EXPORTER_ENABLED=true (environment): port 9404, names of the JMX exporter with Strimzi's rules;
//  - prometheus.metrics.reporter.listener.enable=true: prometheus.metrics.reporter.listener, names of Strimzi's reporter,
//    of which prometheus.metrics.reporter.allowlist is shown;
//  - millrace.metrics.listener=http://host:port: names of the JMX exporter.
// millrace.metrics.lowercase=true writes Debezium's attributes in small letters (lowercaseOutputName).
// Threads: its own. Lifetime: the herder outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/herder.h"
#include "core/config.h"
#include "core/error.h"
#include "rest/exchange.h"
#include "rest/http_server.h"
#include "rest/metrics_text.h"

namespace millrace {

struct MetricsSettings {
  Listener listener;
  MetricNames names;
};

// None: metrics are off. exporter_enabled: the environment variable's text, null: not set.
// Errors name the setting: no address, no regular expression.
Result<std::optional<MetricsSettings>> metrics_settings(const Config& worker, const char* exporter_enabled);

HttpAnswer metrics_answer(const HttpRequest& request, Herder& herder, const MetricNames& names, std::string_view version);

// Null: metrics are off.
Result<std::unique_ptr<RestServer>> open_metrics(const Config& worker, Herder& herder, std::string version);

}  // namespace millrace
