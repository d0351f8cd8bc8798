// FakeMongo is a server for tests on a free port of loopback: it answers hello as the primary of a set "rs0" and gives every other
// command to a function of the test. Threads: the function is called from the connections' threads, one at a time.
// Source: MongoDB manual, "MongoDB Wire Protocol" (OP_QUERY for the first hello, then OP_MSG with one body section).
#pragma once

#include <arpa/inet.h>
#include <bson/bson.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sources/mongodb/client.h"

namespace millrace::mongodb {

class FakeMongo {
 public:
  // Relaxed extended JSON of the reply; none: the connection is closed. `name`: of the command; `text`: all of it as JSON.
  using Answer = std::function<std::optional<std::string>(std::string_view name, const std::string& text)>;

  explicit FakeMongo(Answer answer) : answer_{std::move(answer)}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    acceptor_ = std::thread{[this] { accept_all(); }};
  }
  ~FakeMongo() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock{mutex_};
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : connections_) thread.join();
    ::close(listener_);
  }
  FakeMongo(const FakeMongo&) = delete;
  FakeMongo& operator=(const FakeMongo&) = delete;

  // `user`: "name:password@", or nothing.
  std::string uri(const std::string& user = "", const std::string& options = "") const {
    return "mongodb://" + user + address_ + "/?replicaSet=rs0" + options;
  }

 private:
  static constexpr std::uint32_t k_query = 2004, k_reply = 1, k_message = 2013;
  static constexpr std::size_t k_header = 16;

  void accept_all() {
    for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0; fd = ::accept(listener_, nullptr, nullptr)) {
      const std::lock_guard lock{mutex_};
      open_.push_back(fd);
      connections_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    while (answer_one(fd)) {}
    const std::lock_guard lock{mutex_};
    std::erase(open_, fd);
    ::close(fd);
  }

  bool answer_one(int fd) {
    std::uint32_t header[4];   // length, request, response to, operation
    if (::recv(fd, header, sizeof header, MSG_WAITALL) != sizeof header || header[0] < k_header) return false;
    std::vector<std::uint8_t> body(header[0] - k_header);
    if (::recv(fd, body.data(), body.size(), MSG_WAITALL) != static_cast<ssize_t>(body.size())) return false;
    // OP_QUERY: flags, name of a collection, two numbers, document. OP_MSG: flags, kind 0, document.
    const std::size_t at = header[3] == k_query ? 4 + std::strlen(reinterpret_cast<const char*>(body.data()) + 4) + 1 + 8 : 5;
    bson_t command;
    if (!bson_init_static(&command, body.data() + at, static_cast<std::size_t>(body[at]) | body[at + 1] << 8U | body[at + 2] << 16U)) return false;
    bson_iter_t first;
    bson_iter_init(&first, &command);
    bson_iter_next(&first);
    const auto text = reply_to(bson_iter_key(&first), command);
    return text && send_reply(fd, header[3], header[1], *text);
  }

  std::optional<std::string> reply_to(const std::string& name, const bson_t& command) {
    if (name == "hello" || name == "isMaster" || name == "ismaster")
      return R"({"ok":1,"helloOk":true,"ismaster":true,"isWritablePrimary":true,"setName":"rs0","setVersion":1,"hosts":[")" + address_ +
             R"("],"primary":")" + address_ + R"(","me":")" + address_ +
             R"(","maxBsonObjectSize":16777216,"maxMessageSizeBytes":48000000,"maxWriteBatchSize":100000,)"
             R"("logicalSessionTimeoutMinutes":30,"minWireVersion":0,"maxWireVersion":13,"saslSupportedMechs":["SCRAM-SHA-256"]})";
    if (name == "endSessions") return R"({"ok":1})";
    char* const json = bson_as_relaxed_extended_json(&command, nullptr);
    const std::string text = json;
    bson_free(json);
    const std::lock_guard lock{mutex_};
    return answer_(name, text);
  }

  static bool send_reply(int fd, std::uint32_t operation, std::uint32_t request, const std::string& text) {
    bson_t reply;
    bson_error_t error;
    if (!bson_init_from_json(&reply, text.data(), static_cast<ssize_t>(text.size()), &error)) return false;
    // OP_REPLY: flags, cursor (8), first, count; OP_MSG: flags, kind 0.
    std::string prefix(operation == k_query ? 20 : 5, '\0');
    if (operation == k_query) prefix[16] = 1;
    const std::uint32_t length = static_cast<std::uint32_t>(k_header + prefix.size()) + reply.len;
    const std::uint32_t header[4]{length, 1, request, operation == k_query ? k_reply : k_message};
    std::string out{reinterpret_cast<const char*>(header), sizeof header};
    out += prefix;
    out.append(reinterpret_cast<const char*>(bson_get_data(&reply)), reply.len);
    bson_destroy(&reply);
    return ::send(fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
  }

  const Answer answer_;
  const int listener_;
  std::string address_;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> connections_;
};

}  // namespace millrace::mongodb
