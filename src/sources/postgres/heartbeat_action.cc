#include "sources/postgres/heartbeat_action.h"

#include <algorithm>

#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/postgres_config.h"

namespace millrace::postgres {
namespace {

constexpr std::chrono::milliseconds k_wait_max{20'000};

}  // namespace

HeartbeatAction::HeartbeatAction(const Config& config)
    : query_{trimmed(config.get("heartbeat.action.query"))}, settings_{connection_settings(config, "Debezium General")} {
  settings_.connect_timeout = std::min(settings_.connect_timeout, k_wait_max);
  if (settings_.query_timeout.count() == 0) settings_.query_timeout = k_wait_max;
  settings_.query_timeout = std::min(settings_.query_timeout, k_wait_max);
}

Result<bool> HeartbeatAction::ran() {
  if (query_.empty()) return true;
  if (!running_.valid()) {
    if (!stop_) stop_ = std::make_unique<StopSignal>();
    running_ = std::async(std::launch::async, [this] { return run(); });
    return false;
  }
  if (running_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return false;
  MR_CHECK(running_.get());
  return true;
}

void HeartbeatAction::close() {
  if (stop_) stop_->request();
  if (running_.valid()) running_.wait();
  running_ = {};
  connection_.reset();
  stop_.reset();
}

Result<void> HeartbeatAction::run() {
  std::string sqlstate;
  const auto attempt = [&]() -> Result<void> {
    if (!connection_) {
      MR_TRY(connection_, Connection::open(settings_, *stop_));
    }
    auto done = connection_->query(query_);
    sqlstate = connection_->sqlstate();
    if (!done) return std::unexpected{std::move(done.error())};
    return {};
  };
  auto done = attempt();
  if (done) return {};
  if (stop_->requested()) return {};
  // Without an SQLSTATE of the statement the session may be broken, or still busy with it.
  if (sqlstate.empty() || sqlstate.starts_with("57P") || sqlstate.starts_with("08")) connection_.reset();
  if (sqlstate == "57P01" || sqlstate == "57P03") {
    Error error = std::move(done.error());
    error.retry = Retry::yes;
    return std::unexpected{std::move(error).as_cause_of("Could not execute heartbeat action query (Error: " + sqlstate + ")",
                                                        k_debezium_exception)};
  }
  logger("io.debezium.heartbeat.DatabaseHeartbeatImpl")
      ->error("Could not execute heartbeat action (Error: {}): {}", sqlstate, done.error().text);
  return {};
}

}  // namespace millrace::postgres
