// Offsets by REST: read, altered and reset while no task of the connector runs.
#include <condition_variable>

#include "connect/offset_maps.h"
#include "connect/worker_herder.h"
#include "core/log.h"

namespace millrace {

namespace {

constexpr auto k_write_patience = std::chrono::seconds{30};

std::string success(const char* done) {
  const std::string word{done};
  return "The Connect framework-managed offsets for this connector have been " + word +
         " successfully. However, if this connector manages offsets externally, they will need to be manually " +
         word + " in the system that the connector uses.";
}

}  // namespace

Reply<ConnectorOffsets> WorkerHerder::offsets(const std::string& name) {
  if (auto ok = ready(); !ok) return std::unexpected{std::move(ok).error()};
  if (!state_->has_connector(name)) return refuse(404, "Connector " + name + " not found");
  const auto stored = storage_->offsets->of_connector(name);
  if (!stored) return refuse(500, stored.error().text);
  ConnectorOffsets offsets;
  for (const auto& [key, place] : *stored) {
    if (!place.shown) continue;
    if (auto partition = partition_of_key(key)) offsets.emplace_back(std::move(*partition), place.offset);
  }
  return offsets;
}

Reply<std::string> WorkerHerder::alter_offsets(const std::string& name,
                                               const std::optional<ConnectorOffsets>& asked) {
  if (asked && asked->empty())
    return refuse(400, "Partitions / offsets need to be provided for an alter offsets request");
  // Holding is done on the herder's thread; reading and writing on this one, so that others go on meanwhile.
  const auto held = ask<void>("modifying offsets of connector " + name, [=, this](const HerderAnswer<void>& answer) {
    if (auto checked = check_stopped(name); !checked) return answer(std::move(checked));
    runs_->hold_offsets(name, [=, this] {
      auto checked = check_stopped(name);   // it may have been resumed while its task was ending
      if (checked && answer.wanted()) return answer(std::move(checked));
      mailbox_->post([=, this] { runs_->release_offsets(name); });
      answer(std::move(checked));
    });
  });
  if (!held) return std::unexpected{held.error()};
  auto entries = offsets_to_write(name, asked);
  Reply<void> written = entries ? write_offsets(*entries) : std::unexpected{std::move(entries).error()};
  mailbox_->post([=, this] { runs_->release_offsets(name); });
  if (!written) return std::unexpected{std::move(written).error()};
  return success(asked ? "altered" : "reset");
}

Reply<void> WorkerHerder::check_stopped(const std::string& name) const {
  const auto stored = state_->connector(name);
  if (!stored) return refuse(404, "Connector " + name + " not found");
  if (stored->target != TargetState::stopped || stored->task_count != 0)
    return refuse(400, "Connectors must be in the STOPPED state before their offsets can be modified. This can "
                       "be done for the specified connector by issuing a 'PUT' request to the '/connectors/" +
                           name + "/stop' endpoint");
  return {};
}

// Keys and values of the records; a key that exists keeps its bytes.
Reply<ConnectorOffsets> WorkerHerder::offsets_to_write(const std::string& name,
                                                       const std::optional<ConnectorOffsets>& asked) {
  const auto stored = storage_->offsets->of_connector(name);
  if (!stored) return refuse(500, stored.error().text);
  ConnectorOffsets entries;
  if (!asked) {
    for (const auto& [key, place] : *stored) entries.emplace_back(key, std::nullopt);
    return entries;
  }
  for (const auto& [partition, offset] : *asked) {
    auto partition_text = normalized_map(partition);
    if (!partition_text) return refuse(500, partition_text.error().text);
    std::optional<std::string> value;
    if (offset) {
      auto offset_text = normalized_map(*offset);
      if (!offset_text) return refuse(500, offset_text.error().text);
      value = std::move(*offset_text);
    }
    std::string key = offset_key(name, *partition_text);
    for (const auto& [present, present_place] : *stored) {
      const auto present_partition = partition_of_key(present);
      if (present_partition && same_map(*present_partition, *partition_text)) key = present;
    }
    entries.emplace_back(std::move(key), std::move(value));
  }
  return entries;
}

Reply<void> WorkerHerder::write_offsets(const ConnectorOffsets& keys_and_values) {
  struct Batch {
    std::mutex mutex;
    std::condition_variable written;
    std::size_t open;
    std::optional<Error> error{};
  };
  const auto batch = std::make_shared<Batch>();
  batch->open = keys_and_values.size();
  for (const auto& [key, value] : keys_and_values)
    storage_->offsets->write(key, value ? std::optional{Checkpoint{.offset = *value, .whole = false}} : std::nullopt, [batch](Result<void> written) {
      {
        const std::scoped_lock lock{batch->mutex};
        --batch->open;
        if (!written && !batch->error) batch->error = std::move(written).error();
      }
      batch->written.notify_all();
    });
  std::unique_lock lock{batch->mutex};
  const bool in_time = batch->written.wait_for(lock, k_write_patience, [&] { return batch->open == 0; });
  if (batch->error) return refuse(500, "Failed to write the offsets: " + batch->error->text);
  if (!in_time) return refuse(500, "Timed out after 30 s writing the offsets; whether they hold is not known: "
                                   "read them, and alter them again if they do not");
  return {};
}

}  // namespace millrace
