// SlabRing is the memory of record values between their conversion and Kafka's delivery report.
// A value is written at the end of the current slab and handed to the producer without a copy; the slab counts
// its open values and is free again at zero. No allocation per value.
// Bound: slab_count * slab_bytes, plus values larger than a slab, which get memory of their own (at most one
// such value more than the ring when ready() is asked before each message).
// Threads: one task's thread, as delivery reports are polled there.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/output.h"

namespace millrace {

class SlabRing {
 public:
  SlabRing(std::size_t slab_count, std::size_t slab_bytes);
  ~SlabRing();

  // Can a value be begun? False while the current slab is nearly full and no other is free, or while
  // oversized values hold more than a quarter of the ring's size: very large ones go one at a time.
  bool ready() const;

  // Begins a value; write to the Output, then finish() or abandon() it. One value at a time.
  Output& begin();
  struct Piece {
    std::string_view bytes;
    std::uint16_t slab;      // give it back to release() once the value is acknowledged
  };
  Piece finish();
  void abandon();

  void release(std::uint16_t slab);
  std::size_t bytes_in_use() const;   // slabs that hold open values, oversized ones included

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace
