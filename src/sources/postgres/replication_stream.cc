#include "sources/postgres/replication_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "core/bytes.h"

namespace millrace::postgres {
namespace {

// A busy stream wakes us once per 64 KiB or 2 ms instead of once per few rows: a fourth of the CPU per row.
constexpr int k_gather_bytes = 64 * 1024;
constexpr std::chrono::milliseconds k_gather_wait{2};
// Silence for so many status intervals, each with a request for an answer: the server or the network is gone.
constexpr int k_silent_intervals_max = 6;

std::int64_t postgres_now_us() {
  constexpr std::int64_t k_seconds_1970_to_2000 = 946'684'800;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() - k_seconds_1970_to_2000 * 1'000'000;
}

void put_u64(char*& at, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) *at++ = static_cast<char>(value >> shift);
}

}  // namespace

ReplicationStream::ReplicationStream(Connection connection, std::chrono::milliseconds status_interval)
    : connection_{std::move(connection)},
      status_interval_{status_interval},
      last_status_{Clock::now()},
      last_received_{last_status_},
      last_drained_{last_status_} {}

Result<ReplicationStream> ReplicationStream::start(Connection connection, const std::string& command,
                                                   std::chrono::milliseconds status_interval) {
  MR_CHECK(connection.start_copy(command));
  return ReplicationStream{std::move(connection), status_interval};
}

Result<ReplicationStream::Frame> ReplicationStream::next() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    MR_TRY(message_, connection_.next_copy_message());
    if (message_.finished)
      return fail("PostgreSQL ended the replication stream", Retry::yes, "org.postgresql.util.PSQLException");
    if (message_.data) return parse();
    if (attempt == 0) MR_CHECK(connection_.consume_input());
  }
  return Frame{};
}

Result<ReplicationStream::Frame> ReplicationStream::parse() {
  ByteReader in{message_.view()};
  Frame frame;
  switch (const char kind = static_cast<char>(in.u8()); kind) {
    case 'w': {
      frame.kind = Frame::Kind::data;
      frame.lsn = in.u64();
      const Lsn server_end = in.u64();
      in.u64();   // send time
      frame.payload = in.bytes(in.remaining());
      received_ = std::max({received_, frame.lsn, server_end});
      break;
    }
    case 'k':
      frame.kind = Frame::Kind::keepalive;
      frame.lsn = in.u64();
      in.u64();   // send time
      frame.reply_requested = in.u8() != 0;
      received_ = std::max(received_, frame.lsn);
      break;
    default:
      return fail("Malformed replication stream: message of unknown kind " + std::to_string(kind));
  }
  if (!in.done()) return fail("Malformed replication stream: a message of " + std::to_string(message_.size) + " bytes is cut");
  return frame;
}

Result<void> ReplicationStream::send_status(bool ask) {
  std::array<char, 34> message;
  char* at = message.data();
  *at++ = 'r';
  put_u64(at, received_);
  put_u64(at, flushed_);
  put_u64(at, flushed_);
  put_u64(at, static_cast<std::uint64_t>(postgres_now_us()));
  const auto now = Clock::now();
  *at = ask || now - last_received_ >= status_interval_ ? 1 : 0;   // silence: ask whether the server is still there
  last_status_ = now;
  return connection_.send_copy_message({message.data(), message.size()});
}

Result<void> ReplicationStream::send_status_if_due() {
  const auto now = Clock::now();
  if (now - last_status_ < status_interval_) return {};
  const bool reading = now - last_drained_ < status_interval_;   // not while Kafka makes us wait
  if (reading && now - last_received_ > status_interval_ * k_silent_intervals_max)
    return fail("PostgreSQL has not answered for " +
                    std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - last_received_).count()) +
                    " s; connecting again", Retry::yes, "org.postgresql.util.PSQLException");
  return send_status();
}

ReplicationStream::Clock::time_point ReplicationStream::deadline() const {
  return gathering_ ? Clock::now() + k_gather_wait : last_status_ + status_interval_;
}

void ReplicationStream::batch_drained(std::size_t bytes) {
  const auto now = Clock::now();
  if (bytes > 0 || now - last_drained_ >= status_interval_) last_received_ = now;
  last_drained_ = now;
  const bool busy = bytes >= static_cast<std::size_t>(k_gather_bytes) / 4;
  if (busy == gathering_) return;
  const int low_water = busy ? k_gather_bytes : 1;
  // Without the option everything works, only with more wake-ups.
  if (::setsockopt(connection_.socket(), SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water) == 0) gathering_ = busy;
}

}  // namespace millrace::postgres
