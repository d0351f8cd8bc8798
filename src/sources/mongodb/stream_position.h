// StreamPosition is a place in the change stream, and what an offset says of it.
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/transaction_metadata.h"
#include "sources/mongodb/mongo_offset.h"

namespace millrace::mongodb {

struct StreamPosition {
  std::optional<ClusterTime> time;       // of the event; none: it is not known
  std::string token;                     // BSON
  std::string session, lsid;             // BSON, and its text as in source.lsid; empty: not in a transaction. Of an offset the text alone
  std::optional<std::int64_t> txn_number;
  TransactionState transaction{};        // provide.transaction.metadata
  bool owes_end = false;                 // its END is still to come

  MongoOffset offset(bool snapshot_unfinished) const {
    return {.time = time, .token = token, .snapshot_unfinished = snapshot_unfinished, .lsid = lsid, .txn_number = txn_number,
            .transaction = transaction};
  }
};

}  // namespace millrace::mongodb
