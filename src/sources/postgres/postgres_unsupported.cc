#include "sources/postgres/postgres_unsupported.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/letters.h"

namespace millrace::postgres {
namespace {

// `fine`: the value, in lower case, that means what millrace does anyway; empty: every value is refused.
struct Option {
  std::string_view name;
  std::string_view fine{};
};

constexpr std::array k_options{
    Option{"column.include.list"},
    Option{"column.exclude.list"},
    Option{"column.propagate.source.type"},
    Option{"datatype.propagate.source.type"},
    Option{"message.key.columns"},
    Option{"skip.messages.without.change", "false"},
    Option{"schema.name.adjustment.mode", "none"},
    Option{"field.name.adjustment.mode", "none"},
    Option{"provide.transaction.metadata", "false"},
    Option{"heartbeat.interval.ms", "0"},
    Option{"heartbeat.action.query"},
    Option{"signal.data.collection"},
    Option{"notification.enabled.channels"},
    Option{"snapshot.select.statement.overrides"},
    Option{"snapshot.include.collection.list"},
    Option{"snapshot.locking.mode", "none"},
    Option{"snapshot.query.mode", "select_all"},
    Option{"replica.identity.autoset.values"},
    Option{"xmin.fetch.interval.ms", "0"},
    Option{"slot.stream.params"},
    Option{"event.processing.failure.handling.mode", "fail"},
    Option{"read.only", "false"},
    Option{"message.prefix.include.list"},
    Option{"message.prefix.exclude.list"},
};
constexpr std::array<std::string_view, 2> k_prefixes{"column.mask.", "column.truncate."};

void refuse(std::string_view name, std::string_view what, ConfigErrors& errors) {
  errors.push_back({std::string{name}, "The '" + std::string{name} + "' value is invalid: this version of millrace "
                                       "does not support " + std::string{what} + " yet; remove it, or run this "
                                       "connector on Kafka Connect for now"});
}

}  // namespace

void refuse_unsupported(const Config& config, ConfigErrors& errors) {
  for (const Option& option : k_options) {
    const std::string value = lower(trimmed(config.get(option.name)));
    if (!value.empty() && value != option.fine) refuse(option.name, "this option", errors);
  }
  for (const auto& [name, value] : config.entries())
    for (const std::string_view prefix : k_prefixes)
      if (name.starts_with(prefix)) refuse(name, "this option", errors);
  const std::string mode = lower(trimmed(config.get("snapshot.mode")));
  if (mode == "configuration_based") refuse("snapshot.mode", "snapshot.mode=" + mode, errors);
  if (config.has("skipped.operations")) {
    const auto skipped = config.list("skipped.operations");
    if (std::ranges::find(skipped, "t") == skipped.end())
      refuse("skipped.operations", "truncate events: keep t among the skipped operations,", errors);
  }
}

}  // namespace millrace::postgres
