#include "sources/mongodb/interruptible_stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::mongodb {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int k_stream_type = 100;      // libmongoc knows its own types only; others it treats by the interface alone
constexpr std::size_t k_stream_buffer = 1024;
constexpr int k_keepalive_idle_s = 30, k_keepalive_interval_s = 10, k_keepalive_count = 3;   // a dead peer: a minute

struct Stream {
  mongoc_stream_t interface{};          // first: libmongoc holds a pointer to it
  int fd = -1;
  const StreamSettings* settings = nullptr;
  bool timed_out = false;
};

Stream& of(mongoc_stream_t* stream) { return *reinterpret_cast<Stream*>(stream); }

bool stopped(const StreamSettings& settings) {
  return std::ranges::any_of(settings.stops, [](const StopSignal* stop) { return stop != nullptr && stop->requested(); });
}

// When a wait of so many milliseconds ends; below zero: never.
Clock::time_point end_of(std::int64_t timeout_ms) {
  return timeout_ms < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds{timeout_ms};
}

int milliseconds_until(Clock::time_point end) {
  if (end == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// True: the descriptor is ready. False: errno says ETIMEDOUT or, when a signal was raised, ECANCELED.
bool wait_for(int fd, short events, const StreamSettings& settings, Clock::time_point end) {
  while (true) {
    std::array<pollfd, 3> fds{{{fd, events, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}}};
    for (std::size_t i = 0; i < settings.stops.size(); ++i)
      if (settings.stops[i] != nullptr) fds[i + 1].fd = settings.stops[i]->fd();
    const int ready = ::poll(fds.data(), fds.size(), milliseconds_until(end));
    if (ready < 0 && errno != EINTR) return false;
    if (stopped(settings)) {
      errno = ECANCELED;
      return false;
    }
    if (ready > 0 && fds[0].revents != 0) return true;
    if (Clock::now() >= end) {
      errno = ETIMEDOUT;
      return false;
    }
  }
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Both directions: calls transfer(iovec*, count) until `wanted` bytes are through; -1 with errno set on failure.
template <typename Transfer>
ssize_t transfer_all(Stream& stream, mongoc_iovec_t* vectors, std::size_t count, std::size_t wanted, int timeout_ms, short events,
                     Transfer transfer) {
  stream.timed_out = false;
  const auto end = end_of(timeout_ms);
  std::vector<iovec> left(vectors, vectors + count);
  std::size_t first = 0, done = 0;
  while (first < left.size()) {
    const ssize_t bytes = transfer(stream.fd, left.data() + first, static_cast<int>(left.size() - first));
    if (bytes < 0 && !would_block(errno)) return -1;
    if (bytes == 0 && events == POLLIN) break;   // the server has closed
    if (bytes > 0) {
      done += static_cast<std::size_t>(bytes);
      for (auto rest = static_cast<std::size_t>(bytes); first < left.size() && rest >= left[first].iov_len; ++first)
        rest -= left[first].iov_len, left[first].iov_len = 0;
      if (first < left.size()) {
        std::size_t used = done;
        for (std::size_t i = 0; i < first; ++i) used -= vectors[i].iov_len;
        left[first] = {static_cast<char*>(vectors[first].iov_base) + used, vectors[first].iov_len - used};
      }
      if (done >= wanted) break;
      continue;
    }
    if (!wait_for(stream.fd, events, *stream.settings, end)) {
      stream.timed_out = errno == ETIMEDOUT;
      return -1;
    }
  }
  if (done == 0 && events == POLLIN) {
    errno = ECONNRESET;
    return 0;
  }
  return static_cast<ssize_t>(done);
}

int close_stream(mongoc_stream_t* base) {
  const int fd = std::exchange(of(base).fd, -1);
  return fd < 0 ? 0 : ::close(fd);
}
void destroy_stream(mongoc_stream_t* base) {
  close_stream(base);
  delete &of(base);
}
int flush_stream(mongoc_stream_t*) { return 0; }
ssize_t write_stream(mongoc_stream_t* base, mongoc_iovec_t* vectors, std::size_t count, std::int32_t timeout_ms) {
  std::size_t all = 0;
  for (std::size_t i = 0; i < count; ++i) all += vectors[i].iov_len;
  return transfer_all(of(base), vectors, count, all, timeout_ms, POLLOUT, [](int fd, iovec* left, int n) {
    msghdr message{};
    message.msg_iov = left;
    message.msg_iovlen = static_cast<std::size_t>(n);
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
  });
}
ssize_t read_stream(mongoc_stream_t* base, mongoc_iovec_t* vectors, std::size_t count, std::size_t min_bytes, std::int32_t timeout_ms) {
  return transfer_all(of(base), vectors, count, std::max<std::size_t>(1, min_bytes), timeout_ms, POLLIN,
                      [](int fd, iovec* left, int n) { return ::readv(fd, left, n); });
}
int set_stream_option(mongoc_stream_t* base, int level, int name, void* value, mongoc_socklen_t size) {
  return ::setsockopt(of(base).fd, level, name, value, size);
}
bool is_closed(mongoc_stream_t* base) {
  char byte = 0;
  const ssize_t bytes = ::recv(of(base).fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return bytes == 0 || (bytes < 0 && !would_block(errno));
}
ssize_t poll_streams(mongoc_stream_poll_t* streams, std::size_t count, std::int32_t timeout_ms) {
  std::vector<pollfd> fds;
  for (std::size_t i = 0; i < count; ++i) fds.push_back({of(streams[i].stream).fd, static_cast<short>(streams[i].events), 0});
  for (const StopSignal* stop : of(streams[0].stream).settings->stops)
    if (stop != nullptr) fds.push_back({stop->fd(), POLLIN, 0});
  const int ready = ::poll(fds.data(), fds.size(), timeout_ms);
  for (std::size_t i = 0; i < count; ++i) streams[i].revents = ready > 0 ? fds[i].revents : 0;
  if (ready > 0 && stopped(*of(streams[0].stream).settings)) {
    errno = ECANCELED;
    return -1;
  }
  return ready;
}
bool has_timed_out(mongoc_stream_t* base) { return of(base).timed_out; }
bool should_retry(mongoc_stream_t*) { return false; }   // a wait is never cut short but by its end or a signal

mongoc_stream_t* make_stream(int fd, const StreamSettings& settings) {
  auto* stream = new Stream;
  stream->fd = fd;
  stream->settings = &settings;
  stream->interface.type = k_stream_type;
  stream->interface.destroy = destroy_stream;
  stream->interface.failed = destroy_stream;
  stream->interface.close = close_stream;
  stream->interface.flush = flush_stream;
  stream->interface.writev = write_stream;
  stream->interface.readv = read_stream;
  stream->interface.setsockopt = set_stream_option;
  stream->interface.check_closed = is_closed;
  stream->interface.poll = poll_streams;
  stream->interface.timed_out = has_timed_out;
  stream->interface.should_retry = should_retry;
  return &stream->interface;
}

void set_up(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &k_keepalive_idle_s, sizeof k_keepalive_idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &k_keepalive_interval_s, sizeof k_keepalive_interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &k_keepalive_count, sizeof k_keepalive_count);
}

// A connected socket, or -1 with errno set.
int connect_to(const sockaddr* address, socklen_t size, const StreamSettings& settings, Clock::time_point end) {
  const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (address->sa_family != AF_UNIX) set_up(fd);
  int error = ::connect(fd, address, size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    socklen_t length = sizeof error;
    if (!wait_for(fd, POLLOUT, settings, end)) error = errno;
    else if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  }
  if (error == 0) return fd;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace

int connect_to_host(const mongoc_host_list_t& host, const StreamSettings& settings, std::chrono::milliseconds time, std::string& problem) {
  const auto end = end_of(time.count());
  if (host.family == AF_UNIX) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string_view path{host.host};
    if (path.size() >= sizeof address.sun_path) {
      problem = "The path of the Unix socket is longer than " + std::to_string(sizeof address.sun_path - 1) + " bytes: " + std::string{path};
      return -1;
    }
    path.copy(address.sun_path, path.size());
    const int fd = connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, settings, end);
    if (fd < 0) problem = std::string{"Failed to connect to "} + host.host + ": " + std::strerror(errno);
    return fd;
  }
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failure = ::getaddrinfo(host.host, std::to_string(host.port).c_str(), &hints, &found);
  if (failure != 0) {
    problem = std::string{"Failed to resolve "} + host.host + ": " + ::gai_strerror(failure);
    return -1;
  }
  int fd = -1;
  for (const addrinfo* at = found; at != nullptr && fd < 0 && !stopped(settings); at = at->ai_next)
    fd = connect_to(at->ai_addr, at->ai_addrlen, settings, end);
  if (fd < 0) problem = std::string{"Failed to connect to "} + host.host_and_port + ": " + std::strerror(errno);
  ::freeaddrinfo(found);
  return fd;
}

mongoc_stream_t* initiate_stream(const mongoc_uri_t* uri, const mongoc_host_list_t* host, void* user, bson_error_t* error) {
  auto& settings = *static_cast<StreamSettings*>(user);
  const std::int32_t timeout_ms = mongoc_uri_get_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, 10'000);
  std::string problem;
  const int fd = connect_to_host(*host, settings, std::chrono::milliseconds{timeout_ms > 0 ? timeout_ms : 10'000}, problem);
  if (fd < 0) {
    bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_CONNECT, "%s", problem.c_str());
    return nullptr;
  }
  mongoc_stream_t* stream = make_stream(fd, settings);
  if (settings.tls) {
    mongoc_stream_t* const secured = mongoc_stream_tls_new_with_hostname(stream, host->host, &settings.ssl, 1);
    if (secured == nullptr) {
      mongoc_stream_destroy(stream);
      bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET,
                     "The TLS settings cannot be used: look at the certificate files of mongodb.ssl.* or the connection string");
      return nullptr;
    }
    stream = secured;
    if (!mongoc_stream_tls_handshake_block(stream, host->host, timeout_ms, error)) {
      mongoc_stream_destroy(stream);
      return nullptr;
    }
  }
  return mongoc_stream_buffered_new(stream, k_stream_buffer);
}

}  // namespace millrace::mongodb
