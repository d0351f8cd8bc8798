// ChangeEvent is one document of a change stream, taken apart; nothing is copied.
// Servers 4.4 to 8.0: wallTime came with 6.0, lsid and txnNumber only inside transactions; unknown members are passed over.
// Source: MongoDB manual, "Change Events". Errors: a member of the wrong type, bytes that are no BSON. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "sources/mongodb/bson_view.h"

namespace millrace::mongodb {

struct ClusterTime {
  std::uint32_t seconds = 0, increment = 0;
  auto operator<=>(const ClusterTime&) const = default;
};

enum class Operation : std::uint8_t { insert, update, replace, remove, invalidate, other };

// $changeStreamSplitLargeEvent: one event in several documents, each with some of its members. (split_events.h puts them together.)
struct Fragment {
  std::int64_t number = 0, of = 0;   // from 1
};

struct ChangeEvent {
  BsonView token;                              // the event's _id
  Operation operation = Operation::other;
  std::string_view operation_name;             // as sent
  std::optional<ClusterTime> cluster_time;
  std::optional<std::int64_t> wall_time_ms;
  std::string_view database, collection;
  BsonView document_key;                       // this and the following: empty when absent or null
  BsonView full_document, full_document_before;
  BsonView update_description;
  BsonView lsid;
  std::optional<std::int64_t> txn_number;
  std::optional<Fragment> fragment;            // then operation and other members may be absent
};

Result<ChangeEvent> decode_change_event(BsonView document);

BsonView token_of(BsonView event);   // empty: it has none

// The cluster time in a resume token: the hex text of its _data begins with 82, seconds and increment. None: another product's.
std::optional<ClusterTime> time_of_token(BsonView token);

}  // namespace millrace::mongodb
