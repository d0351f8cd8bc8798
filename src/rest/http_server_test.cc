#include "rest/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "rest/fake_herder.h"
#include "rest/listen_socket.h"

namespace millrace {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A client that sends just the bytes it is told to.
class RawClient {
 public:
  explicit RawClient(int port, int family = AF_INET) : fd_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{20, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_storage address{};
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET) {
      auto* four = reinterpret_cast<sockaddr_in*>(&address);
      *four = {.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port)),
               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    } else {
      auto* six = reinterpret_cast<sockaddr_in6*>(&address);
      six->sin6_family = AF_INET6;
      six->sin6_port = htons(static_cast<std::uint16_t>(port));
      six->sin6_addr = in6addr_loopback;
      size = sizeof(sockaddr_in6);
    }
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
  }
  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Head and as much body as Content-Length says.
  std::string answer(bool head_only = false) {
    for (;;) {
      if (const auto end = received_.find("\r\n\r\n"); end != std::string::npos) {
        std::size_t size = end + 4;
        const auto length = received_.find("Content-Length: ");
        if (!head_only && length < end) size += std::stoul(received_.substr(length + 16));
        if (received_.size() >= size) {
          std::string out = received_.substr(0, size);
          received_.erase(0, size);
          return out;
        }
      }
      if (!receive()) return std::exchange(received_, {});
    }
  }
  bool closed_by_server() { return received_.empty() && !receive() && !timed_out_; }

 private:
  bool receive() {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    timed_out_ = got < 0;
    if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  Descriptor fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string received_;
};

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override { open({{"http", "127.0.0.1", 0}}); }
  void open(const std::vector<Listener>& listeners, RestLimits limits = {}) {
    server_.reset();
    auto server = RestServer::open(listeners, herder_, Config{}, limits);
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
  }
  std::string ask(std::string_view bytes, bool head_only = false) {
    RawClient client{server_->port()};
    client.send(bytes);
    return client.answer(head_only);
  }

  FakeHerder herder_;
  std::unique_ptr<RestServer> server_;
};

constexpr std::string_view k_health = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(std::string_view body, std::string_view more = {}) {
  return "POST /connectors HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/json\r\n" + std::string{more} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

TEST_F(HttpServerTest, AnswersHaveStatusTypeLengthDateAndNothingOfTheLibrary) {
  const std::string answer = ask(k_health);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 94\r\n"));
  EXPECT_THAT(answer, testing::ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} "
                                             "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Keep-Alive")));
  EXPECT_THAT(answer, EndsWith(R"(is ready to handle requests."})"));
}

TEST_F(HttpServerTest, ReasonPhrasesAreConnects) {
  EXPECT_THAT(ask(post("{}")), StartsWith("HTTP/1.1 500 Server Error\r\n"));
  EXPECT_THAT(ask("DELETE /connectors HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(ask("PUT /connectors/nope/stop HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(ask(post(R"({"name":"a","config":{"connector.class":"x"}})")), StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(ask(post(R"({"name":"a","config":{"connector.class":"x"}})")), StartsWith("HTTP/1.1 409 Conflict\r\n"));
  EXPECT_THAT(ask(post("{}", "Accept: text/html\r\n")), StartsWith("HTTP/1.1 406 Not Acceptable\r\n"));
}

TEST_F(HttpServerTest, SomeAnswersHaveNoTypeAndNoLength) {
  ask(post(R"({"name":"a","config":{"connector.class":"x"}})"));
  const std::string accepted = ask("PUT /connectors/a/pause HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(accepted, StartsWith("HTTP/1.1 202 Accepted\r\n"));
  EXPECT_THAT(accepted, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(accepted, Not(HasSubstr("Content-Type")));
  const std::string empty = ask("DELETE /connectors/a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(empty, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(empty, Not(HasSubstr("Content-")));
  EXPECT_THAT(ask("GET /nope HTTP/1.1\r\nHost: h\r\n\r\n"), Not(HasSubstr("Content-Type")));
}

TEST_F(HttpServerTest, LocationsNameTheHostThatTheClientUsed) {
  EXPECT_THAT(ask(post(R"({"name":"a b","config":{"connector.class":"x"}})")),
              HasSubstr("\r\nLocation: http://h:1/connectors/a%20b\r\n"));
  const std::string address = "127.0.0.1:" + std::to_string(server_->port());
  const std::string body = R"({"connector.class":"x"})";
  EXPECT_THAT(ask("PUT /connectors/b/config HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body),
              HasSubstr("\r\nLocation: http://" + address + "/connectors/b\r\n"));
}

TEST_F(HttpServerTest, HeadHasTheHeadersOfGet) {
  const std::string answer = ask("HEAD /connectors HTTP/1.1\r\nHost: h\r\n\r\n", true);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

// The Kubernetes operator's client asks for HTTP/2 with every request.
TEST_F(HttpServerTest, WishesForHttp2AreServedAsHttp11) {
  const std::string upgrade =
      "Connection: Upgrade, HTTP2-Settings\r\nContent-Length: 0\r\nHost: h:8083\r\n"
      "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/21\r\n";
  RawClient client{server_->port()};
  client.send("GET /connectors HTTP/1.1\r\n" + upgrade + "\r\n");
  EXPECT_THAT(client.answer(), testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("[]")));
  const std::string body = R"({"connector.class":"x","tasks.max":1})";
  client.send("PUT /connectors/a/config HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\nContent-Type: application/json\r\nHost: h\r\nUpgrade: h2c\r\n"
              "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n" + body);
  EXPECT_THAT(client.answer(), HasSubstr(R"("tasks.max":"1")"));
}

TEST_F(HttpServerTest, ConnectionsAreKeptAndPipelinedRequestsAnsweredInOrder) {
  RawClient client{server_->port()};
  client.send(std::string{k_health} + post("{}") + "GET /connectors HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 Server Error"));
  EXPECT_THAT(client.answer(), EndsWith("[]"));
  for (int i = 0; i < 20; ++i) {
    client.send(k_health);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK"));
  }
  client.send("GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, RequestsWithoutABodyNeedNoLength) {
  RawClient client{server_->port()};
  client.send("PUT /connectors/nope/pause HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 404"));
  client.send("POST /connectors HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500"));
}

TEST_F(HttpServerTest, BodiesInPiecesAndAfterContinue) {
  const std::string whole = post(R"({"name":"a","config":{"connector.class":"x"}})");
  RawClient client{server_->port()};
  for (const char byte : whole) client.send(std::string_view{&byte, 1});
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 201 Created"));

  const std::string body = R"({"name":"b","config":{"connector.class":"x"}})";
  client.send("POST /connectors HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n"
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_THAT(client.answer(true), StartsWith("HTTP/1.1 100 Continue\r\n"));
  client.send(body);
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 201 Created"));
}

TEST_F(HttpServerTest, BodiesOfAMebibyteAreReadAndLargerOnesRefused) {
  const std::string filler(1'000'000, 'x');
  EXPECT_THAT(ask(post(R"({"name":"a","config":{"connector.class":"x","f":")" + filler + "\"}}")),
              StartsWith("HTTP/1.1 201 Created"));
  RawClient client{server_->port()};
  client.send(post(std::string(2 << 20, ' ')));
  EXPECT_THAT(client.answer(), testing::AllOf(StartsWith("HTTP/1.1 413 Payload Too Large\r\n"),
                                              HasSubstr("\r\nConnection: close\r\n")));
  for (const auto* length : {"99999999999999999999999", "-1", "1x", "1\r\nContent-Length: 2"}) {
    const std::string answer =
        ask("POST /connectors HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::string{length} + "\r\n\r\n");
    EXPECT_THAT(answer, testing::AnyOf(StartsWith("HTTP/1.1 413"), StartsWith("HTTP/1.1 400"))) << length;
  }
}

TEST_F(HttpServerTest, ChunkedRequestsAreRefused) {
  RawClient client{server_->port()};
  client.send("POST /connectors HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
              "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
  EXPECT_THAT(client.answer(), testing::AllOf(StartsWith("HTTP/1.1 411 Length Required\r\n"),
                                              HasSubstr("\r\nConnection: close\r\n")));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, BodiesOfGetDoNotBecomeTheNextRequest) {
  RawClient client{server_->port()};
  client.send("GET /connectors HTTP/1.1\r\nHost: h\r\nContent-Length: 36\r\n\r\n"
              "DELETE /connectors/a HTTP/1.1\r\nA: b\r\n");
  EXPECT_THAT(client.answer(), EndsWith("[]"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, WhatIsNoHttpIsA400AndTheEnd) {
  for (const auto* bytes : {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a>b HTTP/1.1\r\nHost: h\r\n\r\n",
                            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n", "nonsense\r\n\r\n"}) {
    RawClient client{server_->port()};
    client.send(bytes);
    const std::string answer = client.answer();
    EXPECT_THAT(answer, testing::AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"),
                                       HasSubstr("\r\nConnection: close\r\n"), EndsWith("\r\n\r\n")))
        << bytes;
    EXPECT_TRUE(client.closed_by_server()) << bytes;
  }
}

TEST_F(HttpServerTest, HeadsWithoutEndAreCutOff) {
  RawClient client{server_->port()};
  client.send("GET /health HTTP/1.1\r\n");
  for (int i = 0; i < 1000; ++i) client.send("X-Filler: " + std::string(90, 'x') + "\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, FormsAndCompressionMeanNothing) {
  ask(post(R"({"name":"a","config":{"connector.class":"x"}})"));
  const std::string answer =
      ask("GET /connectors HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br\r\nRange: bytes=0-1\r\n\r\n");
  EXPECT_THAT(answer, testing::AllOf(StartsWith("HTTP/1.1 200 OK"), EndsWith(R"(["a"])"),
                                     Not(HasSubstr("Content-Encoding"))));
  EXPECT_THAT(ask("POST /connectors HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                  "Content-Length: 3\r\n\r\na=b"),
              StartsWith("HTTP/1.1 415"));
}

TEST_F(HttpServerTest, SilentAndHeldUpClientsDoNotKeepOthersFromHealth) {
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(std::make_unique<RawClient>(server_->port()));
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port()));
    slow.back()->send("GET /heal");
  }
  herder_.close_gate();
  std::vector<std::unique_ptr<RawClient>> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(std::make_unique<RawClient>(server_->port()));
    held.back()->send("DELETE /connectors/x HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  herder_.wait_until_held(8);
  EXPECT_THAT(ask(k_health), StartsWith("HTTP/1.1 200 OK"));
  silent.front()->send(k_health);
  EXPECT_THAT(silent.front()->answer(), StartsWith("HTTP/1.1 200 OK"));
  herder_.open_gate();
  for (const auto& client : held) EXPECT_THAT(client->answer(), StartsWith("HTTP/1.1 404"));
  slow.front()->send("th HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(slow.front()->answer(), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpServerTest, TheOldestSilentClientMakesRoomForANewOne) {
  RawClient oldest{server_->port()};
  std::vector<std::unique_ptr<RawClient>> more;
  for (int i = 0; i < 300; ++i) more.push_back(std::make_unique<RawClient>(server_->port()));
  more.back()->send(k_health);
  EXPECT_THAT(more.back()->answer(), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_TRUE(oldest.closed_by_server());
}

TEST_F(HttpServerTest, RequestsThatTakeTooLongAreCutOff) {
  open({{"http", "127.0.0.1", 0}}, {.request = std::chrono::milliseconds{50}});
  RawClient in_head{server_->port()};
  in_head.send("GET /heal");
  EXPECT_TRUE(in_head.closed_by_server());
  RawClient in_body{server_->port()};
  in_body.send("POST /connectors HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
  EXPECT_THAT(in_body.answer(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(in_body.closed_by_server());
}

TEST_F(HttpServerTest, TheLibrarysOwnClientIsServed) {
  httplib::Client client{"127.0.0.1", server_->port()};
  client.set_keep_alive(true);
  const auto created = client.Post("/connectors", R"({"name":"é","config":{"connector.class":"x","n":1e3}})",
                                   "application/json; charset=utf-8");
  ASSERT_TRUE(created);
  EXPECT_EQ(created->status, 201);
  EXPECT_EQ(created->body,
            R"({"name":"é","config":{"connector.class":"x","n":"1e3","name":"é"},"tasks":[],"type":"source"})");
  const auto head = client.Head("/connectors/%C3%A9/status");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  const auto removed = client.Delete("/connectors/%C3%A9");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->status, 204);
}

TEST_F(HttpServerTest, AllInterfacesAreIPv4AndIPv6) {
  open({{"http", "", 0}});
  EXPECT_THAT(ask(k_health), StartsWith("HTTP/1.1 200 OK"));
  RawClient six{server_->port(), AF_INET6};
  if (!six.connected()) GTEST_SKIP() << "no IPv6 here";
  six.send(k_health);
  EXPECT_THAT(six.answer(), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpServerTest, ListenersThatCannotBeHadAreErrors) {
  const auto error_of = [&](const std::vector<Listener>& listeners) {
    const auto server = RestServer::open(listeners, herder_, Config{});
    return server ? std::string{"none"} : server.error().text;
  };
  EXPECT_EQ(error_of({{"http", "127.0.0.1", server_->port()}}),
            "Cannot listen on 127.0.0.1:" + std::to_string(server_->port()) + ": Address already in use");
  EXPECT_EQ(error_of({{"https", "", 8443}}),
            "Listener https://:8443 is not possible: millrace serves its REST API over http only");
  EXPECT_EQ(error_of({{"http", "127.0.0.1", 70000}}),
            "Cannot listen on 127.0.0.1:70000: the port is not between 0 and 65535");
  EXPECT_THAT(error_of({{"http", "no-such-host.invalid", 0}}), StartsWith("Cannot listen on no-such-host.invalid:0: "));
  EXPECT_EQ(error_of({}), "No listener is configured");
}

TEST_F(HttpServerTest, StoppingEndsWaitingConnections) {
  RawClient client{server_->port()};
  client.send(k_health);
  client.answer();
  server_.reset();
  EXPECT_TRUE(client.closed_by_server());
}

}  // namespace
}  // namespace millrace
