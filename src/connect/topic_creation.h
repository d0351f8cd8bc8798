// topic.creation.*: how a connector wants topics made that do not exist yet. Source: Kafka Connect, KIP-158.
// Threads: immutable.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "kafka/producer.h"

namespace millrace {

class TopicCreationRules {
 public:
  TopicCreationRules() = default;
  // enabled: the worker's topic.creation.enable. Errors name the missing or malformed setting.
  static Result<TopicCreationRules> create(const Config& connector, bool enabled);
  // none: the broker's auto-creation is relied on.
  std::optional<kafka::TopicCreation> of_topic(const std::string& topic) const;

 private:
  struct Group {
    std::function<bool(const std::string&)> includes, excludes;
    kafka::TopicCreation creation;
  };
  std::vector<Group> groups_;                     // in the order listed
  std::optional<kafka::TopicCreation> default_;
};

}  // namespace millrace
