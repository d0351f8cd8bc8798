// Transforms that only route or reshape are applied to a plan once, not to each record: the plan's slots are marked
// (SlotMark), the marked tree goes through the transforms, and where the marks come out is the new plan. Its records are
// written by the fast path, with the slots as the source filled them.
//
// What a transform may look at beside the schemas makes cases of one plan: `op`, and which parts are null.
// Threads: one task's thread. Bounds: a plan has as many foldings as its events have cases, 64 at most.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "connect/transform_chain.h"
#include "core/record.h"

namespace millrace {

// Finds the case of a record of one plan.
class PlanCases {
 public:
  explicit PlanCases(const RecordPlan& plan);
  // None: this plan has too many parts that may be null, or the case is not to be folded (a null-or-not part that has
  // fields of its own, such as the transaction block).
  std::optional<std::uint64_t> of(const Record& record) const;

 private:
  std::uint16_t op_ = k_no_slot;
  std::vector<std::uint16_t> presence_;    // null or not, each a bit
  std::vector<std::uint16_t> must_be_null_;
  bool too_many_ = false;
};

struct FoldedPlan {
  bool dropped = false;
  RecordPlan plan;         // value none: a tombstone
};

// What the chain makes of the records that are of the same case as `record`. None: they take the general path.
std::optional<FoldedPlan> fold(const TransformChain& chain, const Record& record);
// The same, made once for each case and kept with the record's plan, to which nothing else may be attached. Null: the general path.
const FoldedPlan* folded(const TransformChain& chain, const Record& record);

}  // namespace millrace
