#include "rest/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <sstream>

#include "connect/task.h"
#include "rest/exposition.h"
#include "rest/fake_herder.h"
#include "rest/metrics_server.h"

namespace millrace {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t k_now_ms = 1'700'000'100'000;

WorkerMetrics one_task() {
  auto figures = std::make_shared<TaskFigures>();
  figures->counters.records_polled = 12;
  figures->counters.records_written = 11;
  figures->counters.records_filtered = 1;
  figures->counters.record_failures = 1;
  figures->counters.bytes_written = 1100;
  figures->counters.in_flight = 3;
  figures->counters.commits = 4;
  figures->progress.connected.set(1);
  figures->progress.creates.add(5);
  figures->progress.updates.add(4);
  figures->progress.deletes.add(2);
  figures->progress.last_event_ms.set(k_now_ms - 10'000);
  figures->progress.last_source_ms.set(k_now_ms - 10'250);
  figures->progress.snapshot_began_ms.set(k_now_ms - 90'500);
  figures->progress.snapshot_tables.set(3);
  figures->progress.snapshot_tables_done.set(1);
  figures->progress.snapshot_rows.set(70);
  return {.worker_id = "h:8083",
          .client_id = "connect-h:8083",
          .connectors = {{.name = "inv\"1", .state = "RUNNING", .connector_class = "x.Y", .version = "2.7.0.Final",
                          .source = "db", .topic_prefix = "p", .tasks = {{.id = 0, .state = "RUNNING", .figures = figures}}},
                         {.name = "broken", .state = "FAILED", .connector_class = "x.Z",
                          .tasks = {{.id = 0, .state = "FAILED"}}}}};
}

std::string page(const MetricNames& names = {}) {
  return metrics_text(one_task(), ProcessFigures{.cpu_seconds = 1.25, .resident_bytes = 900, .anonymous_bytes = 500}, names, "0.1", k_now_ms);
}

TEST(MetricsText, HasTheNamesOfStrimzisExporterRules) {
  const std::string text = page();
  for (const char* line : {
           "kafka_connect_worker_connector_count 2\n", "kafka_connect_worker_task_count 1\n",
           "kafka_connect_connector_status{connector=\"inv\\\"1\",status=\"running\"} 1\n",
           "kafka_connect_connector_status{connector=\"broken\",status=\"failed\"} 1\n",
           "kafka_connect_worker_connector_failed_task_count{connector=\"broken\"} 1\n",
           "kafka_connect_worker_connector_running_task_count{connector=\"inv\\\"1\"} 1\n",
           "kafka_connect_connector_task_status{connector=\"inv\\\"1\",task=\"0\",status=\"running\"} 1\n",
           "# TYPE kafka_connect_source_task_source_record_poll_total counter\n",
           "kafka_connect_source_task_source_record_poll_total{connector=\"inv\\\"1\",task=\"0\"} 12\n",
           "kafka_connect_task_error_total_record_failures{connector=\"inv\\\"1\",task=\"0\"} 1\n",
           "kafka_producer_outgoing_byte_total{clientid=\"connector-producer-inv\\\"1-0\"} 1100\n",
           "kafka_connect_coordinator_assigned_tasks{clientid=\"connect-h:8083\"} 1\n",
           "jvm_memory_used_bytes{area=\"heap\"} 500\n", "jvm_memory_used_bytes{area=\"nonheap\"} 400\n",
           "process_cpu_seconds_total 1.25\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(MetricsText, TellsLagAndSnapshotUnderDebeziumsNamesAndOurs) {
  const std::string text = page();
  for (const char* line : {
           "debezium_metrics_MilliSecondsBehindSource{plugin=\"db\",name=\"p\",context=\"streaming\"} 250\n",
           "debezium_metrics_MilliSecondsSinceLastEvent{plugin=\"db\",name=\"p\",context=\"streaming\"} 10000\n",
           "debezium_metrics_TotalNumberOfEventsSeen{plugin=\"db\",name=\"p\",context=\"streaming\"} 11\n",
           "debezium_metrics_TotalNumberOfEventsSeen{plugin=\"db\",name=\"p\",context=\"snapshot\"} 70\n",
           "debezium_metrics_SnapshotRunning{plugin=\"db\",name=\"p\",context=\"snapshot\"} 1\n",
           "debezium_metrics_SnapshotDurationInSeconds{plugin=\"db\",name=\"p\",context=\"snapshot\"} 90\n",
           "debezium_metrics_RemainingTableCount{plugin=\"db\",name=\"p\",context=\"snapshot\"} 2\n",
           "millrace_source_lag_seconds{connector=\"inv\\\"1\",task=\"0\"} 0.25\n",
           "millrace_source_events_total{connector=\"inv\\\"1\",task=\"0\",operation=\"create\"} 5\n",
           "millrace_task_offset_commits_total{connector=\"inv\\\"1\",task=\"0\"} 4\n",
           "millrace_snapshot_rows{connector=\"inv\\\"1\",task=\"0\"} 70\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(page({.lower_case = true}), HasSubstr("debezium_metrics_millisecondsbehindsource{"));
}

TEST(MetricsText, HasTheReportersNamesAndItsAllowList) {
  MetricNames names{.exporter = MetricNames::Exporter::reporter};
  const std::string all = page(names);
  for (const char* line : {
           "kafka_connect_connect_worker_metrics_connector_count 2\n",
           "kafka_connect_connector_metrics_status_info{connector=\"broken\",status=\"failed\"} 1\n",
           "kafka_connect_connector_task_metrics_status_info{connector=\"broken\",task=\"0\",status=\"failed\"} 1\n",
           "# TYPE kafka_connect_source_task_metrics_source_record_poll gauge\n",
           "kafka_connect_connect_coordinator_metrics_assigned_tasks{client_id=\"connect-h:8083\"} 1\n"})
    EXPECT_THAT(all, HasSubstr(line));
  names.allowed = JavaRegex::compile("kafka_connect_connector_metrics.*|nothing").value();
  EXPECT_THAT(page(names), AllOf(HasSubstr("kafka_connect_connector_metrics_status_info"), Not(HasSubstr("kafka_connect_source_task")),
                                 HasSubstr("millrace_task_records_polled_total")));
}

// Each family once, with its samples together: Prometheus refuses a page that has one twice.
TEST(MetricsText, KeepsFamiliesTogether) {
  const std::string text = page();
  std::string family;
  std::set<std::string> seen;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP")) continue;
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(seen.insert(family).second) << family;
      continue;
    }
    EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), family);
  }
  EXPECT_GT(seen.size(), 50u);
}

TEST(MetricsSettings, ComeFromTheEnvironmentOrTheWorkerFile) {
  EXPECT_FALSE(metrics_settings(Config{}, nullptr).value().has_value());
  EXPECT_FALSE(metrics_settings(Config{}, "false").value().has_value());
  EXPECT_EQ(metrics_settings(Config{}, "true").value()->listener.port, 9404);
  const auto own = metrics_settings(Config{{{"millrace.metrics.listener", "http://127.0.0.1:1234"}}}, nullptr).value();
  EXPECT_EQ(own->listener.host, "127.0.0.1");
  EXPECT_EQ(own->names.exporter, MetricNames::Exporter::jmx);
  const auto reporter = metrics_settings(Config{{{"prometheus.metrics.reporter.listener.enable", "true"},
                                                 {"prometheus.metrics.reporter.listener", "http://:9405"},
                                                 {"prometheus.metrics.reporter.allowlist", "a_.*, b"}}}, "false").value();
  EXPECT_EQ(reporter->listener.port, 9405);
  EXPECT_EQ(reporter->names.exporter, MetricNames::Exporter::reporter);
  EXPECT_TRUE(reporter->names.allowed->matches("a_x").value());
  EXPECT_FALSE(reporter->names.allowed->matches("ab").value());
}

TEST(MetricsSettings, RefuseWhatIsNoAddressOrExpression) {
  EXPECT_THAT(metrics_settings(Config{{{"millrace.metrics.listener", "9404"}}}, nullptr).error().text,
              HasSubstr("Invalid value 9404 for configuration millrace.metrics.listener: expected http://host:port"));
  EXPECT_THAT(metrics_settings(Config{{{"prometheus.metrics.reporter.listener.enable", "true"},
                                       {"prometheus.metrics.reporter.allowlist", "("}}}, nullptr).error().text,
              HasSubstr("prometheus.metrics.reporter.allowlist"));
}

TEST(MetricsAnswer, IsAtMetricsOnly) {
  FakeHerder herder;
  herder.metrics_now = one_task();
  const auto got = metrics_answer({.method = "GET", .target = "/metrics?x=1"}, herder, {}, "0.1");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(got.body, HasSubstr("millrace_build_info{version=\"0.1\"} 1\n"));
  EXPECT_EQ(metrics_answer({.method = "GET", .target = "/connectors"}, herder, {}, "0.1").status, 404);
  EXPECT_EQ(metrics_answer({.method = "PUT", .target = "/metrics"}, herder, {}, "0.1").status, 405);
}

TEST(ProcessFigures, AreThoseOfThisProcess) {
  const ProcessFigures now = process_figures();
  EXPECT_GT(now.resident_bytes, now.anonymous_bytes);
  EXPECT_GT(now.anonymous_bytes, 0);
  EXPECT_GE(now.threads, 1);
  EXPECT_GE(now.open_files, 3);
  const double clock = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(now.start_seconds, clock - 86'400);
  EXPECT_LT(now.start_seconds, clock + 2);   // of whole seconds since the system's start
}

TEST(Exposition, EscapesLabelsAndPrintsNumbersShortly) {
  Exposition out;
  out.add("a", Exposition::Type::gauge, "help", {{"l", "x\"\\\n"}}, 0.5);
  out.add("b_total", Exposition::Type::counter, "", {}, 12345678901.0);
  out.add("a", Exposition::Type::gauge, "", {}, -1);
  EXPECT_EQ(out.text(), "# HELP a help\n# TYPE a gauge\na{l=\"x\\\"\\\\\\n\"} 0.5\na -1\n# TYPE b_total counter\nb_total 12345678901\n");
}

}  // namespace
}  // namespace millrace
