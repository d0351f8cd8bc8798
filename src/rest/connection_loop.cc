#include "rest/connection_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/wake.h"
#include "rest/listen_socket.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_threads = 4;
constexpr std::size_t k_threads_max = 32;
constexpr std::size_t k_connections_max = 256;
constexpr std::chrono::seconds k_idle_max{90};    // as Connect's server; clients keep connections for 30 s

struct Waiting {
  Descriptor fd;
  Clock::time_point until;
};

}  // namespace

struct ConnectionLoop::Impl {
  explicit Impl(Serve serve_function) : serve{std::move(serve_function)} {}

  void watch();
  std::vector<pollfd> watched() const;
  int wait_ms() const;
  void accept_all(int listener);
  void dispatch_readable(const std::vector<pollfd>& polled);
  void take_returned();
  void start_work(Descriptor fd);
  void work();

  Serve serve;
  std::vector<Descriptor> listeners;
  StopSignal stop;
  std::thread watcher;

  std::vector<Waiting> waiting;               // the watcher's own; oldest first
  Wake returned_wake;

  std::mutex mutex;                           // guards what follows
  std::vector<Descriptor> returned;           // answered, to be watched again
  std::deque<Descriptor> ready;               // to be served
  std::size_t threads = 0;
  std::size_t threads_idle = 0;
  std::condition_variable changed;
};

void ConnectionLoop::Impl::watch() {
  while (!stop.requested()) {
    std::vector<pollfd> polled = watched();
    if (::poll(polled.data(), polled.size(), wait_ms()) < 0) continue;   // a signal
    dispatch_readable(polled);
    for (std::size_t i = 0; i < listeners.size(); ++i)
      if (polled[2 + i].revents != 0) accept_all(listeners[i].get());
    take_returned();
    const auto now = Clock::now();
    std::erase_if(waiting, [now](const Waiting& one) { return one.until <= now; });
  }
}

// Stop, returned, the listeners, then the waiting connections.
std::vector<pollfd> ConnectionLoop::Impl::watched() const {
  std::vector<pollfd> out{{stop.fd(), POLLIN, 0}, {returned_wake.fd(), POLLIN, 0}};
  out.reserve(2 + listeners.size() + waiting.size());
  for (const Descriptor& listener : listeners) out.push_back({listener.get(), POLLIN, 0});
  for (const Waiting& one : waiting) out.push_back({one.fd.get(), POLLIN, 0});
  return out;
}

int ConnectionLoop::Impl::wait_ms() const {
  if (waiting.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting.front().until - Clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()));
}

void ConnectionLoop::Impl::accept_all(int listener) {
  for (;;) {
    Descriptor fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
    if (fd.get() < 0) {
      // Out of descriptors: the connection stays in the queue; one less of ours makes room for it.
      if ((errno == EMFILE || errno == ENFILE) && !waiting.empty()) waiting.erase(waiting.begin());
      return;
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (waiting.size() >= k_connections_max) waiting.erase(waiting.begin());
    waiting.push_back({std::move(fd), Clock::now() + k_idle_max});
  }
}

void ConnectionLoop::Impl::dispatch_readable(const std::vector<pollfd>& polled) {
  const std::size_t first = 2 + listeners.size();
  std::vector<Waiting> still;
  still.reserve(waiting.size());
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (polled[first + i].revents == 0) still.push_back(std::move(waiting[i]));
    else start_work(std::move(waiting[i].fd));
  }
  waiting = std::move(still);
}

void ConnectionLoop::Impl::take_returned() {
  returned_wake.drain();
  std::vector<Descriptor> fresh;
  {
    const std::scoped_lock lock{mutex};
    fresh.swap(returned);
  }
  for (Descriptor& fd : fresh) waiting.push_back({std::move(fd), Clock::now() + k_idle_max});
}

void ConnectionLoop::Impl::start_work(Descriptor fd) {
  const std::scoped_lock lock{mutex};
  ready.push_back(std::move(fd));
  if (ready.size() > threads_idle && threads < k_threads_max) {
    ++threads;
    std::thread{[this] { work(); }}.detach();   // the destructor waits for `threads` to become 0
  }
  changed.notify_all();
}

void ConnectionLoop::Impl::work() {
  std::unique_lock lock{mutex};
  for (;;) {
    if (ready.empty() && threads > k_threads) break;
    ++threads_idle;
    changed.wait(lock, [this] { return !ready.empty() || stop.requested(); });
    --threads_idle;
    if (stop.requested()) break;
    Descriptor fd = std::move(ready.front());
    ready.pop_front();
    lock.unlock();
    const AfterAnswer after = serve(fd.get());
    if (after == AfterAnswer::close) fd.reset();
    lock.lock();
    if (after == AfterAnswer::keep) {
      returned.push_back(std::move(fd));
      returned_wake.ring();
    }
  }
  --threads;
  changed.notify_all();
}

ConnectionLoop::ConnectionLoop(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Result<std::unique_ptr<ConnectionLoop>> ConnectionLoop::open(const std::vector<Listener>& listeners, Serve serve) {
  auto impl = std::make_unique<Impl>(std::move(serve));
  for (const Listener& listener : listeners) {
    MR_TRY(Descriptor fd, listen_on(listener));
    impl->listeners.push_back(std::move(fd));
  }
  impl->watcher = std::thread{[loop = impl.get()] { loop->watch(); }};
  return std::unique_ptr<ConnectionLoop>{new ConnectionLoop{std::move(impl)}};
}

ConnectionLoop::~ConnectionLoop() {
  impl_->stop.request();
  impl_->watcher.join();
  impl_->listeners.clear();
  impl_->waiting.clear();
  std::unique_lock lock{impl_->mutex};
  impl_->changed.notify_all();
  impl_->changed.wait(lock, [this] { return impl_->threads == 0; });
}

int ConnectionLoop::port() const {
  return impl_->listeners.empty() ? 0 : bound_port(impl_->listeners.front().get());
}

}  // namespace millrace
