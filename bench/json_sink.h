// Where the benchmarks' records go: JSON, as a task makes it of them, and no further.
// Threads: one.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "core/idle_sink.h"
#include "core/slab.h"
#include "format/converter.h"

namespace millrace {

inline std::unique_ptr<Converter> json_converter() {
  return std::move(make_converter("org.apache.kafka.connect.json.JsonConverter", Config{{{"schemas.enable", "false"}}})).value();
}

// Key and value by a plan that is compiled once: of one plan's records.
class JsonSink final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    if (value_ == nullptr) {
      MR_TRY(key_, converter_->compile(*record.plan->key));
      MR_TRY(value_, converter_->compile(*record.plan->value));
    }
    key_bytes_.clear();
    MR_CHECK(key_->write(record.slots, key_bytes_));
    MR_CHECK(value_->write(record.slots, ring_.begin()));
    const SlabRing::Piece piece = ring_.finish();
    bytes = piece.bytes.size();
    ring_.release(piece.slab);
    return {};
  }

  std::size_t bytes = 0;   // of the last value

 private:
  std::unique_ptr<Converter> converter_ = json_converter();
  std::unique_ptr<CompiledShape> key_, value_;
  StringOutput key_bytes_;
  SlabRing ring_{8, 4 << 20};
};

}  // namespace millrace
