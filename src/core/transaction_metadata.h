// TransactionMetadata is provide.transaction.metadata of all Debezium connectors: it counts the events of a transaction,
// fills the "transaction" block of each, and makes the BEGIN and END records of the transaction topic.
// The source says which transaction runs; what its id looks like in a record (PostgreSQL adds the event's LSN) is given
// with every call, what stands in the offset is the plain id.
// Threads: one task's thread. Lifetime: a block's Datum is dead at the next call. Bounds: one counter for each collection
// of the running transaction.
// Source: Debezium 2.7's TransactionContext and TransactionMonitor; core/offset_text.h for the offset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/offset_text.h"
#include "core/record.h"
#include "core/source.h"

namespace millrace {

// What an offset says of the transaction in which it lies.
struct TransactionState {
  std::string id;                                              // empty: none
  std::vector<std::pair<std::string, std::int64_t>> counts;    // events of each collection so far
  std::size_t collections_max = 0;   // of any transaction: Java's map keeps the table that it once grew to, which shows in its order
  std::vector<std::size_t> in_javas_order() const;
  bool operator==(const TransactionState& other) const { return id == other.id && counts == other.counts; }
};
void add_members(OffsetMembers& members, const TransactionState& state);
inline constexpr std::string_view k_transaction_id_member = "transaction_id";
inline constexpr std::string_view k_transaction_count_prefix = "transaction_data_collection_order_";

// <topic.prefix><topic.delimiter><topic.transaction>
std::string transaction_topic(const Config& config);

class TransactionMetadata {
 public:
  explicit TransactionMetadata(std::string topic);

  const TransactionState& state() const { return state_; }
  void restore(const TransactionState& state);   // as an offset told it: the counters go on

  // `id`: as the offset holds it. All counters start anew.
  void begin(std::string id);
  void end();
  bool in_progress() const { return !state_.id.empty(); }

  // Counts one event and gives its block; `shown_id`: as its record shows it.
  Datum event(std::string_view shown_id, std::string_view collection);

  Result<void> emit_begin(std::string_view shown_id, std::int64_t ts_ms, RecordSink& sink);
  Result<void> emit_end(std::string_view shown_id, std::int64_t ts_ms, RecordSink& sink);

 private:
  std::int64_t& counter(std::string_view collection);
  Value counts() const;

  RecordPlan plan_;
  TransactionState state_;
  std::int64_t total_ = 0;
  std::unordered_map<std::string, std::size_t> places_;   // of the collections in state_.counts
  std::size_t last_place_ = 0;
  Value block_;
};

}  // namespace millrace
