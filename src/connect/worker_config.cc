#include "connect/worker_config.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "core/letters.h"
#include "core/properties.h"

namespace millrace {
namespace {

enum class KeyType { text, boolean, int16, int32, int64, list };

struct WorkerKey {
  std::string_view name;
  KeyType type;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::string_view values = {};      // the only ones, comma separated; any case
};

constexpr std::int64_t k_none = std::numeric_limits<std::int64_t>::min();

// Settings with a type that a text can fail. All others are texts, and unknown ones are never an error.
constexpr std::array k_keys{
    WorkerKey{"client.dns.lookup", KeyType::text, k_none, "use_all_dns_ips, resolve_canonical_bootstrap_servers_only"},
    WorkerKey{"task.shutdown.graceful.timeout.ms", KeyType::int64},
    WorkerKey{"offset.flush.interval.ms", KeyType::int64},
    WorkerKey{"offset.flush.timeout.ms", KeyType::int64},
    WorkerKey{"plugin.discovery", KeyType::text, k_none, "only_scan, hybrid_warn, hybrid_fail, service_load"},
    WorkerKey{"metrics.sample.window.ms", KeyType::int64, 0},
    WorkerKey{"metrics.num.samples", KeyType::int32, 1},
    WorkerKey{"metrics.recording.level", KeyType::text, k_none, "INFO, DEBUG, TRACE"},
    WorkerKey{"topic.tracking.enable", KeyType::boolean},
    WorkerKey{"topic.tracking.allow.reset", KeyType::boolean},
    WorkerKey{"topic.creation.enable", KeyType::boolean},
    WorkerKey{"rest.advertised.port", KeyType::int32},
    WorkerKey{"ssl.client.auth", KeyType::text, k_none, "required, requested, none"},
};

constexpr std::array k_distributed_keys{
    WorkerKey{"session.timeout.ms", KeyType::int32},
    WorkerKey{"heartbeat.interval.ms", KeyType::int32},
    WorkerKey{"rebalance.timeout.ms", KeyType::int32},
    WorkerKey{"config.storage.replication.factor", KeyType::int16, -1},
    WorkerKey{"offset.storage.replication.factor", KeyType::int16, -1},
    WorkerKey{"status.storage.replication.factor", KeyType::int16, -1},
    WorkerKey{"offset.storage.partitions", KeyType::int32, -1},
    WorkerKey{"status.storage.partitions", KeyType::int32, -1},
    WorkerKey{"connect.protocol", KeyType::text, k_none, "eager, compatible, sessioned"},
    WorkerKey{"scheduled.rebalance.max.delay.ms", KeyType::int32, 0},
    WorkerKey{"worker.sync.timeout.ms", KeyType::int32},
    WorkerKey{"worker.unsync.backoff.ms", KeyType::int32},
    WorkerKey{"exactly.once.source.support", KeyType::text, k_none, "disabled, preparing, enabled"},
    WorkerKey{"inter.worker.key.size", KeyType::int32},
    WorkerKey{"inter.worker.key.ttl.ms", KeyType::int32, 0},
    WorkerKey{"metadata.max.age.ms", KeyType::int64, 0},
    WorkerKey{"send.buffer.bytes", KeyType::int32, -1},
    WorkerKey{"receive.buffer.bytes", KeyType::int32, -1},
    WorkerKey{"reconnect.backoff.ms", KeyType::int64, 0},
    WorkerKey{"reconnect.backoff.max.ms", KeyType::int64, 0},
    WorkerKey{"retry.backoff.ms", KeyType::int64, 0},
    WorkerKey{"retry.backoff.max.ms", KeyType::int64, 0},
    WorkerKey{"request.timeout.ms", KeyType::int32, 0},
    WorkerKey{"connections.max.idle.ms", KeyType::int64},
    WorkerKey{"socket.connection.setup.timeout.ms", KeyType::int64, 0},
    WorkerKey{"socket.connection.setup.timeout.max.ms", KeyType::int64, 0},
    WorkerKey{"metadata.recovery.rebootstrap.trigger.ms", KeyType::int64, 0},
};

constexpr std::array<std::string_view, 2> k_required{"key.converter", "value.converter"};
constexpr std::array<std::string_view, 4> k_distributed_required{"group.id", "config.storage.topic",
                                                                 "offset.storage.topic", "status.storage.topic"};
constexpr std::array<std::string_view, 1> k_standalone_required{"offset.storage.file.filename"};

constexpr int k_default_port = 8083;

std::optional<std::int64_t> number(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct NumberType {
  std::string_view name;
  std::int64_t least, most;
};

NumberType number_type(KeyType type) {
  switch (type) {
    case KeyType::int16: return {"SHORT", -32768, 32767};
    case KeyType::int32: return {"INT", -2147483648LL, 2147483647};
    default: return {"LONG", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

// Why the text cannot be the setting's value; empty: it can.
std::string reason_against(const WorkerKey& key, std::string_view text) {
  if (key.type == KeyType::boolean) {
    const std::string word = lower(trimmed(text));
    return word == "true" || word == "false" ? "" : "Expected value to be either true or false";
  }
  if (key.type == KeyType::text || key.type == KeyType::list) {
    const Config one{{{"values", std::string{key.values}}}};
    for (const std::string& value : one.list("values"))
      if (lower(value) == lower(trimmed(text))) return "";
    return "String must be one of (case insensitive): " + std::string{key.values};
  }
  const NumberType kind = number_type(key.type);
  const auto value = number(text);
  if (!value || *value < kind.least || *value > kind.most) return "Not a number of type " + std::string{kind.name};
  if (*value < key.least) return "Value must be at least " + std::to_string(key.least);
  return "";
}

void check_listeners(const Config& worker, std::vector<std::string>& problems) {
  for (const std::string_view name : {"listeners", "admin.listeners"}) {
    const std::string* text = worker.find(name);
    if (text == nullptr) continue;
    const std::vector<std::string> parts = worker.list(name);
    if (parts.empty() && name == "listeners")
      problems.push_back("Invalid value " + *text + " for configuration listeners: Empty listener, at least one is "
                         "expected");
    for (const std::string& part : parts)
      if (!parsed_listener(part))
        problems.push_back("Invalid value " + *text + " for configuration " + std::string{name} + ": Listener '" +
                           part + "' doesn't have the right format, parseable as http://host:port");
  }
}

void check_heartbeat(const Config& worker, std::vector<std::string>& problems) {
  const auto heartbeat = worker.integer("heartbeat.interval.ms", 3000);
  const auto session = worker.integer("session.timeout.ms", 10'000);
  if (heartbeat >= session)
    problems.push_back("Invalid value " + std::to_string(heartbeat) + " for configuration heartbeat.interval.ms: "
                       "must be less than session.timeout.ms, which is " + std::to_string(session));
}

std::vector<std::string> problems_of(WorkerMode mode, const Config& worker) {
  std::vector<std::string> problems;
  const auto require = [&](std::string_view name) {
    const std::string* text = worker.find(name);
    if (text == nullptr)
      problems.push_back("Missing required configuration \"" + std::string{name} + "\" which has no default value.");
    else if (trimmed(*text).empty())
      problems.push_back("Invalid value " + *text + " for configuration " + std::string{name} +
                         ": String must be non-empty");
  };
  const auto check = [&](const WorkerKey& key) {
    const std::string* text = worker.find(key.name);
    if (text == nullptr) return;
    if (const std::string reason = reason_against(key, *text); !reason.empty())
      problems.push_back("Invalid value " + *text + " for configuration " + std::string{key.name} + ": " + reason);
  };
  std::ranges::for_each(k_required, require);
  if (mode == WorkerMode::distributed) {
    std::ranges::for_each(k_distributed_required, require);
  } else {
    std::ranges::for_each(k_standalone_required, require);
  }
  std::ranges::for_each(k_keys, check);
  if (mode == WorkerMode::distributed) {
    std::ranges::for_each(k_distributed_keys, check);
    check_heartbeat(worker, problems);
  }
  check_listeners(worker, problems);
  return problems;
}

// As hostname -f: what the resolver makes of the machine's own name; empty: it knows none.
std::string full_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_CANONNAME;
  addrinfo* list = nullptr;
  if (::getaddrinfo(name.data(), nullptr, &hints, &list) != 0 || list == nullptr) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, ::freeaddrinfo};
  return list->ai_canonname == nullptr ? std::string{} : std::string{list->ai_canonname};
}

// The variable of Strimzi's generated file, which its start script sets: the first four labels of the pod's name
// (pod.service.namespace.svc). Set here when no script has.
void provide_advertised_hostname(const Config& raw) {
  constexpr const char* k_variable = "ADVERTISED_HOSTNAME";
  const std::string reference = std::string{":"} + k_variable + "}";
  const bool wanted = std::ranges::any_of(raw.entries(), [&](const auto& entry) {
    return entry.second.find(reference) != std::string::npos;
  });
  if (!wanted || std::getenv(k_variable) != nullptr) return;
  if (const std::string name = full_host_name(); !name.empty()) ::setenv(k_variable, first_labels(name, 4).c_str(), 1);
}

// What Java's InetAddress.getLocalHost() gives: the address that the machine's own name has.
std::string machine_address() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "127.0.0.1";
  for (const int family : {AF_INET, AF_INET6}) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.data(), nullptr, &hints, &list) != 0 || list == nullptr) continue;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, ::freeaddrinfo};
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(list->ai_addr, list->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      return text.data();
  }
  return "127.0.0.1";
}

// A setting that nobody gave, or whose reference nothing answered.
bool is_absent(const std::string* text) {
  return text == nullptr || trimmed(*text).empty() || ConfigProviders::has_reference(*text);
}

Listener advertised_listener(const Config& worker) {
  const std::vector<Listener> all = listeners(worker);
  const std::string* scheme = worker.find("rest.advertised.listener");
  // Without a wish: http if any listener is http.
  const std::string wanted = is_absent(scheme) ? "http" : lower(trimmed(*scheme));
  const auto at = std::ranges::find(all, wanted, &Listener::scheme);
  return at == all.end() ? all.front() : *at;
}

}  // namespace

// "scheme://host:port", the host in brackets when it is an IPv6 address, or nothing for all interfaces.
std::optional<Listener> parsed_listener(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  Listener out{.scheme = lower(text.substr(0, scheme_end)), .host = {}, .port = 0};
  std::string_view rest = text.substr(scheme_end + 3);
  if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    out.host = rest.substr(0, colon);
    rest.remove_prefix(colon);
    if (out.host.find(':') != std::string::npos) return std::nullopt;
  }
  if (!rest.starts_with(':')) return std::nullopt;
  const auto port = number(rest.substr(1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  out.port = static_cast<int>(*port);
  return out;
}

Result<WorkerConfig> load_worker_config(WorkerMode mode, const std::string& path) {
  MR_TRY(Config raw, read_properties_file(path, PropertiesEncoding::latin1));
  const auto about_file = [&path](Error error) {
    error.text = path + ": " + error.text;
    return std::unexpected{std::move(error)};
  };
  provide_advertised_hostname(raw);
  auto providers = ConfigProviders::create(raw);
  if (!providers) return about_file(std::move(providers).error());
  auto settings = providers->resolve(raw);
  if (!settings) return about_file(std::move(settings).error());
  if (const auto problems = problems_of(mode, *settings); !problems.empty()) {
    std::string text;
    for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + path + ": " + problem;
    return fail(std::move(text), Retry::no, k_config_exception);
  }
  return WorkerConfig{.mode = mode,
                      .raw = std::move(raw),
                      .settings = std::move(*settings),
                      .providers = std::move(*providers)};
}

std::vector<Listener> listeners(const Config& worker) {
  std::vector<Listener> out;
  for (const std::string& text : worker.list("listeners"))
    if (auto listener = parsed_listener(text)) out.push_back(std::move(*listener));
  if (out.empty()) out.push_back({.scheme = "http", .host = "", .port = k_default_port});
  return out;
}

std::string first_labels(std::string_view name, int count) {
  std::size_t end = 0;
  while (count-- > 0 && end != name.npos) end = name.find('.', end == 0 ? 0 : end + 1);
  return std::string{name.substr(0, end)};
}

std::string worker_id(const Config& worker) {
  const Listener listener = advertised_listener(worker);
  const std::string* name = worker.find("rest.advertised.host.name");
  std::string host = is_absent(name) ? listener.host : std::string{trimmed(*name)};
  if (host.empty()) host = machine_address();
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  return host + ":" + std::to_string(worker.integer("rest.advertised.port", listener.port));
}

}  // namespace millrace
