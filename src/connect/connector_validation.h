// Validation of a connector's configuration: the framework's own settings first, then the connector's, in the form
// that REST shows. Behaviour and texts: Kafka Connect 4.0's AbstractHerder and ConnectorConfig.
// Threads: any; with a test connection it blocks up to 30 s.
#pragma once

#include <string>
#include <string_view>

#include "connect/herder.h"
#include "connect/worker_config.h"
#include "core/config.h"
#include "core/source.h"

namespace millrace {

enum class TestConnection : bool { no, yes };

// `connector` is for the log only: the connector's name, or the plugin's for the validate endpoint. `config` is raw;
// references in it are resolved here, and no resolved value is in the result.
// Errors: 400 no connector.class, 500 an unknown one, 500 a config provider that fails.
Reply<ValidationResult> validate_connector(const std::string& connector, const RawConfig& config,
                                           const WorkerConfig& worker, TestConnection test = TestConnection::yes);

// All errors of a result, in its order.
std::vector<std::string> errors_of(const ValidationResult& result);
// The message of the 400 that refuses a configuration with errors.
std::string invalid_config_message(const ValidationResult& result);

// The settings that every source connector has, in REST's order.
const ConfigDef& source_connector_config_def();

// By class name, simple name, or simple name without "Connector", as Connect's plugins are named.
const SourceRegistration* find_connector_class(std::string_view name);

}  // namespace millrace
