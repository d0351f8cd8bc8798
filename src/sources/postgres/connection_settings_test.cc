#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/postgres/postgres_config.h"

namespace millrace::postgres {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Entries = std::map<std::string, std::string, std::less<>>;

Config reachable(Entries more = {}) {
  Entries entries{{"topic.prefix", "postgres"},  {"database.hostname", "127.0.0.1"}, {"database.port", "55432"},
                  {"database.user", "postgres"}, {"database.password", "postgres"},  {"database.dbname", "app"}};
  for (auto& [name, value] : more) entries[name] = value;
  return Config{std::move(entries)};
}

ConnectionSettings settings_of(Entries more) { return connection_settings(reachable(std::move(more)), "x"); }

TEST(ConnectionSettingsOf, MapsOptionsToLibpqKeywords) {
  const ConnectionSettings settings =
      connection_settings(reachable({{"database.sslmode", " Verify-Full "}, {"database.sslcert", "/c"},
                                     {"database.sslrootcert", "/r"}, {"database.tcpKeepAlive", "false"},
                                     {"database.options", "-c statement_timeout=1"}, {"driver.options", "-c lock_timeout=2"},
                                     {"driver.targetServerType", "preferSecondary"}, {"database.connectTimeout", "7"},
                                     {"database.query.timeout.ms", "0"}}),
                          "Debezium General");
  const std::map<std::string, std::string> parameters(settings.parameters.begin(), settings.parameters.end());
  EXPECT_EQ(parameters, (std::map<std::string, std::string>{
                            {"host", "127.0.0.1"}, {"port", "55432"}, {"user", "postgres"}, {"password", "postgres"},
                            {"dbname", "app"}, {"application_name", "Debezium General"}, {"gssencmode", "disable"}, {"keepalives", "0"},
                            {"client_encoding", "UTF8"}, {"target_session_attrs", "prefer-standby"},
                            {"options", "-c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=3 -c lock_timeout=2"}}));
  EXPECT_EQ(settings.tls.mode, "verify-full");
  EXPECT_EQ(settings.tls.certificate, "/c");
  EXPECT_EQ(settings.tls.root_certificate, "/r");
  EXPECT_EQ(settings.connect_timeout, std::chrono::seconds{7});
  EXPECT_EQ(settings.query_timeout, std::chrono::milliseconds{0});
}

TEST(ConnectionSettingsOf, HasDebeziumsDefaults) {
  const ConnectionSettings settings = connection_settings(Config{{{"database.hostname", "h"}}}, "x");
  EXPECT_THAT(settings.parameters, Contains(Pair("port", "5432")));
  EXPECT_EQ(settings.tls.mode, "prefer");
  EXPECT_THAT(settings.parameters, Contains(Pair("keepalives", "1")));
  EXPECT_EQ(settings.query_timeout, std::chrono::milliseconds{600'000});
  EXPECT_THAT(settings.initial_statements, IsEmpty());
}

TEST(ConnectionSettingsOf, SplitsInitialStatementsAtSingleSemicolons) {
  EXPECT_THAT(split_statements(" SET a = 1; SELECT ';;' ;; ; ;SET b = 2;"),
              ElementsAre("SET a = 1", "SELECT ';' ;", "SET b = 2"));
}

TEST(ConnectionSettingsOf, DriverWinsOverDatabase) {
  const ConnectionSettings settings = settings_of({{"database.sslmode", "require"}, {"driver.sslmode", "Verify-CA"},
                                                   {"database.tcpKeepAlive", "true"}, {"driver.tcpKeepAlive", "false"},
                                                   {"database.loginTimeout", "9"}, {"driver.connectTimeout", "3"},
                                                   {"driver.channelBinding", "Require"}, {"driver.gssEncMode", "allow"}});
  EXPECT_EQ(settings.tls.mode, "verify-ca");
  EXPECT_THAT(settings.parameters, Contains(Pair("keepalives", "0")));
  EXPECT_THAT(settings.parameters, Contains(Pair("channel_binding", "require")));
  EXPECT_THAT(settings.parameters, Contains(Pair("gssencmode", "prefer")));
  EXPECT_EQ(settings.connect_timeout, std::chrono::seconds{3});
}

TEST(ConnectionSettingsOf, SocketTimeoutBoundsAStatement) {
  EXPECT_EQ(settings_of({{"driver.socketTimeout", "5"}}).query_timeout, std::chrono::seconds{5});
  EXPECT_EQ(settings_of({{"driver.socketTimeout", "5"}, {"database.query.timeout.ms", "0"}}).query_timeout,
            std::chrono::seconds{5});
  EXPECT_EQ(settings_of({{"driver.socketTimeout", "5"}, {"database.query.timeout.ms", "100"}}).query_timeout,
            std::chrono::milliseconds{100});
}

TEST(ConnectionSettingsOf, SslAloneMeansVerifyFull) {
  EXPECT_EQ(settings_of({{"database.ssl", "true"}}).tls.mode, "verify-full");
  EXPECT_EQ(settings_of({{"database.ssl", "false"}}).tls.mode, "prefer");
  EXPECT_EQ(settings_of({{"database.ssl", "true"}, {"database.sslmode", "require"}}).tls.mode, "require");
}

TEST(ConnectionSettingsOf, KnowsTheFactoriesOfTheDriver) {
  const auto problem = [](Entries more) { return ssl_factory_problem(reachable(std::move(more))); };
  EXPECT_EQ(problem({}), "");
  EXPECT_EQ(problem({{"database.sslfactory", "org.postgresql.ssl.LibPQFactory"}}), "");
  EXPECT_EQ(problem({{"database.sslfactory", "org.postgresql.ssl.NonValidatingFactory"}}), "");
  EXPECT_THAT(problem({{"database.sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory"}}),
              testing::HasSubstr("cannot load other Java classes"));
  EXPECT_THAT(problem({{"driver.sslfactory", "org.postgresql.ssl.NonValidatingFactory"},
                       {"database.sslmode", "verify-full"}}),
              testing::HasSubstr("leave one of them out"));
  EXPECT_TRUE(settings_of({{"database.sslfactory", "org.postgresql.ssl.NonValidatingFactory"}}).tls.trust_all);
}

}  // namespace
}  // namespace millrace::postgres
