#include "connect/worker_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "kafka/client_config.h"

namespace millrace {
namespace {

using testing::HasSubstr;
using testing::Not;

class WorkerFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path()); }

  std::string path() const {
    return testing::TempDir() + "worker_config." + testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  Result<WorkerConfig> load(const std::string& text, WorkerMode mode = WorkerMode::distributed) const {
    std::ofstream{path(), std::ios::binary} << text;
    return load_worker_config(mode, path());
  }
};

constexpr std::string_view k_good = R"(
bootstrap.servers=b:9092
group.id=g
config.storage.topic=c
offset.storage.topic=o
status.storage.topic=s
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
)";

// The file that Strimzi 0.50 writes for a cluster without TLS and rack awareness.
constexpr std::string_view k_strimzi = R"(##########
bootstrap.servers=my-cluster-kafka-bootstrap:9092
group.id=connect-cluster
config.storage.topic=connect-cluster-configs
status.storage.topic=connect-cluster-status
offset.storage.topic=connect-cluster-offsets
rest.advertised.host.name=${strimzienv:ADVERTISED_HOSTNAME}
rest.advertised.port=8083
plugin.path=/opt/kafka/plugins
consumer.client.rack=${strimzidir:/opt/kafka/init:rack.id}
config.providers=secrets,strimzienv,strimzifile,strimzidir,strimzisecrets
config.providers.strimzienv.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
config.providers.strimzienv.param.allowlist.pattern=.*
config.providers.strimzifile.class=org.apache.kafka.common.config.provider.FileConfigProvider
config.providers.strimzidir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
config.providers.strimzidir.param.allowed.paths=/opt/kafka
config.providers.strimzisecrets.class=io.strimzi.kafka.KubernetesSecretConfigProvider
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
config.storage.replication.factor=1
config.providers.secrets.class=io.strimzi.kafka.KubernetesSecretConfigProvider
security.protocol=PLAINTEXT
producer.security.protocol=PLAINTEXT
)";

TEST_F(WorkerFile, IsTakenAsStrimziWritesIt) {
  ::setenv("ADVERTISED_HOSTNAME", "pod-0.my-connect.ns.svc", 1);
  const auto worker = load(std::string{k_strimzi});
  ASSERT_TRUE(worker) << worker.error().text;
  EXPECT_EQ(worker->settings.get("rest.advertised.host.name"), "pod-0.my-connect.ns.svc");
  EXPECT_EQ(worker->raw.get("rest.advertised.host.name"), "${strimzienv:ADVERTISED_HOSTNAME}");
  EXPECT_EQ(worker->settings.get("consumer.client.rack"), "${strimzidir:/opt/kafka/init:rack.id}");
  EXPECT_EQ(worker_id(worker->settings), "pod-0.my-connect.ns.svc:8083");
  ::unsetenv("ADVERTISED_HOSTNAME");
}

TEST_F(WorkerFile, FindsThePodsNameWhereNoScriptHasSetIt) {
  ::unsetenv("ADVERTISED_HOSTNAME");
  const auto worker = load(std::string{k_strimzi});
  ASSERT_TRUE(worker) << worker.error().text;
  const std::string name = worker->settings.get("rest.advertised.host.name");
  EXPECT_THAT(name, Not(HasSubstr("$")));
  EXPECT_LE(std::ranges::count(name, '.'), 3);
  EXPECT_EQ(worker_id(worker->settings), name + ":8083");
  ::unsetenv("ADVERTISED_HOSTNAME");
}

TEST(FirstLabels, ArePartsOfAName) {
  EXPECT_EQ(first_labels("p-0.my-connect.ns.svc.cluster.local", 4), "p-0.my-connect.ns.svc");
  EXPECT_EQ(first_labels("p-0.my-connect", 4), "p-0.my-connect");
  EXPECT_EQ(first_labels("laptop", 4), "laptop");
  EXPECT_EQ(first_labels("", 4), "");
}

// Every block of TLS and SASL lines that Strimzi writes, for each of its four prefixes, as the clients need it.
TEST_F(WorkerFile, GivesTheClientsStrimzisSecurity) {
  const std::filesystem::path secrets = std::filesystem::path{testing::TempDir()} / "strimzi_secrets";
  std::filesystem::create_directories(secrets);
  const std::string pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  std::ofstream{secrets / "ca.crt"} << pem;
  std::ofstream{secrets / "user.crt"} << pem;
  std::ofstream{secrets / "user.key"} << "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n";
  std::ofstream{secrets / "password"} << "p;w='";
  const std::string reference = "${strimzidir:" + secrets.string() + ":";
  struct Variant {
    std::string protocol;
    std::vector<std::string> lines;
    kafka::ClientSettings expected;
  };
  const std::vector<std::string> trust{"ssl.truststore.certificates=" + reference + "ca.crt}", "ssl.truststore.type=PEM"};
  const std::vector<std::string> key{"ssl.keystore.certificate.chain=" + reference + "user.crt}",
                                     "ssl.keystore.key=" + reference + "user.key}", "ssl.keystore.type=PEM"};
  const auto sasl = [&](const std::string& mechanism, const std::string& module) {
    return std::vector<std::string>{"sasl.mechanism=" + mechanism,
                                    "sasl.jaas.config=org.apache.kafka.common.security." + module +
                                        " required username=\"u\" password=\"" + reference + "password}\";"};
  };
  std::vector<std::string> both = trust;
  both.insert(both.end(), key.begin(), key.end());
  const std::vector<Variant> variants{
      {"PLAINTEXT", {}, {{"security.protocol", "plaintext"}}},
      {"SSL", {}, {{"security.protocol", "ssl"}, {"ssl.endpoint.identification.algorithm", "https"}}},
      {"SSL", trust, {{"ssl.ca.pem", pem}}},
      {"SSL", both, {{"ssl.ca.pem", pem}, {"ssl.certificate.pem", pem}}},
      {"SASL_PLAINTEXT", sasl("SCRAM-SHA-512", "scram.ScramLoginModule"), {{"sasl.mechanisms", "SCRAM-SHA-512"}, {"sasl.username", "u"}}},
      {"SASL_SSL", sasl("SCRAM-SHA-256", "scram.ScramLoginModule"), {{"security.protocol", "sasl_ssl"}, {"sasl.mechanisms", "SCRAM-SHA-256"}}},
      {"SASL_SSL", sasl("PLAIN", "plain.PlainLoginModule"), {{"sasl.mechanisms", "PLAIN"}, {"sasl.username", "u"}}}};
  for (const Variant& variant : variants) {
    std::string text{k_good};
    text += "config.providers=strimzidir\nconfig.providers.strimzidir.class=org.apache.kafka.common.config.provider."
            "DirectoryConfigProvider\nmetric.reporters=org.apache.kafka.common.metrics.JmxReporter\n"
            "prometheus.metrics.reporter.listener=http://:9404\n";
    for (const std::string prefix : {"", "producer.", "consumer.", "admin."}) {
      text += prefix + "security.protocol=" + variant.protocol + "\n";
      for (const std::string& line : variant.lines) text += prefix + line + "\n";
    }
    const auto worker = load(text);
    ASSERT_TRUE(worker) << worker.error().text;
    for (const Config& java : {kafka::worker_client(worker->settings), kafka::task_producer(worker->settings, Config{}),
                               kafka::task_admin(worker->settings, Config{})}) {
      const auto settings = kafka::client_settings(java, kafka::ClientRole::producer);
      ASSERT_TRUE(settings) << settings.error().text;
      for (const auto& entry : variant.expected) EXPECT_THAT(*settings, testing::Contains(entry));
    }
  }
  std::filesystem::remove_all(secrets);
}

TEST_F(WorkerFile, NamesEveryProblemAtOnce) {
  const auto worker = load(
      "offset.flush.interval.ms=soon\noffset.storage.partitions=-2\ntopic.creation.enable=maybe\n"
      "exactly.once.source.support=sometimes\nlisteners=8083\ngroup.id= \nunknown.setting=x\n");
  ASSERT_FALSE(worker);
  const std::string& text = worker.error().text;
  for (const char* problem :
       {"Missing required configuration \"key.converter\" which has no default value.",
        "Missing required configuration \"value.converter\" which has no default value.",
        "Missing required configuration \"config.storage.topic\" which has no default value.",
        "Missing required configuration \"offset.storage.topic\" which has no default value.",
        "Missing required configuration \"status.storage.topic\" which has no default value.",
        "configuration group.id: String must be non-empty",
        "Invalid value soon for configuration offset.flush.interval.ms: Not a number of type LONG",
        "Invalid value -2 for configuration offset.storage.partitions: Value must be at least -1",
        "Invalid value maybe for configuration topic.creation.enable: Expected value to be either true or false",
        "Invalid value sometimes for configuration exactly.once.source.support: String must be one of (case "
        "insensitive): disabled, preparing, enabled",
        "Invalid value 8083 for configuration listeners"})
    EXPECT_THAT(text, HasSubstr(problem));
  EXPECT_THAT(text, Not(HasSubstr("unknown.setting")));
  EXPECT_EQ(std::ranges::count(text, '\n'), 10);
}

TEST_F(WorkerFile, NeedsOtherSettingsInStandaloneMode) {
  const std::string converters = "key.converter=k\nvalue.converter=v\n";
  EXPECT_TRUE(load(converters + "offset.storage.file.filename=/tmp/o\nconnect.protocol=x", WorkerMode::standalone));
  const auto worker = load(converters, WorkerMode::standalone);
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().text,
            path() + ": Missing required configuration \"offset.storage.file.filename\" which has no default value.");
}

TEST_F(WorkerFile, RefusesAHeartbeatThatIsNoShorterThanTheSession) {
  const auto worker = load(std::string{k_good} + "heartbeat.interval.ms=10000\n");
  ASSERT_FALSE(worker);
  EXPECT_THAT(worker.error().text, HasSubstr("heartbeat.interval.ms"));
}

TEST_F(WorkerFile, NamesThePathWhenItIsAbsentOrAProviderFails) {
  EXPECT_EQ(load_worker_config(WorkerMode::distributed, "/no/such").error().text,
            "cannot read /no/such: No such file or directory");
  const auto worker = load(std::string{k_strimzi} + "producer.sasl.jaas.config=${secrets:ns/a:b}\n");
  ASSERT_FALSE(worker);
  EXPECT_THAT(worker.error().text, HasSubstr(path() + ": producer.sasl.jaas.config: Failed to retrieve Secret"));
}

TEST(Listeners, AreOnAllInterfacesAt8083UnlessSaid) {
  const auto all = listeners(Config{});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].scheme, "http");
  EXPECT_EQ(all[0].host, "");
  EXPECT_EQ(all[0].port, 8083);
}

TEST(Listeners, AreReadWithHostAndPort) {
  const auto all = listeners(Config{{{"listeners", "HTTP://:80, https://h.example:443,http://[::1]:0"}}});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].scheme, "http");
  EXPECT_EQ(all[0].port, 80);
  EXPECT_EQ(all[1].scheme, "https");
  EXPECT_EQ(all[1].host, "h.example");
  EXPECT_EQ(all[1].port, 443);
  EXPECT_EQ(all[2].host, "::1");
  EXPECT_EQ(all[2].port, 0);
}

TEST(WorkerId, IsTheAdvertisedHostAndPort) {
  EXPECT_EQ(worker_id(Config{{{"rest.advertised.host.name", "h"}, {"rest.advertised.port", "9"}}}), "h:9");
  EXPECT_EQ(worker_id(Config{{{"listeners", "http://127.0.0.1:8084"}}}), "127.0.0.1:8084");
  EXPECT_EQ(worker_id(Config{{{"listeners", "https://a:1,http://b:2"}}}), "b:2");
  EXPECT_EQ(worker_id(Config{{{"listeners", "https://a:1,http://b:2"}, {"rest.advertised.listener", "https"}}}), "a:1");
  EXPECT_EQ(worker_id(Config{{{"listeners", "http://[::1]:8"}}}), "[::1]:8");
}

// An environment variable that nobody set must not become the worker's name.
TEST(WorkerId, FallsBackToTheMachinesAddress) {
  for (const Config& config : {Config{}, Config{{{"rest.advertised.host.name", "${strimzienv:ADVERTISED_HOSTNAME}"}}}}) {
    const std::string id = worker_id(config);
    EXPECT_TRUE(id.ends_with(":8083")) << id;
    EXPECT_GT(id.size(), 5u);
    EXPECT_EQ(id.find('$'), std::string::npos) << id;
  }
}

}  // namespace
}  // namespace millrace
