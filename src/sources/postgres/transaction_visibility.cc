#include "sources/postgres/transaction_visibility.h"

#include <algorithm>
#include <string>

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// $1 the lower 32 bits of a transaction id; the upper ones are those that bring it next to the newest id. The txid functions
// are the older names of the pg_snapshot ones, known to every server.
constexpr const char* k_query = R"(
SELECT pg_catalog.txid_visible_in_snapshot(newest + ((($1::bigint - newest) + 2147483648) & 4294967295) - 2147483648, seen)
FROM (SELECT seen, pg_catalog.txid_snapshot_xmax(seen) AS newest FROM pg_catalog.txid_current_snapshot() AS seen) s)";

constexpr milliseconds k_pause_max{50};

}  // namespace

Result<bool> wait_until_visible(Connection& connection, std::uint32_t xid, const StopSignal& stop, milliseconds time_max) {
  const auto end = Clock::now() + time_max;
  for (milliseconds pause{1};; pause = std::min(pause * 2, k_pause_max)) {
    MR_TRY(const Rows rows, connection.query(k_query, {std::to_string(xid)}));
    if (rows.size() == 1 && rows.text(0, 0) == "t") return true;
    if (Clock::now() >= end) return false;
    if (stop.requested_within(pause)) return fail("stopped", Retry::yes);
  }
}

}  // namespace millrace::postgres
