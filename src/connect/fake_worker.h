// FakeWorker is a herder without Kafka and databases, for tests: topics are in memory and keep what was written,
// tasks do what the test says. Waits are for states, with a generous deadline that only a broken test reaches.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "connect/memory_log.h"
#include "connect/worker_herder.h"

namespace millrace {

inline constexpr auto k_test_patience = std::chrono::seconds{20};

inline const SourceRegistration k_fake_source{.connector_class = "fake.Connector",
                                              .task_class = "fake.ConnectorTask",
                                              .version = "1",
                                              .config_def = nullptr,
                                              .validate = nullptr,
                                              .partition = nullptr,
                                              .retry_wait = nullptr,
                                              .retries_max = nullptr,
                                              .create = nullptr};

// What the fakes of one test share.
struct FakeWorld {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<LogEntry> config, status;        // as written, in order
  std::optional<Error> config_trouble;         // writes to the config topic fail with it
  std::vector<std::shared_ptr<struct FakeTaskState>> tasks;
  std::map<std::string, Checkpoint> offsets;
  std::vector<std::string> other_workers;      // of Kafka Connect, in the group
  int asked_for_others = 0;

  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, k_test_patience, condition);
  }
  template <typename Change>
  void change(Change how) {
    {
      const std::scoped_lock lock{mutex};
      how();
    }
    changed.notify_all();
  }
};

struct FakeTaskState {
  TaskSpec spec;
  bool started = false, stop_requested = false, may_end = true, ended = false, paused = false;
};

class FakeTask final : public TaskHandle {
 public:
  FakeTask(FakeWorld& world, std::shared_ptr<FakeTaskState> state) : world_{world}, state_{std::move(state)} {}

  void start() override {
    const bool paused = state_->spec.start_paused;
    state_->spec.listener.on_state(paused ? TaskState::paused : TaskState::running, "");
    world_.change([&] { state_->started = true; state_->paused = paused; });
  }
  void request_stop() override { world_.change([&] { state_->stop_requested = true; }); }
  void set_paused(bool paused) override {
    state_->spec.listener.on_state(paused ? TaskState::paused : TaskState::running, "");
    world_.change([&] { state_->paused = paused; });
  }
  void join() override {
    world_.wait([&] { return state_->stop_requested && state_->may_end; });
    state_->spec.listener.on_state(TaskState::stopped, "");
    world_.change([&] { state_->ended = true; });
  }

 private:
  FakeWorld& world_;
  std::shared_ptr<FakeTaskState> state_;
};

// A topic that remembers; trouble makes its writes fail.
class FakeLog final : public kafka::TopicLog {
 public:
  FakeLog(FakeWorld& world, std::vector<LogEntry>& written, std::optional<Error>* trouble,
          std::function<void(const kafka::LogRecord&)> on_record)
      : world_{world}, written_{written}, trouble_{trouble}, memory_{std::move(on_record)} {}

  Result<void> read_to_end(int) override { return {}; }
  void write(std::string key, std::optional<std::string> value, std::string_view mark,
             std::function<void(Result<std::int64_t>)> done) override {
    std::optional<Error> trouble;
    world_.change([&] {
      if (trouble_ != nullptr) trouble = *trouble_;
      if (!trouble) written_.push_back({key, value});
    });
    if (trouble) return done(std::unexpected{*trouble});
    memory_.write(std::move(key), std::move(value), mark, std::move(done));
  }
  Result<void> write_and_read_back(std::string key, std::optional<std::string> value, int) override {
    write(std::move(key), std::move(value), {}, [](Result<std::int64_t>) {});
    return {};
  }

 private:
  FakeWorld& world_;
  std::vector<LogEntry>& written_;
  std::optional<Error>* trouble_;
  MemoryLog memory_;
};

class FakeOffsets final : public OffsetStore {
 public:
  explicit FakeOffsets(FakeWorld& world) : world_{world} {}
  Result<std::optional<Checkpoint>> read(const std::string&) override { return std::nullopt; }
  void write(std::string key, std::optional<Checkpoint> place, std::function<void(Result<void>)> done) override {
    world_.change([&] {
      if (place) world_.offsets[key] = *place;
      else world_.offsets.erase(key);
    });
    done({});
  }
  Result<std::vector<std::pair<std::string, Checkpoint>>> of_connector(const std::string& connector) override {
    const std::scoped_lock lock{world_.mutex};
    std::vector<std::pair<std::string, Checkpoint>> found;
    for (const auto& [key, place] : world_.offsets)
      if (key.starts_with("[\"" + connector + "\"")) found.emplace_back(key, place);
    return found;
  }

 private:
  FakeWorld& world_;
};

class FakeWorker {
 public:
  // `config` and `status`: what lies in the topics already.
  explicit FakeWorker(std::vector<LogEntry> config = {}, std::vector<LogEntry> status = {},
                      std::vector<RawConfig> first = {}, Config extra = {})
      : old_config_{std::move(config)}, old_status_{std::move(status)} {
    Config settings = extra;
    settings.set("rest.advertised.host.name", "h");
    settings.set("rest.advertised.port", "8083");
    auto providers = ConfigProviders::create(settings);
    HerderParts parts;
    parts.open_storage = [this](std::shared_ptr<WorkerState> state, const StopSignal&) { return open(state); };
    parts.find_cluster_id = [](WorkerStorage&, int) { return Result<std::string>{"cluster-1"}; };
    parts.other_workers = [this](WorkerStorage&, int) -> Result<std::vector<std::string>> {
      world.change([&] { ++world.asked_for_others; });
      const std::scoped_lock lock{world.mutex};
      return world.other_workers;
    };
    parts.make_task = [this](TaskSpec spec) { return task(std::move(spec)); };
    parts.find_source = [](std::string_view name) {
      return name == k_fake_source.connector_class ? &k_fake_source : nullptr;
    };
    parts.validate = [](const std::string&, const RawConfig& asked, const WorkerConfig&) -> Reply<ValidationResult> {
      for (const auto& [name, value] : asked)
        if (name == "bad") return ValidationResult{.error_count = 1, .verdicts = {{.name = "bad", .errors = {"It is bad"}}}};
      return ValidationResult{};
    };
    parts.first_connectors = std::move(first);
    parts.log_category = "org.apache.kafka.connect.runtime.distributed.DistributedHerder";
    herder = std::make_unique<WorkerHerder>(
        WorkerConfig{.mode = WorkerMode::distributed, .raw = settings, .settings = settings,
                     .providers = std::move(*providers)},
        std::move(parts));
  }
  ~FakeWorker() {
    world.change([&] {
      for (auto& task : world.tasks) task->may_end = true;
    });
    herder->stop();
  }

  // Started, and every old connector has been looked at.
  FakeWorker& start() {
    herder->start([this](const Error& error) { world.change([&] { fatal = error.text; }); });
    (void)herder->set_target_state("no such connector", TargetState::started);   // in its turn: after the start
    return *this;
  }

  static RawConfig config(std::string extra = "1") {
    return {{"connector.class", "fake.Connector"}, {"x", std::move(extra)}};
  }
  void create(const std::string& name, std::optional<TargetState> state = std::nullopt) {
    const auto created = herder->put_connector(name, config(), false, state);
    ASSERT_TRUE(created) << created.error().message;
  }

  // The newest status record under a key is this state; "" : a tombstone or none.
  bool wait_status(const std::string& key, const std::string& state) {
    return world.wait([&] {
      const auto at = std::find_if(world.status.rbegin(), world.status.rend(),
                                   [&](const LogEntry& entry) { return entry.key == key; });
      if (at == world.status.rend() || !at->value) return state.empty();
      return at->value->starts_with("{\"state\":\"" + state + "\"");
    });
  }
  bool wait_running(const std::string& name) {
    return wait_status("status-connector-" + name, "RUNNING") && wait_status("status-task-" + name + "-0", "RUNNING");
  }
  bool wait_tasks(std::size_t count) {
    return world.wait([&] {
      return world.tasks.size() == count &&
             std::ranges::all_of(world.tasks, [](const auto& task) { return task->started; });
    });
  }
  std::shared_ptr<FakeTaskState> task_at(std::size_t index) {
    const std::scoped_lock lock{world.mutex};
    return world.tasks.at(index);
  }
  void fail_task(std::size_t index, const std::string& trace) {
    task_at(index)->spec.listener.on_state(TaskState::failed, trace);
  }
  std::vector<LogEntry> written_config() {
    const std::scoped_lock lock{world.mutex};
    return world.config;
  }
  std::vector<std::string> written_states(const std::string& key) {
    const std::scoped_lock lock{world.mutex};
    std::vector<std::string> states;
    for (const LogEntry& entry : world.status)
      if (entry.key == key) states.push_back(entry.value ? parse_status(*entry.value)->state : "");
    return states;
  }

  FakeWorld world;
  std::string fatal;
  std::optional<Error> open_error;
  std::unique_ptr<WorkerHerder> herder;

 private:
  Result<std::shared_ptr<WorkerStorage>> open(const std::shared_ptr<WorkerState>& state) {
    if (open_error) return std::unexpected{*open_error};
    auto storage = std::make_shared<WorkerStorage>();
    storage->config = std::make_unique<FakeLog>(
        world, world.config, &world.config_trouble,
        [state](const kafka::LogRecord& record) { state->on_config(record); });
    storage->status = std::make_unique<FakeLog>(
        world, world.status, nullptr, [state](const kafka::LogRecord& record) { state->on_status(record); });
    storage->offsets = std::make_unique<FakeOffsets>(world);
    for (const LogEntry& entry : old_config_) (void)storage->config->write_and_read_back(entry.key, entry.value, 0);
    for (const LogEntry& entry : old_status_) (void)storage->status->write_and_read_back(entry.key, entry.value, 0);
    world.change([&] {
      world.config.clear();
      world.status.clear();
    });
    return storage;
  }
  std::unique_ptr<TaskHandle> task(TaskSpec spec) {
    auto state = std::make_shared<FakeTaskState>(FakeTaskState{.spec = std::move(spec)});
    world.change([&] { world.tasks.push_back(state); });
    return std::make_unique<FakeTask>(world, std::move(state));
  }

  std::vector<LogEntry> old_config_, old_status_;
};

}  // namespace millrace
