#include "sources/mongodb/snapshot_rules.h"

#include <utility>

#include "core/letters.h"
#include "core/setting_rules.h"
#include "sources/mongodb/lenient_json.h"

namespace millrace::mongodb {
namespace {

constexpr const char* k_filters = "snapshot.collection.filter.overrides";

Result<std::map<std::string, std::string>> filters(const Config& config) {
  std::map<std::string, std::string> out;
  const std::string list = config.get(k_filters);
  for (const std::string_view item : setting::java_split(list, ',')) {
    const std::string name{trimmed(item)};
    if (name.empty()) continue;
    const std::string option = std::string{k_filters} + "." + name;
    const std::string text{trimmed(config.get(option))};
    if (text.empty()) return fail(option + ": the query of this collection is missing; {} reads all of it", Retry::no, k_config_exception);
    auto query = document_of_json(text);
    if (!query) return std::unexpected{std::move(query.error()).as_cause_of(option + " is no JSON document", k_config_exception)};
    out.emplace(name, std::move(*query));
  }
  return out;
}

bool configured(const Config& config, const char* name) {
  return config.boolean(std::string{"snapshot.mode.configuration.based."} + name, false);
}

}  // namespace

Result<SnapshotRules> SnapshotRules::create(const Config& config) {
  SnapshotRules out;
  MR_TRY(out.mode_, snapshot_mode(config));
  MR_TRY(out.filters_, filters(config));
  out.streams_ = out.mode_ != SnapshotMode::initial_only;
  out.heals_ = out.mode_ == SnapshotMode::when_needed;
  out.delay_ = std::chrono::milliseconds{config.integer("snapshot.delay.ms", 0)};
  out.streaming_delay_ = std::chrono::milliseconds{config.integer("streaming.delay.ms", 0)};
  if (out.mode_ == SnapshotMode::configuration_based) {
    // MongoDB's documents are Debezium's schema, too: either of the two reads them.
    out.configured_reads_ = configured(config, "snapshot.data") || configured(config, "snapshot.schema");
    out.streams_ = configured(config, "start.stream");
    out.heals_ = configured(config, "snapshot.on.data.error");
  }
  out.heals_ = out.heals_ && config.boolean("internal.log.position.check.enable", true);
  return out;
}

bool SnapshotRules::reads_at_first() const {
  return mode_ == SnapshotMode::configuration_based ? configured_reads_ : mode_ != SnapshotMode::no_data;
}

Result<bool> SnapshotRules::wants_snapshot(const std::optional<MongoOffset>& stored) const {
  if (mode_ == SnapshotMode::always) return true;
  if (!stored || mode_ == SnapshotMode::configuration_based) return reads_at_first();
  if (!stored->snapshot_unfinished) return stored->token.empty() && !stored->time && mode_ == SnapshotMode::when_needed;
  if (mode_ != SnapshotMode::no_data) return true;
  return fail("The connector previously stopped while taking a snapshot, but now the connector is configured to never allow "
              "snapshots. Reconfigure the connector to use snapshots initially or when needed.", Retry::no, k_debezium_exception);
}

std::string SnapshotRules::filter_of(const std::string& database, const std::string& collection) const {
  const auto found = filters_.find(database + "." + collection);
  return found == filters_.end() ? std::string{} : found->second;
}

}  // namespace millrace::mongodb
