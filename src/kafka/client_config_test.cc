#include "kafka/client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/handles.h"

namespace millrace::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;
using Entries = std::map<std::string, std::string, std::less<>>;

ClientSettings settings(Entries java, ClientRole role = ClientRole::producer) {
  java.try_emplace("bootstrap.servers", "b:9092");
  const auto out = client_settings(Config{std::move(java)}, role);
  EXPECT_TRUE(out) << out.error().text;
  return out.value_or(ClientSettings{});
}

std::string native(Entries java, std::string_view name, ClientRole role = ClientRole::producer) {
  return setting_of(settings(std::move(java), role), name);
}

std::string settings_refusal(Entries java, ClientRole role = ClientRole::producer) {
  java.try_emplace("bootstrap.servers", "b:9092");
  const auto out = client_settings(Config{std::move(java)}, role);
  return out ? "accepted" : out.error().text;
}

TEST(ClientConfig, IsTakenByLibrdkafkaForEveryRole) {
  const Entries java{{"metadata.max.age.ms", "300000"}, {"send.buffer.bytes", "-1"}, {"receive.buffer.bytes", "32768"},
                     {"request.timeout.ms", "40000"}, {"retry.backoff.ms", "0"}, {"linger.ms", "0"},
                     {"batch.size", "16384"}, {"buffer.memory", "33554432"}, {"max.request.size", "2147483647"},
                     {"delivery.timeout.ms", "9223372036854775807"}, {"retries", "2147483647"},
                     {"compression.type", "zstd"}, {"compression.zstd.level", "22"}, {"acks", "all"},
                     {"reconnect.backoff.ms", "50"}, {"reconnect.backoff.max.ms", "1000"},
                     {"connections.max.idle.ms", "540000"}, {"socket.connection.setup.timeout.ms", "10"},
                     {"client.dns.lookup", "use_all_dns_ips"}, {"client.id", std::string(300, 'x')},
                     {"fetch.max.bytes", "52428800"}, {"isolation.level", "read_committed"}};
  for (const auto role : {ClientRole::producer, ClientRole::consumer, ClientRole::admin}) {
    const auto conf = make_conf(settings(java, role));
    ASSERT_TRUE(conf) << conf.error().text;
  }
  auto conf = make_conf(settings(java));
  EXPECT_TRUE(make_client(RD_KAFKA_PRODUCER, std::move(*conf)));
}

TEST(ClientConfig, AlwaysKeepsOrderAndWaitsForAllReplicas) {
  for (const Entries& java : {Entries{}, Entries{{"acks", "1"}, {"enable.idempotence", "false"}, {"retries", "0"},
                                                 {"max.in.flight.requests.per.connection", "50"}}}) {
    EXPECT_EQ(native(java, "acks"), "all");
    EXPECT_EQ(native(java, "enable.idempotence"), "true");
    EXPECT_EQ(native(java, "partitioner"), "murmur2_random");
    EXPECT_EQ(native(java, "max.in.flight.requests.per.connection"), "5");
    EXPECT_EQ(native(java, "retries"), "");
    EXPECT_EQ(native(java, "socket.nagle.disable"), "true");
  }
}

TEST(ClientConfig, BatchesForThroughputAndLingersAsAsked) {
  EXPECT_EQ(native({}, "batch.size"), "1000000");
  EXPECT_EQ(native({{"batch.size", "16384"}}, "batch.size"), "1000000");
  EXPECT_EQ(native({{"batch.size", "4000000"}}, "batch.size"), "4000000");
  EXPECT_EQ(native({}, "linger.ms"), "5");
  EXPECT_EQ(native({{"linger.ms", "0"}}, "linger.ms"), "0");
  EXPECT_EQ(native({{"linger.ms", " 100 "}}, "linger.ms"), "100");
}

TEST(ClientConfig, TurnsSizesIntoLibrdkafkas) {
  EXPECT_EQ(native({}, "message.max.bytes"), "1048576");
  EXPECT_EQ(native({{"max.request.size", "20000000"}}, "message.max.bytes"), "20000000");
  EXPECT_EQ(native({{"max.request.size", "5"}}, "message.max.bytes"), "1000");
  EXPECT_EQ(native({}, "queue.buffering.max.kbytes"), "");
  EXPECT_EQ(native({{"buffer.memory", "33554433"}}, "queue.buffering.max.kbytes"), "32769");
  EXPECT_EQ(native({{"buffer.memory", "10"}}, "queue.buffering.max.kbytes"), "1024");   // one message fits
  EXPECT_EQ(native({{"send.buffer.bytes", "-1"}}, "socket.send.buffer.bytes"), "0");
}

TEST(ClientConfig, TurnsTimesIntoLibrdkafkas) {
  for (const char* forever : {"0", "2147483647", "9223372036854775807"})
    EXPECT_EQ(native({{"delivery.timeout.ms", forever}}, "message.timeout.ms"), "0") << forever;
  EXPECT_EQ(native({}, "message.timeout.ms"), "0");
  EXPECT_EQ(native({{"delivery.timeout.ms", "120000"}}, "message.timeout.ms"), "120000");
  EXPECT_EQ(native({{"request.timeout.ms", "400000"}}, "socket.timeout.ms"), "300000");
  EXPECT_EQ(native({{"request.timeout.ms", "20000"}}, "request.timeout.ms"), "20000");
  EXPECT_EQ(native({{"metadata.max.age.ms", "60000"}}, "topic.metadata.refresh.interval.ms"), "60000");
}

TEST(ClientConfig, RefusesATimeoutThatJavaRefuses) {
  EXPECT_THAT(settings_refusal({{"delivery.timeout.ms", "1000"}}),
              HasSubstr("delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms"));
}

TEST(ClientConfig, NamesTheSettingAndItsValue) {
  EXPECT_EQ(settings_refusal({{"linger.ms", "soon"}}),
            "Invalid value soon for configuration linger.ms: Not a number of type LONG");
  EXPECT_THAT(settings_refusal({{"compression.type", "rar"}}), HasSubstr("Unknown compression name: rar"));
  EXPECT_THAT(settings_refusal({{"security.protocol", "TLS"}}), HasSubstr("security.protocol"));
}

TEST(ClientConfig, SaysWhatToDoWithoutBootstrapServers) {
  for (const char* empty : {"", " , "}) {
    const std::string text = settings_refusal({{"bootstrap.servers", empty}});
    EXPECT_THAT(text, HasSubstr("bootstrap.servers is empty:"));
    EXPECT_THAT(text, HasSubstr("under Strimzi check that spec.version of the KafkaConnect matches"));
    EXPECT_EQ(text.find('\n'), text.npos);
  }
}

TEST(ClientConfig, TakesJavasFormsOfServers) {
  EXPECT_EQ(native({{"bootstrap.servers", " a:1 , SASL_SSL://b.c:2,[::1]:3"}}, "bootstrap.servers"), "a:1,b.c:2,[::1]:3");
  for (const char* bad : {"a", "a:", "a:b", ":1"})
    EXPECT_THAT(settings_refusal({{"bootstrap.servers", bad}}), HasSubstr("bootstrap.servers")) << bad;
}

TEST(ClientConfig, TakesCompressionWithItsOwnLevel) {
  EXPECT_EQ(native({}, "compression.type"), "none");
  const Entries java{{"compression.type", "gzip"}, {"compression.gzip.level", "9"}, {"compression.zstd.level", "3"}};
  EXPECT_EQ(native(java, "compression.type"), "gzip");
  EXPECT_EQ(native(java, "compression.level"), "9");
  EXPECT_EQ(native({{"compression.type", "lz4"}}, "compression.level"), "");
}

TEST(ClientConfig, TakesAnUnresolvedRackAsNone) {
  EXPECT_EQ(native({{"client.rack", "${strimzidir:/opt/kafka/init:rack.id}"}}, "client.rack", ClientRole::consumer), "");
  EXPECT_EQ(native({{"client.rack", "zone-1"}}, "client.rack", ClientRole::consumer), "zone-1");
}

TEST(ClientConfig, LeavesProducerSettingsOutOfOtherRoles) {
  for (const auto role : {ClientRole::consumer, ClientRole::admin})
    for (const char* name : {"acks", "linger.ms", "partitioner", "enable.idempotence"})
      EXPECT_EQ(native({{"linger.ms", "1"}}, name, role), "") << name;
}

TEST(ClientConfig, GivesTaskProducersOnlyPrefixedSettings) {
  const Config worker{{{"bootstrap.servers", "b:1"}, {"security.protocol", "SSL"}, {"linger.ms", "1"},
                       {"producer.security.protocol", "PLAINTEXT"}, {"producer.linger.ms", "7"},
                       {"producer.compression.type", "lz4"}, {"group.id", "g"}}};
  const Config connector{{{"producer.override.linger.ms", "9"}, {"linger.ms", "2"}, {"name", "c"}}};
  EXPECT_EQ(task_producer(worker, connector).entries(),
            (Entries{{"bootstrap.servers", "b:1"}, {"security.protocol", "PLAINTEXT"}, {"linger.ms", "9"},
                     {"compression.type", "lz4"}}));
}

TEST(ClientConfig, GivesTaskAdminsUnprefixedSettingsFirst) {
  const Config worker{{{"bootstrap.servers", "b:1"}, {"security.protocol", "SSL"}, {"request.timeout.ms", "1000"},
                       {"producer.linger.ms", "7"}, {"consumer.client.rack", "r"}, {"admin.request.timeout.ms", "2000"},
                       {"key.converter", "x"}, {"rest.advertised.host.name", "h"}}};
  const Config connector{{{"admin.override.request.timeout.ms", "3000"}}};
  EXPECT_EQ(task_admin(worker, connector).entries(),
            (Entries{{"bootstrap.servers", "b:1"}, {"security.protocol", "SSL"}, {"request.timeout.ms", "3000"}}));
}

TEST(ClientConfig, GivesTheWorkersOwnClientsItsUnprefixedSettings) {
  const Config worker{{{"security.protocol", "SSL"}, {"producer.linger.ms", "7"}, {"listeners", "http://:8083"},
                       {"offset.storage.topic", "o"}, {"ssl.truststore.type", "PEM"}}};
  EXPECT_EQ(worker_client(worker).entries(), (Entries{{"bootstrap.servers", "localhost:9092"},
                                                      {"security.protocol", "SSL"}, {"ssl.truststore.type", "PEM"}}));
}

TEST(Handles, DoNotShowSecretsThatLibrdkafkaRefuses) {
  const auto conf = make_conf({{"ssl.key.pem", "geheim"}, {"sasl.oauthbearer.scope", "geheim"}, {"linger.ms", "x"}});
  ASSERT_FALSE(conf);
  EXPECT_THAT(conf.error().text, Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace millrace::kafka
