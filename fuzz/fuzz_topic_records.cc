// Records of the worker's config and status topics, which other programs write too: a line "key=value" each, "key" alone a
// tombstone. Whatever they hold, the tables answer, and what they answer can be written again.
#include <cstdlib>
#include <string_view>

#include <spdlog/spdlog.h>

#include "connect/config_table.h"
#include "connect/offset_maps.h"
#include "connect/status_table.h"
#include "core/log.h"

namespace {

using namespace millrace;

void check_connectors(const ConfigTable& table) {
  for (const std::string& name : table.connectors()) {
    const StoredConnector* stored = table.find(name);
    if (stored == nullptr) std::abort();
    const RawConfig task = task_config(stored->config, "task");
    static_cast<void>(tasks_differ(*stored, task));
    ConfigTable copy;
    const LogEntry entry = connector_entry(name, stored->config);
    copy.apply(entry.key, entry.value ? std::optional<std::string_view>{*entry.value} : std::nullopt);
    if (copy.find(name) == nullptr || copy.find(name)->config != stored->config) std::abort();
  }
}

void check_maps(std::string_view text) {
  static_cast<void>(partition_of_key(text));
  const auto map = normalized_map(text);
  if (!map) return;
  const auto again = normalized_map(*map);
  if (!again || *again != *map || !same_map(*map, *again)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const bool quiet = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
  }();
  if (!quiet) return 0;
  ConfigTable configs;
  StatusTable statuses;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto equals = line.find('=');
    const std::string_view key = line.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::nullopt : std::optional{line.substr(equals + 1)};
    configs.apply(key, value);
    statuses.apply(key, value);
    if (value) {
      if (const auto status = parse_status(*value); status && parse_status(status_text(*status)) != *status) std::abort();
      check_maps(*value);
    }
  }
  check_connectors(configs);
  return 0;
}
