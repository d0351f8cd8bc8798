#include "kafka/client_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/letters.h"
#include "core/log.h"
#include "kafka/security.h"

namespace millrace::kafka {
namespace {

constexpr std::int64_t k_int_max = 2'147'483'647;
constexpr std::int64_t k_request_bytes = 1'048'576;   // Java's default of max.request.size
// One request carries one batch of one partition, so that Java's 16 KiB would mean very many requests.
constexpr std::int64_t k_batch_bytes = 1'000'000;
constexpr std::int64_t k_in_flight_max = 5;           // order is kept up to here

enum Roles : std::uint8_t { k_producer = 1, k_consumer = 2, k_admin = 4, k_all = 7 };

std::uint8_t bit(ClientRole role) {
  switch (role) {
    case ClientRole::producer: return k_producer;
    case ClientRole::consumer: return k_consumer;
    case ClientRole::admin: break;
  }
  return k_admin;
}

// Numbers: taken over, brought into librdkafka's range.
struct Number {
  std::string_view java, native;
  std::int64_t min, max;
  std::uint8_t roles;
};
constexpr std::array k_numbers{
    Number{"metadata.max.age.ms", "topic.metadata.refresh.interval.ms", 10, 3'600'000, k_all},
    Number{"send.buffer.bytes", "socket.send.buffer.bytes", 0, 100'000'000, k_all},        // Java's -1: the system's
    Number{"receive.buffer.bytes", "socket.receive.buffer.bytes", 0, 100'000'000, k_all},
    Number{"reconnect.backoff.ms", "reconnect.backoff.ms", 0, 3'600'000, k_all},
    Number{"reconnect.backoff.max.ms", "reconnect.backoff.max.ms", 0, 3'600'000, k_all},
    Number{"retry.backoff.ms", "retry.backoff.ms", 1, 300'000, k_producer | k_admin},
    Number{"connections.max.idle.ms", "connections.max.idle.ms", 0, k_int_max, k_all},
    Number{"socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.ms", 1000, k_int_max, k_all},
    Number{"request.timeout.ms", "socket.timeout.ms", 10, 300'000, k_all},
    Number{"fetch.min.bytes", "fetch.min.bytes", 1, 100'000'000, k_consumer},
    Number{"fetch.max.bytes", "fetch.max.bytes", 0, 2'147'483'135, k_consumer},
    Number{"fetch.max.wait.ms", "fetch.wait.max.ms", 0, 300'000, k_consumer},
    Number{"max.partition.fetch.bytes", "max.partition.fetch.bytes", 1, 1'000'000'000, k_consumer},
};

// Known to Java's clients, without meaning here or decided by us: no word about them.
constexpr std::array<std::string_view, 38> k_silent{
    "bootstrap.servers", "client.id", "client.rack", "client.dns.lookup", "security.protocol", "linger.ms",
    "batch.size", "buffer.memory", "max.request.size", "delivery.timeout.ms", "retries", "acks", "compression.type",
    "compression.gzip.level", "compression.lz4.level", "compression.zstd.level", "max.block.ms",
    "max.in.flight.requests.per.connection", "enable.idempotence", "key.serializer", "value.serializer",
    "key.deserializer", "value.deserializer", "metric.reporters", "metrics.num.samples", "metrics.sample.window.ms",
    "metrics.recording.level", "enable.metrics.push", "metadata.max.idle.ms", "retry.backoff.max.ms",
    "socket.connection.setup.timeout.max.ms", "metadata.recovery.strategy",
    "metadata.recovery.rebootstrap.trigger.ms", "default.api.timeout.ms", "isolation.level", "check.crcs",
    "auto.offset.reset", "enable.auto.commit"};
constexpr std::array<std::string_view, 4> k_silent_prefixes{"ssl.", "sasl.", "metrics.context.",
                                                            "prometheus.metrics.reporter."};

bool known(std::string_view name) {
  if (std::ranges::find(k_silent, name) != k_silent.end()) return true;
  if (std::ranges::any_of(k_numbers, [&](const Number& number) { return number.java == name; })) return true;
  return std::ranges::any_of(k_silent_prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

Result<std::optional<std::int64_t>> number(const Config& java, std::string_view name) {
  const std::string* text = java.find(name);
  if (text == nullptr) return std::optional<std::int64_t>{};
  std::string_view digits = trimmed(*text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return invalid_setting(name, *text, "Not a number of type LONG");
  return std::optional<std::int64_t>{value};
}

Result<std::int64_t> number_or(const Config& java, std::string_view name, std::int64_t fallback) {
  MR_TRY(const auto value, number(java, name));
  return value.value_or(fallback);
}

void set(ClientSettings& out, std::string_view name, std::int64_t value) {
  out.emplace_back(name, std::to_string(value));
}

// "host:port" of one entry: Java takes "PLAINTEXT://host:port" and blanks around it.
Result<std::string> server(std::string_view entry) {
  std::string_view address = entry;
  if (const auto scheme = address.find("://"); scheme != address.npos) address.remove_prefix(scheme + 3);
  const auto colon = address.rfind(':');
  const std::string_view port = colon == address.npos ? "" : address.substr(colon + 1);
  const bool digits = !port.empty() && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || colon == 0) return invalid_setting("bootstrap.servers", entry, "Invalid url, must be host:port");
  return std::string{address};
}

Result<std::string> bootstrap_servers(const Config& java) {
  std::string out;
  std::istringstream entries{java.get("bootstrap.servers")};
  for (std::string entry; std::getline(entries, entry, ',');) {
    const std::string_view text = trimmed(entry);
    if (text.empty()) continue;
    MR_TRY(const std::string address, server(text));
    out += (out.empty() ? "" : ",") + address;
  }
  if (out.empty())
    return fail("bootstrap.servers is empty: set it to host:port of one or more brokers; under Strimzi check that "
                "spec.version of the KafkaConnect matches the version of this image and that spec.bootstrapServers "
                "is set",
                Retry::no, k_config_exception);
  return out;
}

Result<void> add_compression(const Config& java, ClientSettings& out) {
  const std::string codec{trimmed(java.get("compression.type", "none"))};
  constexpr std::array<std::string_view, 5> codecs{"none", "gzip", "snappy", "lz4", "zstd"};
  if (std::ranges::find(codecs, codec) == codecs.end())
    return invalid_setting("compression.type", codec, "Unknown compression name: " + codec);
  out.emplace_back("compression.type", codec);
  MR_TRY(const auto level, number(java, "compression." + codec + ".level"));
  if (level) set(out, "compression.level", std::clamp<std::int64_t>(*level, -1, 12));
  return {};
}

void warn_about_acks(const Config& java) {
  const std::string acks{trimmed(java.get("acks", "all"))};
  if (acks != "all" && acks != "-1")
    logger("org.apache.kafka.clients.producer")
        ->warn("acks={} asks for less than all: ignored, offsets are stored only behind records that all in-sync "
               "replicas have",
               acks);
}

// Java's rule, so that a config that Java refuses is refused here as well.
Result<std::int64_t> delivery_timeout(const Config& java, std::int64_t linger) {
  MR_TRY(const auto timeout, number_or(java, "delivery.timeout.ms", k_int_max));
  MR_TRY(const auto request, number_or(java, "request.timeout.ms", 30'000));
  if (timeout <= 0 || timeout >= k_int_max) return std::int64_t{0};   // without end
  if (timeout < linger + request)
    return invalid_setting("delivery.timeout.ms", std::to_string(timeout),
                           "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms");
  return timeout;
}

Result<void> add_producer(const Config& java, ClientSettings& out) {
  out.emplace_back("enable.idempotence", "true");
  out.emplace_back("acks", "all");
  out.emplace_back("partitioner", "murmur2_random");   // Java's: the default would put keys elsewhere
  MR_TRY(const auto request_bytes, number_or(java, "max.request.size", k_request_bytes));
  const auto message_bytes = std::clamp<std::int64_t>(request_bytes, 1000, 1'000'000'000);
  set(out, "message.max.bytes", message_bytes);
  MR_TRY(const auto batch, number_or(java, "batch.size", 0));
  set(out, "batch.size", std::clamp<std::int64_t>(batch, k_batch_bytes, k_int_max));
  MR_TRY(const auto linger_asked, number_or(java, "linger.ms", 5));
  const auto linger = std::clamp<std::int64_t>(linger_asked, 0, 900'000);
  set(out, "linger.ms", linger);
  MR_TRY(const auto memory, number(java, "buffer.memory"));
  if (memory)   // never less than one message, or that message could not be sent at all
    set(out, "queue.buffering.max.kbytes",
        std::clamp<std::int64_t>((std::max(*memory, message_bytes) + 1023) / 1024, 1, k_int_max));
  MR_TRY(const auto timeout, delivery_timeout(java, linger));
  set(out, "message.timeout.ms", timeout);
  MR_TRY(const auto retries, number(java, "retries"));
  if (retries && *retries > 0) set(out, "retries", std::min(*retries, k_int_max));   // 0 would end idempotence
  MR_TRY(const auto in_flight, number_or(java, "max.in.flight.requests.per.connection", k_in_flight_max));
  set(out, "max.in.flight.requests.per.connection", std::clamp<std::int64_t>(in_flight, 1, k_in_flight_max));
  MR_TRY(const auto request_timeout, number(java, "request.timeout.ms"));
  if (request_timeout) set(out, "request.timeout.ms", std::clamp<std::int64_t>(*request_timeout, 1, 900'000));
  warn_about_acks(java);
  return add_compression(java, out);
}

Result<void> add_consumer(const Config& java, ClientSettings& out) {
  const std::string isolation{trimmed(java.get("isolation.level", "read_uncommitted"))};
  if (isolation != "read_committed" && isolation != "read_uncommitted")
    return invalid_setting("isolation.level", isolation, "String must be one of: read_committed, read_uncommitted");
  out.emplace_back("isolation.level", isolation);
  out.emplace_back("check.crcs", trimmed(java.get("check.crcs", "true")) == "false" ? "false" : "true");
  // Strimzi leaves the reference in place where there is no rack.
  const std::string rack = java.get("client.rack");
  if (!rack.empty() && rack.find("${") == rack.npos) out.emplace_back("client.rack", rack);
  return {};
}

void log_unknown(const Config& java) {
  std::string names;
  for (const auto& [name, value] : java.entries())
    if (!known(name)) names += (names.empty() ? "" : ", ") + name;
  if (!names.empty())
    logger("org.apache.kafka.clients")->info("These configurations '[{}]' were supplied but are not used yet.", names);
}

constexpr std::array<std::string_view, 3> k_worker_prefixes{"producer.", "consumer.", "admin."};

// Of the unprefixed worker settings only those a client knows: the others are the worker's own.
void take_worker_settings(const Config& worker, Config& out) {
  for (const auto& [name, value] : worker.entries()) {
    const bool prefixed =
        std::ranges::any_of(k_worker_prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
    if (!prefixed && known(name)) out.set(name, value);
  }
  if (!out.has("bootstrap.servers")) out.set("bootstrap.servers", "localhost:9092");
}

void take_prefixed(const Config& from, std::string_view prefix, Config& out) {
  for (const auto& [name, value] : from.entries())
    if (name.starts_with(prefix) && name.size() > prefix.size()) out.set(name.substr(prefix.size()), value);
}

}  // namespace

std::unexpected<Error> invalid_setting(std::string_view name, std::string_view value, std::string_view reason) {
  return fail("Invalid value " + masked(name, value) + " for configuration " + std::string{name} + ": " +
                  std::string{reason},
              Retry::no, k_config_exception);
}

Result<ClientSettings> client_settings(const Config& java, ClientRole role) {
  ClientSettings out;
  MR_TRY(std::string servers, bootstrap_servers(java));
  out.emplace_back("bootstrap.servers", std::move(servers));
  if (const std::string id = java.get("client.id"); !id.empty())
    out.emplace_back("client.id", id.substr(0, 200));   // longer ones have crashed librdkafka
  out.emplace_back("socket.nagle.disable", "true");
  out.emplace_back("socket.keepalive.enable", "true");
  out.emplace_back("enable.metrics.push", "false");     // they would have librdkafka's names, not Java's
  out.emplace_back("log.connection.close", "false");    // brokers close idle connections: no event
  for (const Number& entry : k_numbers) {
    if ((entry.roles & bit(role)) == 0) continue;
    MR_TRY(const auto value, number(java, entry.java));
    if (value) set(out, entry.native, std::clamp(*value, entry.min, entry.max));
  }
  MR_CHECK(add_security(java, out));
  if (role == ClientRole::producer) MR_CHECK(add_producer(java, out));
  if (role == ClientRole::consumer) MR_CHECK(add_consumer(java, out));
  log_unknown(java);
  return out;
}

Config worker_client(const Config& worker) {
  Config out;
  take_worker_settings(worker, out);
  return out;
}

Config task_producer(const Config& worker, const Config& connector) {
  Config out;
  out.set("bootstrap.servers", worker.get("bootstrap.servers", "localhost:9092"));
  take_prefixed(worker, "producer.", out);
  take_prefixed(connector, "producer.override.", out);
  return out;
}

Config task_admin(const Config& worker, const Config& connector) {
  Config out;
  take_worker_settings(worker, out);
  take_prefixed(worker, "admin.", out);
  take_prefixed(connector, "admin.override.", out);
  return out;
}

}  // namespace millrace::kafka
