// IdleSink is always ready and keeps no offsets: the base of sinks that only look at records, in tests, fuzz targets and benchmarks.
// Threads: one.
#pragma once

#include <string>

#include "core/source.h"

namespace millrace {

class IdleSink : public RecordSink {
 public:
  bool ready() const override { return true; }
  void checkpoint(Checkpoint) override {}
  void store_before_next(Checkpoint) override {}
  void flush_soon() override {}
  bool settled() const override { return true; }
};

}  // namespace millrace
