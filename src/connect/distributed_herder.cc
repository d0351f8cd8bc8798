// The herder of distributed mode: configs, statuses and offsets in Connect's three topics.
#include "connect/connector_validation.h"
#include "connect/worker_herder.h"
#include "kafka/client_config.h"

namespace millrace {

namespace {

// config.storage.<topic setting>: what is left of the prefix when Connect's own settings are taken out.
std::vector<std::pair<std::string, std::string>> extra_settings(const Config& worker, std::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> extra;
  const Config below = worker.with_prefix_stripped(prefix);
  for (const auto& [name, value] : below.entries())
    if (name != "topic" && name != "partitions" && name != "replication.factor") extra.emplace_back(name, value);
  return extra;
}

kafka::TopicLogSpec topic_spec(const Config& worker, const std::string& kind, int partitions) {
  const std::string prefix = kind + ".storage.";
  return {.topic = worker.get(prefix + "topic"),
          .setting = prefix + "topic",
          .partitions = static_cast<int>(worker.integer(prefix + "partitions", partitions)),
          .replication_factor = static_cast<int>(worker.integer(prefix + "replication.factor", 3)),
          .config = extra_settings(worker, prefix)};
}

// Until it is read or the worker is stopped: what is not known yet must not be acted on.
Result<void> read_whole(kafka::TopicLog& log, const StopSignal& stop) {
  constexpr int k_step_ms = 1000;
  for (;;) {
    auto read = log.read_to_end(k_step_ms);
    if (read || !read.error().retriable() || stop.requested()) return read;
  }
}

Result<std::shared_ptr<WorkerStorage>> open_topics(std::unique_ptr<kafka::KafkaLogs> kafka, const Config& worker,
                                                   std::shared_ptr<WorkerState> state, const StopSignal& stop) {
  auto storage = std::make_shared<WorkerStorage>();
  auto offsets = TopicOffsetStore::create();
  auto offsets_spec = topic_spec(worker, "offset", 25);
  auto status_spec = topic_spec(worker, "status", 5);
  auto config_spec = topic_spec(worker, "config", 1);
  config_spec.partitions = 1;
  config_spec.single_partition = true;
  offsets_spec.on_record = offsets->on_record();
  status_spec.on_record = [state](const kafka::LogRecord& record) { state->on_status(record); };
  config_spec.on_record = [state](const kafka::LogRecord& record) { state->on_config(record); };
  std::vector<kafka::TopicLogSpec> specs;
  specs.push_back(std::move(offsets_spec));
  specs.push_back(std::move(status_spec));
  specs.push_back(std::move(config_spec));
  storage->kafka = std::move(kafka);
  MR_TRY(auto logs, storage->kafka->open(std::move(specs), stop));
  offsets->attach(std::move(logs[0]));
  storage->offsets = std::move(offsets);
  storage->status = std::move(logs[1]);
  storage->config = std::move(logs[2]);
  // The offsets are read meanwhile; a task waits for them itself.
  MR_CHECK(read_whole(*storage->status, stop));
  MR_CHECK(read_whole(*storage->config, stop));
  return storage;
}

}  // namespace

Result<std::unique_ptr<Herder>> make_distributed_herder(WorkerConfig worker) {
  std::string prefix = worker.settings.get("group.id") + "-";
  if (const std::string client_id = worker.settings.get("client.id"); !client_id.empty()) prefix += client_id + "-";
  MR_TRY(auto kafka, kafka::KafkaLogs::create(kafka::worker_client(worker.settings), prefix));
  HerderParts parts;
  // Once: the connection that was made here is the one that is opened.
  parts.open_storage = [settings = worker.settings,
                        kafka = std::make_shared<std::unique_ptr<kafka::KafkaLogs>>(std::move(kafka))](
                           std::shared_ptr<WorkerState> state, const StopSignal& stop) {
    return open_topics(std::move(*kafka), settings, std::move(state), stop);
  };
  parts.find_cluster_id = [](WorkerStorage& storage, int timeout_ms) {
    return storage.kafka->cluster_id(timeout_ms);
  };
  parts.other_workers = [group = worker.settings.get("group.id")](WorkerStorage& storage, int timeout_ms) {
    return storage.kafka->connect_workers(group, timeout_ms);
  };
  parts.make_task = make_task;
  parts.find_source = find_connector_class;
  parts.validate = [](const std::string& name, const RawConfig& config, const WorkerConfig& of) {
    return validate_connector(name, config, of);
  };
  parts.log_category = "org.apache.kafka.connect.runtime.distributed.DistributedHerder";
  return std::make_unique<WorkerHerder>(std::move(worker), std::move(parts));
}

}  // namespace millrace
