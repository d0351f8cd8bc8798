// The worker's metrics as Prometheus text: Kafka Connect's and Debezium's names, as the two exporters used with Strimzi make
// them from MBeans, and our own beside them. Meaning of each: docs/operations.md.
// Sources: Strimzi 0.50 packaging/examples/metrics/kafka-connect-metrics.yaml (rules of the JMX exporter) and
// strimzi/metrics-reporter 0.2.0. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connect/worker_metrics.h"
#include "core/java_regex.h"
#include "rest/process_figures.h"

namespace millrace {

struct MetricNames {
  enum class Exporter : std::uint8_t { jmx, reporter };
  Exporter exporter = Exporter::jmx;
  std::optional<JavaRegex> allowed;   // of the reporter: names of Kafka's metrics that are shown; none: all
  bool lower_case = false;            // Debezium's attributes as lowercaseOutputName makes them
};

// now_ms: milliseconds since 1970.
std::string metrics_text(const WorkerMetrics& worker, const ProcessFigures& process, const MetricNames& names,
                         std::string_view version, std::int64_t now_ms);

}  // namespace millrace
