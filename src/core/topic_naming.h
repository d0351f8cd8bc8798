// TopicNaming gives the topic of a table or collection, by Debezium's six strategies (topic.naming.strategy):
// Schema*: <topic.prefix>.<schema>.<table>; Default*: <topic.prefix>.<database parts>; *Regex*: that name rewritten, so
// that tables share a topic, and the table's own name is added to the key; *Unicode*: what Kafka refuses is escaped.
// Threads: const calls from any thread. Errors: create() for what Debezium refuses at the start of a task.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"

namespace millrace {

class TopicNaming {
 public:
  // Is there a strategy of this class name?
  static bool knows(std::string_view strategy);
  // fallback: the strategy where the option is not set, one that is known.
  static Result<TopicNaming> create(const Config& config, std::string_view fallback);

  // The parts after the prefix: schema and table for Schema*, for Default* the database's (PostgreSQL: the table alone).
  bool by_schema() const { return by_schema_; }

  struct Names {
    std::string topic;
    std::optional<std::string> identifier{};   // what the key's additional field holds; none: no such field
  };
  // Errors: a replacement that names a group which is not there.
  Result<Names> names_of(std::span<const std::string_view> parts) const;
  bool rewrites() const { return topic_.has_value(); }
  const std::string& key_field() const { return key_field_; }

 private:
  struct Rewriting {
    JavaRegex regex;
    std::string replacement;
    // A name that does not match as a whole stays.
    Result<std::string> apply(const std::string& name) const;
  };
  static Result<Rewriting> rewriting(const Config& config, const std::string& regex, const std::string& replacement);
  Result<void> add_rewriting(const Config& config);
  std::string sanitized(const std::string& name) const;

  std::string prefix_, delimiter_;
  bool by_schema_ = true, unicode_ = false, identifies_ = false;
  std::optional<Rewriting> topic_, identifier_;
  std::string key_field_;
};

}  // namespace millrace
