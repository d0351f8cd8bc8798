#include "sources/mongodb/mongodb_unsupported.h"

#include <array>
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

void refuse(std::string_view name, std::string_view what, ConfigErrors& errors) {
  errors.push_back(invalid_option(name, "this version of millrace does not support " + std::string{what} +
                                            " yet; remove it, or run this connector on Kafka Connect for now"));
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
      errors.push_back(invalid_option(option.name, "only " + std::string{option.fine} + " is available in this worker"));
  }
  const std::string naming{trimmed(config.get("topic.naming.strategy"))};
  if (!naming.empty() && !TopicNaming::knows(naming))
    errors.push_back(
        invalid_option("topic.naming.strategy", naming + " is not available in this worker; use one of Debezium's strategies"));
  const std::string mode = lower(trimmed(config.get("snapshot.mode")));
  if (mode == "custom") refuse("snapshot.mode", "snapshot.mode=" + mode, errors);
}

}  // namespace millrace::mongodb
