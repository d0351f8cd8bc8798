// The worker file: which settings are needed in which mode, and what their texts may be.
// Unknown settings are kept (producer.*, consumer.*, admin.* are looked up later); they are never an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/config_providers.h"
#include "core/error.h"

namespace millrace {

enum class WorkerMode { distributed, standalone };

struct WorkerConfig {
  WorkerMode mode;
  Config raw;                    // as in the file
  Config settings;               // resolved, defaults not filled in
  ConfigProviders providers;
};

// Sets the environment variable ADVERTISED_HOSTNAME when the file refers to it and nobody has set it: call it before
// there are threads. Errors: every problem in one text, a line each ("Missing required configuration "group.id" ...").
Result<WorkerConfig> load_worker_config(WorkerMode mode, const std::string& path);

// A listener of the REST API: "http://:8083" gives host "" (all interfaces).
struct Listener { std::string scheme, host; int port; };
std::vector<Listener> listeners(const Config& worker);
// One listener's text; none: not of the form scheme://host:port with scheme http or https.
std::optional<Listener> parsed_listener(std::string_view text);
// first_labels("a.b.c.d.e", 4) is "a.b.c.d".
std::string first_labels(std::string_view name, int count);
// "host:port" of the advertised URL: the worker_id of every status.
std::string worker_id(const Config& worker);

}  // namespace millrace
