#include "connect/worker_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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
  EXPECT_THAT(worker.error().text, HasSubstr(path() + ": producer.sasl.jaas.config: config provider 'secrets'"));
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
