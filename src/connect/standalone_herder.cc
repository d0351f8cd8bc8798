// The herder of standalone mode: configs and statuses in memory, offsets in a file.
#include "connect/connector_validation.h"
#include "connect/memory_log.h"
#include "connect/worker_herder.h"
#include "kafka/client_config.h"

namespace millrace {

namespace {

Result<std::shared_ptr<WorkerStorage>> open_memory(const Config& worker, std::unique_ptr<OffsetStore> offsets,
                                                   std::shared_ptr<WorkerState> state) {
  auto storage = std::make_shared<WorkerStorage>();
  // Nothing of the worker is in Kafka; the connection is for the cluster's id only.
  MR_TRY(storage->kafka, kafka::KafkaLogs::create(kafka::worker_client(worker), "standalone-"));
  storage->offsets = std::move(offsets);
  storage->status =
      std::make_unique<MemoryLog>([state](const kafka::LogRecord& record) { state->on_status(record); });
  storage->config =
      std::make_unique<MemoryLog>([state](const kafka::LogRecord& record) { state->on_config(record); });
  return storage;
}

}  // namespace

Result<std::unique_ptr<Herder>> make_standalone_herder(WorkerConfig worker, std::vector<RawConfig> connectors) {
  MR_TRY(auto offsets, open_offset_file(worker.settings.get("offset.storage.file.filename")));
  HerderParts parts;
  parts.open_storage = [settings = worker.settings,
                        offsets = std::make_shared<std::unique_ptr<OffsetStore>>(std::move(offsets))](
                           std::shared_ptr<WorkerState> state, const StopSignal&) {
    return open_memory(settings, std::move(*offsets), std::move(state));
  };
  parts.find_cluster_id = [](WorkerStorage& storage, int timeout_ms) {
    return storage.kafka->cluster_id(timeout_ms);
  };
  parts.make_task = make_task;
  parts.find_source = find_connector_class;
  parts.validate = [](const std::string& name, const RawConfig& config, const WorkerConfig& of) {
    return validate_connector(name, config, of);
  };
  parts.first_connectors = std::move(connectors);
  parts.log_category = "org.apache.kafka.connect.runtime.standalone.StandaloneHerder";
  return std::make_unique<WorkerHerder>(std::move(worker), std::move(parts));
}

}  // namespace millrace
