// When the catalog shows what a transaction did to it. The server sends a transaction once its COMMIT is in the WAL;
// other sessions see it a little later, with synchronous replication only when a standby has answered.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/error.h"
#include "core/wake.h"
#include "sources/postgres/connection.h"

namespace millrace::postgres {

// Asks until other sessions see the transaction. False: they did not within `time_max`. `xid`: as pgoutput's Begin has it.
// Errors: the query's; "stopped", retriable.
Result<bool> wait_until_visible(Connection& connection, std::uint32_t xid, const StopSignal& stop, std::chrono::milliseconds time_max);

}  // namespace millrace::postgres
