#include "rest/http_server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <httplib.h>
#include <poll.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "core/log.h"
#include "rest/answer_json.h"
#include "rest/connection_loop.h"
#include "rest/listen_socket.h"
#include "rest/routes.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_body_bytes_max = 1 << 20;
constexpr std::size_t k_head_bytes_max = 32 << 10;      // the library bounds a line, not their number
constexpr std::size_t k_buffer_bytes = 4 << 10;
constexpr std::chrono::seconds k_write_max{5};
constexpr std::chrono::seconds k_linger_max{1};
constexpr const char* k_no_type = "none";               // stands for "no Content-Type", which the library would add

// Waits until `events` or the deadline.
bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{fd, events, 0};
    const int found = ::poll(&one, 1, static_cast<int>(left));
    if (found > 0) return true;
    if (found == 0 || errno != EINTR) return false;
  }
}

// One connection as the library sees it. The time for a whole request is bounded, and the answer leaves in one piece.
class Connection final : public httplib::Stream {
 public:
  explicit Connection(int fd) : fd_{fd} {}

  void begin_request(std::chrono::milliseconds time) {
    deadline_ = Clock::now() + time;
    head_bytes_left_ = k_head_bytes_max;
    in_head_ = true;
    close_ = true;              // until the head has been understood
    refusal_ = 0;
    content_type_.reset();
  }
  // From the library, when the head has been read; it may change the request before the library acts on it.
  void head_read(httplib::Request& request);

  bool has_more() const { return begin_ < end_; }
  bool close_after() const { return close_; }
  void ask_close() { close_ = true; }
  // While a body is being read a failure leaves the rest of it in the stream.
  void body_begins() { close_ = true; }
  void body_ended() { close_ = false; }
  int refusal() const { return refusal_; }
  const std::optional<std::string>& content_type() const { return content_type_; }
  bool flush();
  // A client that is still sending would lose the answer to a reset if the socket were closed at once.
  void linger();

  bool is_readable() const override { return has_more() || wait_for(fd_, POLLIN, deadline_); }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override {
    out_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return 0; }   // asked only to compare it with select's limit, which is not used
  std::string local_address() const;

 private:
  int fd_;
  Clock::time_point deadline_{};
  std::size_t head_bytes_left_ = 0;
  bool in_head_ = true;
  bool close_ = true;
  int refusal_ = 0;                                // status of an answer that does not need the body
  std::optional<std::string> content_type_{};
  std::array<char, k_buffer_bytes> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
};

ssize_t Connection::read(char* out, std::size_t size) {
  if (!has_more()) {
    // "100 Continue" must be out before the body can come.
    if (!out_.empty() && !flush()) return -1;
    if (!wait_for(fd_, POLLIN, deadline_)) return -1;
    const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  std::size_t taken = std::min(size, end_ - begin_);
  if (in_head_) {
    if (head_bytes_left_ == 0) return -1;
    taken = std::min(taken, head_bytes_left_);
    head_bytes_left_ -= taken;
  }
  std::copy_n(buffer_.data() + begin_, taken, out);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

bool Connection::flush() {
  // Connect's server calls 500 otherwise than the library.
  constexpr std::string_view k_library = "HTTP/1.1 500 Internal Server Error\r\n";
  if (out_.starts_with(k_library)) out_.replace(0, k_library.size(), "HTTP/1.1 500 Server Error\r\n");
  const auto deadline = Clock::now() + k_write_max;
  for (std::string_view rest = out_; !rest.empty();) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if ((errno != EAGAIN && errno != EINTR) || !wait_for(fd_, POLLOUT, deadline)) {
      return false;
    }
  }
  out_.clear();
  return true;
}

void Connection::linger() {
  ::shutdown(fd_, SHUT_WR);
  const auto deadline = Clock::now() + k_linger_max;
  while (wait_for(fd_, POLLIN, deadline) && ::recv(fd_, buffer_.data(), buffer_.size(), 0) > 0) {}
}

std::string Connection::local_address() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host.data(), host.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0)
    return "localhost";
  const std::string_view name = host.data();
  return name.find(':') == std::string_view::npos ? fmt::format("{}:{}", name, bound_port(fd_))
                                                  : fmt::format("[{}]:{}", name, bound_port(fd_));
}

void Connection::head_read(httplib::Request& request) {
  in_head_ = false;
  close_ = false;
  const auto take = [&request](const char* name) -> std::optional<std::string> {
    if (!request.has_header(name)) return std::nullopt;
    std::string text = request.get_header_value(name);
    request.headers.erase(name);
    return text;
  };
  // The library would compress answers, cut out ranges, unpack bodies and take forms apart; Connect does none of it.
  take("Accept-Encoding");
  take("Content-Encoding");
  request.ranges.clear();
  content_type_ = take("Content-Type");

  const std::size_t lengths = request.get_header_value_count("Content-Length");
  const std::string length_text = request.get_header_value("Content-Length");
  std::size_t length = 0;
  if (request.has_header("Transfer-Encoding")) {
    refusal_ = 411;             // the library would buffer an endless chunked body
  } else if (lengths > 0) {
    const auto [end, error] = std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
    const bool number = error == std::errc{} && end == length_text.data() + length_text.size();
    if (lengths > 1 || (!number && error != std::errc::result_out_of_range)) refusal_ = 400;
    else if (!number || length > k_body_bytes_max) refusal_ = 413;
  }
  // Without a length the library would read until the client hangs up.
  if (lengths == 0) request.set_header("Content-Length", "0");
  const bool reads_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH" ||
                          request.method == "DELETE";
  if (refusal_ != 0 || (length > 0 && !reads_body)) close_ = true;
  if (refusal_ != 0) request.headers.erase("Expect");
  if (close_) {
    request.headers.erase("Connection");
    request.set_header("Connection", "close");      // the library copies it into the answer
  }
  request.path = "/";           // handlers look at the target as it was sent
}

std::string http_date() { return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))); }

std::string joined_header(const httplib::Request& request, const char* name) {
  std::string out;
  const auto [begin, end] = request.headers.equal_range(name);
  for (auto at = begin; at != end; ++at) {
    if (!out.empty()) out += ',';
    out += at->second;
  }
  return out;
}

// The library's server, without its sockets and threads.
class LibraryServer final : public httplib::Server {
 public:
  LibraryServer(RestServer::Answer answer, RestLimits limits) : answer_{std::move(answer)}, limits_{limits} {
    set_payload_max_length(k_body_bytes_max);
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      const bool body_to_come = connection().refusal() == 0 && request.get_header_value("Content-Length") != "0";
      const bool reads_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH" ||
                              request.method == "DELETE";
      if (body_to_come && reads_body) {
        connection().body_begins();
        return HandlerResponse::Unhandled;
      }
      this->answer(request, response);
      return HandlerResponse::Handled;
    });
    const auto with_body = [this](const httplib::Request& request, httplib::Response& response) {
      connection().body_ended();
      this->answer(request, response);
    };
    Post("/", with_body);
    Put("/", with_body);
    Patch("/", with_body);
    Delete("/", with_body);
    set_post_routing_handler(&LibraryServer::tidy);
  }

  AfterAnswer serve(int fd) {
    Connection one{fd};
    do {
      one.begin_request(limits_.request);
      current_ = &one;
      bool closed_by_client = false;
      const bool served = process_request(one, false, closed_by_client,
                                          [&one](httplib::Request& request) { one.head_read(request); });
      current_ = nullptr;
      const bool written = one.flush();
      if (!served || !written) return AfterAnswer::close;
      if (one.close_after()) {
        one.linger();
        return AfterAnswer::close;
      }
      if (closed_by_client) return AfterAnswer::close;
    } while (one.has_more());
    return AfterAnswer::keep;
  }

 private:
  static Connection& connection() { return *current_; }
  void answer(const httplib::Request& request, httplib::Response& response);
  static void tidy(const httplib::Request&, httplib::Response& response);

  // The library's handlers get no argument of ours; a connection is served by one thread from begin to end.
  static thread_local Connection* current_;
  const RestServer::Answer answer_;
  RestLimits limits_;
};

thread_local Connection* LibraryServer::current_ = nullptr;

void LibraryServer::answer(const httplib::Request& request, httplib::Response& response) {
  HttpAnswer answer;
  if (connection().refusal() != 0) {
    answer = protocol_error(connection().refusal());
  } else {
    HttpRequest ours{.method = request.method, .target = request.target, .content_type = connection().content_type(),
                     .body = request.body};
    if (request.has_header("Accept")) ours.accept = joined_header(request, "Accept");
    ours.authority = request.has_header("Host") ? request.get_header_value("Host") : connection().local_address();
    ours.internal_signature = request.has_header("X-Connect-Authorization");
    answer = answer_(ours);
  }
  response.status = answer.status;
  response.body = std::move(answer.body);
  response.set_header("Content-Type", answer.content_type.empty() ? k_no_type : answer.content_type);
  if (!answer.location.empty()) response.set_header("Location", answer.location);
  if (!answer.allow.empty()) response.set_header("Allow", answer.allow);
  if (answer.close) {
    connection().ask_close();
    response.set_header("Connection", "close");
  }
}

// Last look at the headers, after the library has added its own.
void LibraryServer::tidy(const httplib::Request&, httplib::Response& response) {
  response.headers.erase("Keep-Alive");
  response.headers.erase("Accept-Ranges");
  if (response.get_header_value("Content-Type") == k_no_type) response.headers.erase("Content-Type");
  if (response.status == 204) response.headers.erase("Content-Length");
  if (connection().close_after() && !response.has_header("Connection")) response.set_header("Connection", "close");
  response.set_header("Date", http_date());
  response.set_header("Server", "millrace");
}

class Server final : public RestServer {
 public:
  Server(Answer answer, RestLimits limits) : library_{std::move(answer), limits} {}

  Result<void> start(const std::vector<Listener>& listeners) {
    MR_TRY(loop_, ConnectionLoop::open(listeners, [this](int fd) { return library_.serve(fd); }));
    return {};
  }
  int port() const override { return loop_->port(); }

 private:
  LibraryServer library_;
  std::unique_ptr<ConnectionLoop> loop_;     // last: ends before what it serves with
};

void warn_of_settings_without_effect(const Config& worker) {
  for (const char* setting : {"admin.listeners", "access.control.allow.origin", "response.http.headers.config",
                              "rest.extension.classes"})
    if (!worker.list(setting).empty())
      logger("org.apache.kafka.connect.runtime.rest.RestServer")
          ->warn("{} has no effect: millrace serves the whole REST API, without additions, on `listeners`", setting);
}

}  // namespace

Result<std::unique_ptr<RestServer>> RestServer::open(const std::vector<Listener>& listeners, Herder& herder,
                                                     const Config& worker, RestLimits limits) {
  warn_of_settings_without_effect(worker);
  const bool admin = !worker.has("admin.listeners") || !worker.list("admin.listeners").empty();
  const auto routes = std::make_shared<Routes>(herder, RouteSettings{.admin = admin});
  return open(listeners, [routes](const HttpRequest& request) { return routes->serve(request); }, limits);
}

Result<std::unique_ptr<RestServer>> RestServer::open(const std::vector<Listener>& listeners, Answer answer,
                                                     RestLimits limits) {
  for (const Listener& listener : listeners)
    if (listener.scheme != "http")
      return fail(fmt::format("Listener {}://{}:{} is not possible: millrace serves its REST API over http only",
                              listener.scheme, listener.host, listener.port),
                  Retry::no, k_config_exception);
  if (listeners.empty()) return fail("No listener is configured", Retry::no, k_config_exception);

  auto server = std::make_unique<Server>(std::move(answer), limits);
  MR_CHECK(server->start(listeners));
  return server;
}

}  // namespace millrace
