// SnapshotBeginning sees to it that an offset which says that a snapshot has begun is durable before its first record is sent: one that
// is taken anew after a crash is then known as such, and what was deleted in between comes before it.
// Threads: one task's thread. Lifetime: one snapshot.
#pragma once

#include <cstdint>

#include "core/source.h"

namespace millrace {

class SnapshotBeginning {
 public:
  // May records be sent? `offset` gives the text of the offset, once. After a false the task wakes when it is stored.
  bool is_stored(RecordSink& sink, const auto& offset) {
    if (state_ == State::stored) [[likely]] return true;
    if (state_ == State::unknown) {
      sink.checkpoint({.offset = offset(), .shown = false});
      state_ = State::being_stored;
    } else if (sink.settled()) {
      state_ = State::stored;
      return true;
    }
    sink.flush_soon();   // again and again: what comes before it may still be on its way
    return false;
  }
  bool waits() const { return state_ == State::being_stored; }

 private:
  enum class State : std::uint8_t { unknown, being_stored, stored };
  State state_ = State::unknown;
};

}  // namespace millrace
