// Validation of `transforms` and `predicates`: what each of their aliases brings to the settings of a connector, as Kafka
// Connect 4.0's ConnectorConfig.enrich does.
// Threads: plain functions.
#pragma once

#include <vector>

#include "connect/setting_check.h"
#include "core/source.h"

namespace millrace {

// In REST's order: each alias of `transforms`, then each of `predicates`; of an alias its type, then its class's options.
std::vector<ConfigVerdict> validate_aliases(const CheckedSettings& settings, const SourceRegistration& source);

}  // namespace millrace
