// TransformChain is what `transforms` and `predicates` of a connector's configuration make of its records.
// Threads: one task's thread; find_transform() any.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/source.h"
#include "core/transform.h"

namespace millrace {

// By class name, or by the simple name where only one class has it ("RegexRouter"), as Connect's plugins are named.
// `source`: its own transforms are known too. Null: unknown.
const TransformClass* find_transform(std::string_view name, const SourceRegistration& source);

class TransformChain {
 public:
  // `connector`: its whole configuration, resolved. Errors: unknown classes, options that a class refuses.
  static Result<TransformChain> create(const Config& connector, const SourceRegistration& source);

  bool empty() const { return steps_.empty(); }
  bool follows_plan() const;   // all of it does (core/transform.h)
  // None: dropped.
  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) const;
  // The same for one record of the source behind the other: a tombstone shares its headers with the delete before it.
  Result<std::optional<ConnectRecord>> apply_next(const Record& record);

 private:
  struct Step {
    std::unique_ptr<Transform> transform;
    std::shared_ptr<const Predicate> predicate;   // null: every record
    bool negate = false;
  };
  std::vector<Step> steps_;
  std::vector<Header> tombstone_headers_;   // added in place to the last record's
};

}  // namespace millrace
