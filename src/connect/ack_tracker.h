// AckTracker turns delivery reports, in any order, into the newest offset that is safe to store: the offset of
// the last checkpoint before which every record is acknowledged.
// Threads: all calls from the task's thread. Bound: `capacity` entries (one per checkpoint with records in flight),
// each with its offset text of some 150 bytes; full() asks the source to wait.
#pragma once

#include <cassert>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "core/source.h"

namespace millrace {

class AckTracker {
 public:
  explicit AckTracker(std::size_t capacity) : capacity_{capacity} {}

  bool full() const { return entries_.size() >= capacity_; }

  // A record was handed to Kafka. Gives the entry it belongs to: name it in ack().
  std::uint64_t add() {
    if (entries_.empty() || entries_.back().closed) entries_.push_back({});
    ++entries_.back().open_records;
    ++open_records_;
    return first_ + entries_.size() - 1;
  }

  // Everything added so far lies before this place.
  void checkpoint(Checkpoint place) {
    if (entries_.empty()) {   // nothing is in flight
      committable_ = std::move(place);
      return;
    }
    entries_.back().place = std::move(place);
    entries_.back().closed = true;
    advance();
  }

  void ack(std::uint64_t entry) {
    assert(entry >= first_ && entry - first_ < entries_.size());
    Entry& acknowledged = entries_[entry - first_];
    assert(acknowledged.open_records > 0);
    --acknowledged.open_records;
    --open_records_;
    advance();
  }

  // The newest place that became safe since the last take.
  std::optional<Checkpoint> take_committable() { return std::exchange(committable_, std::nullopt); }
  bool has_committable() const { return committable_.has_value(); }
  // Nothing is in flight and nothing waits for its checkpoint.
  bool empty() const { return entries_.empty(); }
  std::size_t open_records() const { return open_records_; }

 private:
  struct Entry {
    std::uint64_t open_records = 0;
    bool closed = false;
    Checkpoint place{};
  };

  void advance() {
    while (!entries_.empty() && entries_.front().closed && entries_.front().open_records == 0) {
      committable_ = std::move(entries_.front().place);
      entries_.pop_front();
      ++first_;
    }
  }

  const std::size_t capacity_;
  std::deque<Entry> entries_;       // from the oldest unacknowledged one
  std::uint64_t first_ = 0;         // number of entries_.front()
  std::size_t open_records_ = 0;
  std::optional<Checkpoint> committable_;
};

}  // namespace millrace
