// Java Kafka client settings to librdkafka's. Errors name the Java setting, its value's problem and the remedy.
// Threads: plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/error.h"

namespace millrace::kafka {

enum class ClientRole { producer, consumer, admin };

// librdkafka settings, in order, for rd_kafka_conf_set.
using ClientSettings = std::vector<std::pair<std::string, std::string>>;

// `java`: Java names (bootstrap.servers, security.protocol, sasl.jaas.config, ssl.*, linger.ms, ...), already
// merged by the caller and resolved. Unknown names are ignored with one log line, as Java does.
Result<ClientSettings> client_settings(const Config& java, ClientRole role);

// Kafka's words for a setting that cannot be taken; a secret's value is masked.
std::unexpected<Error> invalid_setting(std::string_view name, std::string_view value, std::string_view reason);

// The Java settings of one client of the worker (connect.md 1.6):
//  - the worker's own (internal topics): all unprefixed worker settings;
//  - a task's producer: bootstrap.servers, then "producer.*", then the connector's "producer.override.*";
//  - a task's admin: unprefixed, then "admin.*", then "admin.override.*".
Config worker_client(const Config& worker);
Config task_producer(const Config& worker, const Config& connector);
Config task_admin(const Config& worker, const Config& connector);

}  // namespace millrace::kafka
