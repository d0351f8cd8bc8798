#include "sources/mongodb/mongodb_unsupported.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "core/letters.h"
#include "core/topic_naming.h"

namespace millrace::mongodb {
namespace {

// `fine`: the value, in lower case, that means what millrace does anyway; empty: every value is refused.
struct Option {
  std::string_view name;
  std::string_view fine{};
};

constexpr std::array k_options{
    Option{"signal.data.collection"},
    Option{"signal.enabled.channels", "source"},
    Option{"notification.enabled.channels"},
    Option{"post.processors"},
    Option{"internal.mongodb.allow.offset.invalidation", "false"},
    Option{"internal.custom.retriable.exception"},
};

// Options that name a Java class, with the only one whose work is done here.
constexpr std::array k_classes{
    Option{"mongodb.authentication.class", "io.debezium.connector.mongodb.connection.DefaultMongoDbAuthProvider"},
    Option{"transaction.metadata.factory", "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory"},
    Option{"sourceinfo.struct.maker", "io.debezium.connector.mongodb.MongoDbSourceInfoStructMaker"},
};

void invalid(std::string_view name, const std::string& problem, ConfigErrors& errors) {
  errors.push_back({std::string{name}, "The '" + std::string{name} + "' value is invalid: " + problem});
}

void refuse(std::string_view name, std::string_view what, ConfigErrors& errors) {
  invalid(name, "this version of millrace does not support " + std::string{what} +
                    " yet; remove it, or run this connector on Kafka Connect for now", errors);
}

void check_key_store(const Config& config, const std::string& option, const char* conversion, ConfigErrors& errors) {
  const std::string file{trimmed(config.get(option))};
  if (file.empty()) return;
  const std::string type = upper(trimmed(config.get(option + ".type", "PKCS12")));
  if (type != "PEM")
    return invalid(option, "this worker reads PEM files and no " + type + " stores; convert it with '" + conversion +
                               "', name the new file here and set " + option + ".type=PEM", errors);
  if (access(file.c_str(), R_OK) != 0)
    invalid(option, "the file cannot be read: " + std::string{std::strerror(errno)}, errors);
}

}  // namespace

void refuse_unsupported(const Config& config, ConfigErrors& errors) {
  for (const Option& option : k_options) {
    const std::string value = lower(trimmed(config.get(option.name)));
    if (!value.empty() && value != option.fine) refuse(option.name, "this option", errors);
  }
  for (const Option& option : k_classes) {
    const std::string value{trimmed(config.get(option.name))};
    if (!value.empty() && value != option.fine)
      invalid(option.name, "only " + std::string{option.fine} + " is available in this worker", errors);
  }
  const std::string naming{trimmed(config.get("topic.naming.strategy"))};
  if (!naming.empty() && !TopicNaming::knows(naming))
    invalid("topic.naming.strategy", naming + " is not available in this worker; use one of Debezium's strategies", errors);
  const std::string mode = lower(trimmed(config.get("snapshot.mode")));
  if (mode == "custom") refuse("snapshot.mode", "snapshot.mode=" + mode, errors);
}

void check_key_stores(const Config& config, ConfigErrors& errors) {
  check_key_store(config, "mongodb.ssl.keystore", "openssl pkcs12 -in client.p12 -nodes -out client.pem", errors);
  check_key_store(config, "mongodb.ssl.truststore", "openssl pkcs12 -in trust.p12 -nokeys -out ca.pem", errors);
}

}  // namespace millrace::mongodb
