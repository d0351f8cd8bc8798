// Options that Debezium's connectors share, as REST's validation gives them. Their place in the list is the connector's.
// Threads: any.
#pragma once

#include <string_view>

#include "core/config.h"

namespace millrace {

using KeyCheck = decltype(ConfigKey::check);

// documentation: a connector's own words; empty: the shared ones. Throws std::logic_error for a name that is not shared.
ConfigKey debezium_key(std::string_view name, int order, KeyCheck check, std::string_view documentation = {});

}  // namespace millrace
