// MongoOffset is Debezium's offset of its MongoDB connector: the position in the change stream after a record.
// Threads: plain values. Errors of parse: text that no Debezium wrote; they say how to mend it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/transaction_metadata.h"
#include "sources/mongodb/change_event.h"

namespace millrace::mongodb {

struct MongoOffset {
  std::optional<ClusterTime> time;       // none: {"sec":0,"ord":-1}
  std::string token;                     // BSON of the resume token document; empty: none
  bool snapshot_unfinished = false;      // "initsync"
  std::string lsid;                      // text, as in source.lsid; empty: not in a transaction
  std::optional<std::int64_t> txn_number;
  TransactionState transaction{};        // provide.transaction.metadata; not during a snapshot

  std::string text() const;              // JSON in the order of Java's HashMap
};

// resume_token is Base64 of BSON, or in old offsets the bare hex text of its _data.
Result<MongoOffset> parse_mongo_offset(std::string_view json);

}  // namespace millrace::mongodb
