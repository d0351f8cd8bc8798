// OAUTHBEARER with a token endpoint, against a server of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <mutex>
#include <string>
#include <thread>

#include "kafka/mock_kafka.h"

namespace millrace::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// {"alg":"none"} and {"sub":"me","iat":1700000000,"exp":4102444800}: valid until 2100, signed by nobody.
constexpr const char* k_token =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.";

class TokenLogin : public testing::Test {
 protected:
  TokenLogin() {
    server_.Post("/token", [this](const httplib::Request& request, httplib::Response& response) { answer(request, response); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~TokenLogin() override {
    producer_.reset();
    server_.stop();
    thread_.join();
  }

  // As Strimzi writes it; a broker is not there.
  void log_in() {
    const std::string jaas = "x.OAuthBearerLoginModule required oauth.client.id=\"connect\" oauth.client.secret=\"geheim\" "
                             "oauth.scope=\"kafka\" oauth.token.endpoint.uri=\"http://127.0.0.1:" + std::to_string(port_) + "/token\";";
    const Config java{{{"bootstrap.servers", "127.0.0.1:1"}, {"security.protocol", "SASL_PLAINTEXT"},
                       {"sasl.mechanism", "OAUTHBEARER"}, {"sasl.jaas.config", jaas}}};
    const auto settings = client_settings(java, ClientRole::producer);
    ASSERT_TRUE(settings) << settings.error().text;
    auto made = Producer::create({.client_id = "c", .settings = *settings}, [](std::uint64_t, const Error*) {});
    ASSERT_TRUE(made) << made.error().text;
    producer_ = std::move(*made);
    ASSERT_TRUE(producer_->ensure_topic("t", std::nullopt, 1));   // so that it has something to wait for
  }

  bool asked() {
    const std::lock_guard lock{mutex_};
    return !request_.path.empty();
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock{mutex_};
    request_ = request;
    response.status = status_;
    response.set_content(status_ == 200 ? std::string{R"({"token_type":"Bearer","access_token":")"} + k_token + "\"}"
                                        : R"({"error":"invalid_client","error_description":"no such client"})",
                         "application/json");
  }

  std::mutex mutex_;   // of the next two
  httplib::Request request_;
  int status_ = 200;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::unique_ptr<Producer> producer_;
};

TEST_F(TokenLogin, AsksTheEndpointWithIdSecretAndScope) {
  log_in();
  ASSERT_TRUE(poll_until(*producer_, [&] { return asked(); }));
  const std::lock_guard lock{mutex_};
  EXPECT_EQ(request_.get_header_value("Authorization"), "Basic Y29ubmVjdDpnZWhlaW0=");   // connect:geheim
  EXPECT_EQ(request_.get_param_value("grant_type"), "client_credentials");
  EXPECT_EQ(request_.get_param_value("scope"), "kafka");
}

TEST_F(TokenLogin, SaysWhyTheEndpointRefuses) {
  status_ = 401;
  log_in();
  EXPECT_TRUE(poll_until(*producer_, [&] { return producer_->trouble().find("no such client") != std::string::npos; }));
  EXPECT_THAT(producer_->trouble(), AllOf(HasSubstr("OAUTHBEARER"), Not(HasSubstr("geheim"))));
}

}  // namespace
}  // namespace millrace::kafka
