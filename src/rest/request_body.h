// What the bodies of the REST API say: configs, new connectors, offsets, log levels. Errors carry the code and
// sentence that Kafka Connect gives, which for bodies that Jackson cannot map is 500.
// Threads: plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connect/herder.h"

namespace millrace {

struct NewConnector {
  std::string name;                              // trimmed; null or missing: empty
  RawConfig config;
  std::optional<TargetState> initial_state{};
};

// A flat object; scalars become texts by their source text, null stays.
Reply<RawConfig> config_in(std::string_view body);
Reply<NewConnector> new_connector_in(std::string_view body);
// At least one entry.
Reply<ConnectorOffsets> offsets_in(std::string_view body);

// The config of connector `name` always has that name: added at the end when missing, refused when another.
Reply<RawConfig> with_name(RawConfig config, const std::string& name);

}  // namespace millrace
