// Transform changes, routes or drops one record after the other (Kafka Connect's single message transforms); Predicate
// says to which of them. They work on the general form of a record (ConnectRecord).
//
// Schemas: a transform that changes a schema keeps what it made by the schema it was given, as long as that lives (a
// SchemaPtr in the cache keeps its address), so that converters see the same schema with every record. Such a cache has a
// bound.
// Threads: one task's thread. Source: Kafka Connect 4.0's org.apache.kafka.connect.transforms.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/record.h"

namespace millrace {

class Transform {
 public:
  virtual ~Transform() = default;
  // None: the record is dropped. Errors (DataException where Java throws one) obey errors.tolerance.
  virtual Result<std::optional<ConnectRecord>> apply(ConnectRecord record) = 0;
  // True: topic, schemas, `op` and which structs are null decide all that it does; it moves or leaves out other values, or
  // adds constants, and neither reads nor changes headers, partition or timestamp. Then it is applied once to a plan
  // (connect/plan_folding.h) and not to each record. A default in the place of null may be left to the converter.
  virtual bool follows_plan() const { return false; }
};

class Predicate {
 public:
  virtual ~Predicate() = default;
  virtual bool test(const ConnectRecord& record) const = 0;
  virtual bool follows_plan() const { return false; }   // as Transform's
};

// One class that `transforms.<alias>.type` or `predicates.<alias>.type` can name; exactly one of the makers is set.
struct TransformClass {
  std::string_view class_name;                 // Java's: org.apache.kafka.connect.transforms.RegexRouter
  std::string_view version;
  const ConfigDef& (*config_def)();            // its options, without the prefix, in REST's order
  // `options`: without the prefix. Errors name the option and say what to set.
  Result<std::unique_ptr<Transform>> (*make_transform)(const Config& options) = nullptr;
  Result<std::unique_ptr<Predicate>> (*make_predicate)(const Config& options) = nullptr;
};

}  // namespace millrace
