#include "connect/worker_herder.h"

#include <fmt/format.h>

#include <utility>

#include "connect/raw_config.h"
#include "core/log.h"

namespace millrace {

using Clock = std::chrono::steady_clock;

namespace {

constexpr auto k_stop_patience = std::chrono::milliseconds{4'200};   // for tasks
constexpr auto k_status_patience = std::chrono::milliseconds{600};  // for their last statuses

}  // namespace

WorkerHerder::WorkerHerder(WorkerConfig worker, HerderParts parts)
    : worker_{std::move(worker)},
      parts_{std::move(parts)},
      state_{std::make_shared<WorkerState>(worker_id(worker_.settings))},
      mailbox_{std::make_shared<Mailbox>()} {}

WorkerHerder::~WorkerHerder() { stop(); }

void WorkerHerder::start(std::function<void(const Error&)> on_fatal) {
  thread_ = std::thread{[this, on_fatal = std::move(on_fatal)] { run(on_fatal); }};
}

void WorkerHerder::run(const std::function<void(const Error&)>& on_fatal) {
  if (!open(on_fatal)) return mailbox_->close();
  wait_for_other_workers();
  if (stop_.requested()) return mailbox_->close();
  state_->follow([this, mailbox = mailbox_](ConfigChange change) {
    mailbox->post([this, change = std::move(change)] { follow_change(change); });
  });
  config_ = std::make_unique<ConfigWriter>(*storage_->config, state_);
  status_ = std::make_unique<StatusWriter>(*storage_->status, state_, mailbox_);
  runs_ = std::make_unique<ConnectorRuns>(RunsParts{.state = state_,
                                                    .mailbox = mailbox_,
                                                    .storage = storage_,
                                                    .offsets = storage_->offsets.get(),
                                                    .config = config_.get(),
                                                    .status = status_.get(),
                                                    .worker = &worker_,
                                                    .make_task = parts_.make_task,
                                                    .find_source = parts_.find_source,
                                                    .log_category = parts_.log_category,
                                                    .figures = figures_});
  stage_.begin("starting connectors");
  for (const std::string& name : state_->connectors()) runs_->reconcile(name);
  create_first_connectors();
  stage_.end();
  ready_.store(true);
  logger(parts_.log_category)->info("Herder started");
  identity_ = std::thread{[this] { find_cluster_id(); }};
  serve();
}

bool WorkerHerder::open(const std::function<void(const Error&)>& on_fatal) {
  stage_.begin("reading to the end of internal topics");
  auto storage = parts_.open_storage(state_, stop_);
  stage_.end();
  if (storage) {
    storage_ = std::move(*storage);
    return true;
  }
  if (stop_.requested()) return false;
  broken_.store(true);
  logger(parts_.log_category)->error("The worker cannot start: {}", storage.error().text);
  if (on_fatal) on_fatal(storage.error());
  return false;
}

// Beside a worker of Kafka Connect every connector would run twice: its workers must have left the group. A worker that
// may not ask, or gets no answer, goes on.
void WorkerHerder::wait_for_other_workers() {
  if (!parts_.other_workers) return;
  constexpr int k_attempt_ms = 1'000;
  for (bool said = false; !stop_.requested();) {
    const auto others = parts_.other_workers(*storage_, k_attempt_ms);
    if (!others) logger(parts_.log_category)->info("{}; going on", others.error().text);
    if (!others || others->empty()) break;
    if (!std::exchange(said, true)) {
      stage_.begin("waiting for the workers of Kafka Connect in its group to end (" + others->front() + ")");
      logger(parts_.log_category)->warn("Workers of Kafka Connect are active in group {}: {}. Waiting until they have ended; "
                                        "connectors are not started before", worker_.settings.get("group.id"),
                                        fmt::join(*others, ", "));
    }
    std::unique_lock lock{mutex_};
    stopping_.wait_for(lock, std::chrono::milliseconds{500}, [&] { return stopped_; });
  }
}

void WorkerHerder::serve() {
  std::optional<Clock::time_point> deadline;
  for (;;) {
    if (stop_.requested() && !deadline) {
      ready_.store(false);
      deadline = Clock::now() + k_stop_patience;
      runs_->shut_down();
    }
    if (deadline && (runs_->all_gone() || Clock::now() >= *deadline)) break;
    if (auto work = mailbox_->take(deadline ? *deadline : runs_->next_tick())) work();
    if (!deadline) runs_->tick();
  }
  if (!runs_->all_gone())
    logger(parts_.log_category)->warn("Not all tasks have ended in time; what they had not stored is sent again");
  if (!status_->wait_acknowledged(Clock::now() + k_status_patience))
    logger(parts_.log_category)->warn("Kafka has not acknowledged the last statuses; they may read RUNNING");
  mailbox_->close();
  logger(parts_.log_category)->info("Herder stopped");
}

void WorkerHerder::follow_change(const ConfigChange& change) {
  if (change.kind == ConfigChange::Kind::restart)
    return runs_->restart(change.connector, change.include_tasks, change.only_failed);
  runs_->reconcile(change.connector);
}

void WorkerHerder::find_cluster_id() {
  constexpr int k_attempt_ms = 500;
  while (!stop_.requested()) {
    auto id = parts_.find_cluster_id(*storage_, k_attempt_ms);
    std::unique_lock lock{mutex_};
    if (id) {
      cluster_id_ = std::move(*id);
      return;
    }
    stopping_.wait_for(lock, std::chrono::seconds{1}, [&] { return stopped_; });
  }
}

// Their databases are not asked: a worker may start before them.
void WorkerHerder::create_first_connectors() {
  for (const RawConfig& config : parts_.first_connectors) {
    const std::string* name = find_setting(config, "name");
    if (name == nullptr) continue;
    const auto created = write_connector(*name, config, false, std::nullopt);
    if (created) logger(parts_.log_category)->info("Created connector {}", *name);
    else logger(parts_.log_category)->error("Failed to create connector {}: {}", *name, created.error().message);
  }
}

void WorkerHerder::stop() {
  {
    const std::scoped_lock lock{mutex_};
    if (stopped_) return;
    stopped_ = true;
  }
  stop_.request();
  stopping_.notify_all();
  // A write that waits for Kafka must not hold up the end.
  state_->abandon();
  mailbox_->post([] {});
  if (thread_.joinable()) thread_.join();
  if (identity_.joinable()) identity_.join();
}

Health WorkerHerder::health() {
  const std::string sentence = stage_.sentence();
  const auto with_stage = [&](std::string text) { return sentence.empty() ? text : text + " " + sentence; };
  if (broken_.load())
    return {500, "unhealthy", with_stage("Worker was unable to handle this request and may be unable to "
                                         "handle other requests.")};
  if (!ready_.load()) return {503, "starting", with_stage("Worker is still starting up.")};
  return {200, "healthy", "Worker has completed startup and is ready to handle requests."};
}

std::string WorkerHerder::cluster_id() {
  const std::scoped_lock lock{mutex_};
  return cluster_id_;
}

// Before the topics have been read, "not found" would be a lie that an operator acts on.
Reply<void> WorkerHerder::ready() const {
  if (ready_.load()) return {};
  const std::string text = stop_.requested() ? "Worker is shutting down." : "Worker is still starting up. " +
                                                                               stage_.sentence();
  return std::unexpected{RestError{503, text}};
}

}  // namespace millrace
