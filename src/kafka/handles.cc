#include "kafka/handles.h"

#include <array>
#include <string_view>

#include "core/log.h"

namespace millrace::kafka {
namespace {

bool secret(std::string_view name) {
  return name.find("password") != name.npos || name.find("secret") != name.npos || name.find("key") != name.npos ||
         name.starts_with("sasl.oauthbearer") || name.ends_with(".pem");
}

// Connection trouble is told once by whoever waits for the brokers; here it would come every 30 s per broker.
bool about_connections(std::string_view facility) {
  for (const std::string_view known : {"FAIL", "ERROR", "DISCONN", "REQTMOUT", "CLOSE", "CONNECT", "GETPID"})
    if (facility == known) return true;
  return false;
}

void forward_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  static const std::shared_ptr<spdlog::logger> log = logger("org.apache.kafka.clients");
  if (level >= 6 || about_connections(facility)) {
    log->debug("{}: {}", facility, text);
  } else if (level == 5) {
    log->info("{}: {}", facility, text);
  } else {
    log->warn("{}: {}", facility, text);
  }
}

Error setting_refused(const std::string& name, const std::string& value, std::string_view reason) {
  if (name == "sasl.oauthbearer.method")
    return Error{.text = "sasl.mechanism OAUTHBEARER with a token endpoint is not supported by this build's librdkafka "
                         "(it lacks OIDC): use SCRAM-SHA-512 or mutual TLS, or build with a librdkafka that has curl",
                 .exception = std::string{k_config_exception}};
  if (secret(name))
    return Error{.text = "Kafka client setting " + name + " has an invalid value (hidden)",
                 .exception = std::string{k_config_exception}};
  return Error{.text = "Kafka client setting " + name + "=" + value + " was refused: " + std::string{reason},
               .exception = std::string{k_config_exception}};
}

}  // namespace

Result<ConfPtr> make_conf(const ClientSettings& settings) {
  ConfPtr conf{rd_kafka_conf_new()};
  std::array<char, 512> reason{};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      return std::unexpected{setting_refused(name, value, reason.data())};
  rd_kafka_conf_set_log_cb(conf.get(), forward_log);
  return conf;
}

Result<ClientPtr> make_client(rd_kafka_type_t type, ConfPtr conf) {
  std::array<char, 512> reason{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (client == nullptr)
    return fail(std::string{"Failed to construct kafka client: "} + reason.data(), Retry::no,
                "org.apache.kafka.common.KafkaException");
  static_cast<void>(conf.release());   // rd_kafka_new() owns it on success only
  return ClientPtr{client};
}

std::string setting_of(const ClientSettings& settings, std::string_view name) {
  std::string value;
  for (const auto& entry : settings)
    if (entry.first == name) value = entry.second;
  return value;
}

void Trouble::note(rd_kafka_resp_err_t code, const char* reason) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      text_ = last_.empty() ? std::string{reason} : last_;
      break;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__RESOLVE:
      last_ = text_ = reason;
      break;
    default:
      last_ = reason;
      break;
  }
}

}  // namespace millrace::kafka
