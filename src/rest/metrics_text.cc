#include "rest/metrics_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "connect/task.h"
#include "core/letters.h"
#include "rest/exposition.h"

namespace millrace {
namespace {

using MetricType = Exposition::Type;
using Exporter = MetricNames::Exporter;

constexpr std::array<std::string_view, 6> k_task_states{"running", "paused", "failed", "unassigned", "destroyed", "restarting"};

template <typename T>
double number(const std::atomic<T>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}
double number(const Figure& figure) { return static_cast<double>(figure.get()); }

// One MBean group under both exporters' names.
struct Group {
  std::string_view jmx, reporter;
};
constexpr Group k_worker{"worker_", "connect_worker_metrics_"}, k_connector{"connector_", "connector_metrics_"},
    k_task{"connector_task_", "connector_task_metrics_"}, k_errors{"task_error_", "task_error_metrics_"},
    k_source_task{"source_task_", "source_task_metrics_"}, k_coordinator{"coordinator_", "connect_coordinator_metrics_"},
    k_rebalance{"worker_rebalance_", "connect_worker_rebalance_metrics_"};

class Page {
 public:
  Page(const WorkerMetrics& worker, const MetricNames& names, std::int64_t now_ms)
      : worker_{worker}, names_{names}, now_ms_{static_cast<double>(now_ms)} {}

  void workers();
  void connector(const ConnectorMetrics& one);
  void process(const ProcessFigures& process, std::string_view version);
  std::string text() const { return out_.text(); }

 private:
  void task(const ConnectorMetrics& connector, const TaskMetrics& task);
  void own_task(const Labels& labels, const TaskCounters& counters);
  void own_source(const Labels& labels, const SourceProgress& progress);
  void streaming(const ConnectorMetrics& connector, const SourceProgress& progress);
  void snapshot(const ConnectorMetrics& connector, const SourceProgress& progress);
  double lag_ms(const SourceProgress& progress) const;

  bool jmx() const { return names_.exporter == Exporter::jmx; }
  void kafka(std::string name, MetricType type, const Labels& labels, double value);
  void connect(const Group& group, std::string_view metric, const Labels& labels, double value);
  void connect_text(const Group& group, std::string_view metric, Labels labels, std::string value);
  void debezium(const ConnectorMetrics& connector, std::string_view context, std::string_view attribute, double value);
  void own(std::string_view name, MetricType type, std::string_view help, const Labels& labels, double value) {
    out_.add("millrace_" + std::string{name}, type, help, labels, value);
  }

  const WorkerMetrics& worker_;
  const MetricNames& names_;
  const double now_ms_;
  Exposition out_;
};

void Page::kafka(std::string name, MetricType type, const Labels& labels, double value) {
  if (names_.allowed && !names_.allowed->matches(name).value_or(false)) return;
  out_.add(name, type, "", labels, value);
}

// The reporter drops the reserved ending _total and calls everything a gauge.
void Page::connect(const Group& group, std::string_view metric, const Labels& labels, double value) {
  const bool total = metric.ends_with("_total");
  if (jmx()) return kafka("kafka_connect_" + std::string{group.jmx} + std::string{metric}, total ? MetricType::counter : MetricType::gauge, labels, value);
  if (total) metric.remove_suffix(6);
  kafka("kafka_connect_" + std::string{group.reporter} + std::string{metric}, MetricType::gauge, labels, value);
}

// A text becomes a label of a sample that is always 1.
void Page::connect_text(const Group& group, std::string_view metric, Labels labels, std::string value) {
  labels.emplace_back(metric, std::move(value));
  const std::string name = "kafka_connect_" + std::string{jmx() ? group.jmx : group.reporter} + std::string{metric};
  kafka(jmx() ? name : name + "_info", MetricType::gauge, labels, 1);
}

void Page::debezium(const ConnectorMetrics& connector, std::string_view context, std::string_view attribute, double value) {
  const std::string name = "debezium_metrics_" + std::string{attribute};
  out_.add(names_.lower_case ? lower(name) : name, MetricType::gauge, "",
           {{"plugin", connector.source}, {"name", connector.topic_prefix}, {"context", std::string{context}}}, value);
}

void Page::workers() {
  std::size_t connectors = 0, tasks = 0;
  for (const ConnectorMetrics& one : worker_.connectors) {
    connectors += one.state == "UNASSIGNED" ? 0 : 1;
    tasks += static_cast<std::size_t>(std::ranges::count_if(one.tasks, [](const TaskMetrics& task) { return task.figures != nullptr; }));
  }
  connect(k_worker, "connector_count", {}, static_cast<double>(connectors));
  connect(k_worker, "task_count", {}, static_cast<double>(tasks));
  const Labels client{{jmx() ? "clientid" : "client_id", worker_.client_id}};
  connect(k_coordinator, "assigned_connectors", client, static_cast<double>(connectors));
  connect(k_coordinator, "assigned_tasks", client, static_cast<double>(tasks));
  connect(k_rebalance, "rebalancing", {}, 0);
  connect(k_rebalance, "completed_rebalances_total", {}, 0);
}

void Page::connector(const ConnectorMetrics& one) {
  const Labels labels{{"connector", one.name}};
  connect_text(k_connector, "connector_class", labels, one.connector_class);
  connect_text(k_connector, "connector_type", labels, "source");
  connect_text(k_connector, "connector_version", labels, one.version);
  connect_text(k_connector, "status", labels, lower(one.state));
  connect(k_worker, "connector_total_task_count", labels, static_cast<double>(one.tasks.size()));
  for (const std::string_view state : k_task_states)
    connect(k_worker, "connector_" + std::string{state} + "_task_count", labels,
            static_cast<double>(std::ranges::count_if(one.tasks, [&](const TaskMetrics& task) { return lower(task.state) == state; })));
  for (const TaskMetrics& of_connector : one.tasks) task(one, of_connector);
}

void Page::task(const ConnectorMetrics& connector, const TaskMetrics& one) {
  const Labels labels{{"connector", connector.name}, {"task", std::to_string(one.id)}};
  connect_text(k_task, "status", labels, lower(one.state));
  if (!one.figures) return;
  const TaskCounters& counters = one.figures->counters;
  connect(k_source_task, "source_record_poll_total", labels, number(counters.records_polled));
  connect(k_source_task, "source_record_write_total", labels, number(counters.records_written));
  connect(k_source_task, "source_record_active_count", labels, number(counters.in_flight));
  connect(k_errors, "total_record_failures", labels, number(counters.record_failures));
  connect(k_errors, "total_record_errors", labels, number(counters.record_failures));
  connect(k_errors, "total_records_skipped", labels, number(counters.records_filtered));
  connect(k_errors, "total_retries", labels, number(counters.source_retries));
  const std::string client = "connector-producer-" + connector.name + "-" + std::to_string(one.id);
  if (jmx()) kafka("kafka_producer_outgoing_byte_total", MetricType::counter, {{"clientid", client}}, number(counters.bytes_written));
  else kafka("kafka_producer_producer_metrics_outgoing_byte", MetricType::gauge, {{"client_id", client}}, number(counters.bytes_written));
  own_task(labels, counters);
  own_source(labels, one.figures->progress);
  if (connector.source.empty()) return;
  streaming(connector, one.figures->progress);
  snapshot(connector, one.figures->progress);
}

void Page::own_task(const Labels& labels, const TaskCounters& counters) {
  own("task_records_polled_total", MetricType::counter, "Records that the source gave", labels, number(counters.records_polled));
  own("task_records_written_total", MetricType::counter, "Records handed to Kafka's client", labels, number(counters.records_written));
  own("task_records_filtered_total", MetricType::counter, "Records passed over (errors.tolerance=all)", labels, number(counters.records_filtered));
  own("task_record_failures_total", MetricType::counter, "Records that could not be converted", labels, number(counters.record_failures));
  own("task_bytes_written_total", MetricType::counter, "Bytes of their values", labels, number(counters.bytes_written));
  own("task_records_in_flight", MetricType::gauge, "Records that Kafka has not acknowledged yet", labels, number(counters.in_flight));
  own("task_offset_commits_total", MetricType::counter, "Offsets stored durably", labels, number(counters.commits));
  own("task_offset_commit_failures_total", MetricType::counter, "Offsets that could not be stored, or not in time", labels, number(counters.commit_failures));
  own("task_source_failures_total", MetricType::counter, "Failures of a run of the source", labels, number(counters.source_retries));
}

double Page::lag_ms(const SourceProgress& progress) const {
  if (progress.last_event_ms.get() == 0) return -1;
  return std::max(0.0, number(progress.last_event_ms) - number(progress.last_source_ms));
}

void Page::own_source(const Labels& labels, const SourceProgress& progress) {
  own("source_connected", MetricType::gauge, "1: the database is sending changes", labels, number(progress.connected));
  const auto events = [&](const char* operation, const Figure& count) {
    Labels with_operation = labels;
    with_operation.emplace_back("operation", operation);
    own("source_events_total", MetricType::counter, "Changes read while streaming", with_operation, number(count));
  };
  events("create", progress.creates);
  events("update", progress.updates);
  events("delete", progress.deletes);
  own("source_transactions_total", MetricType::counter, "Transactions read to their end", labels, number(progress.transactions));
  if (progress.last_event_ms.get() != 0) {
    own("source_lag_seconds", MetricType::gauge, "From the last change in the database until we read it", labels, lag_ms(progress) / 1000);
    own("source_last_event_timestamp_seconds", MetricType::gauge, "When the last change was read", labels, number(progress.last_event_ms) / 1000);
  }
  const bool running = progress.in_snapshot();
  own("snapshot_running", MetricType::gauge, "1: a snapshot is being read", labels, running ? 1 : 0);
  own("snapshot_tables", MetricType::gauge, "Tables or collections of the last snapshot", labels, number(progress.snapshot_tables));
  own("snapshot_tables_done", MetricType::gauge, "Of them, read to the end", labels, number(progress.snapshot_tables_done));
  own("snapshot_rows", MetricType::gauge, "Rows or documents read in the last snapshot", labels, number(progress.snapshot_rows));
}

void Page::streaming(const ConnectorMetrics& connector, const SourceProgress& progress) {
  const auto show = [&](std::string_view attribute, double value) { debezium(connector, "streaming", attribute, value); };
  show("Connected", number(progress.connected));
  show("MilliSecondsBehindSource", lag_ms(progress));
  const bool none = progress.last_event_ms.get() == 0;
  show("MilliSecondsSinceLastEvent", none ? -1 : std::max(0.0, now_ms_ - number(progress.last_event_ms)));
  show("TotalNumberOfEventsSeen", number(progress.creates) + number(progress.updates) + number(progress.deletes));
  show("TotalNumberOfCreateEventsSeen", number(progress.creates));
  show("TotalNumberOfUpdateEventsSeen", number(progress.updates));
  show("TotalNumberOfDeleteEventsSeen", number(progress.deletes));
  show("NumberOfEventsFiltered", number(progress.filtered));
  show("NumberOfCommittedTransactions", number(progress.transactions));
}

void Page::snapshot(const ConnectorMetrics& connector, const SourceProgress& progress) {
  const auto show = [&](std::string_view attribute, double value) { debezium(connector, "snapshot", attribute, value); };
  const double began = number(progress.snapshot_began_ms), ended = number(progress.snapshot_ended_ms);
  const bool running = progress.in_snapshot(), completed = progress.snapshot_completed.get() != 0;
  show("SnapshotRunning", running ? 1 : 0);
  show("SnapshotPaused", 0);
  show("SnapshotCompleted", completed && !running ? 1 : 0);
  show("SnapshotAborted", ended != 0 && !completed ? 1 : 0);
  show("SnapshotDurationInSeconds", began == 0 ? 0 : std::floor(((running ? now_ms_ : ended) - began) / 1000));
  show("TotalTableCount", number(progress.snapshot_tables));
  show("RemainingTableCount", number(progress.snapshot_tables) - number(progress.snapshot_tables_done));
  show("TotalNumberOfEventsSeen", number(progress.snapshot_rows));
}

void Page::process(const ProcessFigures& process, std::string_view version) {
  own("build_info", MetricType::gauge, "1; the version is a label", {{"version", std::string{version}}}, 1);
  own("process_anonymous_memory_bytes", MetricType::gauge, "Memory that is no file's (RssAnon)", {}, static_cast<double>(process.anonymous_bytes));
  out_.add("process_cpu_seconds_total", MetricType::counter, "", {}, process.cpu_seconds);
  out_.add("process_start_time_seconds", MetricType::gauge, "", {}, process.start_seconds);
  out_.add("process_resident_memory_bytes", MetricType::gauge, "", {}, static_cast<double>(process.resident_bytes));
  out_.add("process_virtual_memory_bytes", MetricType::gauge, "", {}, static_cast<double>(process.virtual_bytes));
  out_.add("process_open_fds", MetricType::gauge, "", {}, static_cast<double>(process.open_files));
  out_.add("process_max_fds", MetricType::gauge, "", {}, static_cast<double>(process.open_files_max));
  // For panels made for a Java worker: there is no heap, and nothing is collected.
  const std::string_view note = "of this process, which is no JVM";
  out_.add("jvm_memory_used_bytes", MetricType::gauge, note, {{"area", "heap"}}, static_cast<double>(process.anonymous_bytes));
  out_.add("jvm_memory_used_bytes", MetricType::gauge, note, {{"area", "nonheap"}}, static_cast<double>(process.resident_bytes - process.anonymous_bytes));
  out_.add("jvm_threads_current", MetricType::gauge, note, {}, static_cast<double>(process.threads));
  out_.add("jvm_gc_collection_seconds_sum", MetricType::counter, note, {{"gc", "none"}}, 0);
  out_.add("jvm_gc_collection_seconds_count", MetricType::counter, note, {{"gc", "none"}}, 0);
}

}  // namespace

std::string metrics_text(const WorkerMetrics& worker, const ProcessFigures& process, const MetricNames& names,
                         std::string_view version, std::int64_t now_ms) {
  Page page{worker, names, now_ms};
  page.workers();
  for (const ConnectorMetrics& connector : worker.connectors) page.connector(connector);
  page.process(process, version);
  return page.text();
}

}  // namespace millrace
