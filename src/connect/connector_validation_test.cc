// Expected texts and counts are those of the recorded REST answers of Kafka Connect 4.0 with Debezium 2.7.
#include "connect/connector_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace millrace {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr const char* k_postgres = "io.debezium.connector.postgresql.PostgresConnector";

WorkerConfig worker(Config settings = {}, WorkerMode mode = WorkerMode::distributed) {
  settings.set("config.providers", "env,k8s");
  settings.set("config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
  settings.set("config.providers.k8s.class", "io.strimzi.kafka.KubernetesSecretConfigProvider");
  ConfigProviders providers = ConfigProviders::create(settings).value();
  return {.mode = mode, .raw = settings, .settings = settings, .providers = std::move(providers)};
}

RawConfig good(const RawConfig& more = {}) {
  RawConfig config{{"connector.class", k_postgres}, {"database.hostname", "127.0.0.1"}, {"database.port", "55432"},
                   {"database.user", "postgres"}, {"database.password", "postgres"}, {"database.dbname", "app"},
                   {"topic.prefix", "postgres"}, {"plugin.name", "pgoutput"}, {"table.include.list", "public.users"},
                   {"name", "x"}};
  for (const auto& [name, value] : more) {
    const auto at = std::ranges::find(config, name, &RawConfig::value_type::first);
    if (at == config.end()) config.emplace_back(name, value);
    else at->second = value;
  }
  return config;
}

ValidationResult result_of(const RawConfig& config, const WorkerConfig& of = worker()) {
  auto result = validate_connector("x", config, of, TestConnection::no);
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::move(*result) : ValidationResult{};
}

std::vector<std::string> errors(const RawConfig& config, const WorkerConfig& of = worker()) {
  const ValidationResult result = result_of(config, of);
  EXPECT_EQ(static_cast<std::size_t>(result.error_count), errors_of(result).size());
  return errors_of(result);
}

const ConfigVerdict& verdict(const ValidationResult& result, std::string_view name) {
  return *std::ranges::find(result.verdicts, name, &ConfigVerdict::name);
}

TEST(ConnectorValidation, OfAGoodConfigurationHasItsForm) {
  const ValidationResult result = result_of(good());
  EXPECT_EQ(result.name, k_postgres);
  EXPECT_EQ(result.error_count, 0);
  EXPECT_THAT(result.groups, ElementsAre("Common", "Transforms", "Predicates", "Error Handling", "Topic Creation",
                                         "Exactly Once Support", "offsets.topic", "Postgres", "Connector", "Events"));
  ASSERT_EQ(result.verdicts.size(), 120u);
  EXPECT_EQ(result.verdicts[0].name, "name");
  EXPECT_EQ(result.verdicts[0].value, "x");
  EXPECT_EQ(result.verdicts[20].name, "topic.prefix");
  EXPECT_EQ(verdict(result, "tasks.max").value, "1");
  EXPECT_EQ(verdict(result, "transforms").value, "");
  EXPECT_EQ(verdict(result, "value.converter").value, std::nullopt);
  EXPECT_EQ(verdict(result, "database.port").value, std::nullopt);   // Debezium gives no values back
}

TEST(ConnectorValidation, NamesWhatIsMissing) {
  EXPECT_THAT(errors({{"connector.class", k_postgres}}),
              ElementsAre("Missing required configuration \"name\" which has no default value.",
                          "The 'topic.prefix' value is invalid: A value is required",
                          "The 'database.hostname' value is invalid: A value is required",
                          "The 'database.user' value is invalid: A value is required",
                          "The 'database.dbname' value is invalid: A value is required"));
}

TEST(ConnectorValidation, CountsEveryErrorOfBadValues) {
  const ValidationResult result =
      result_of(good({{"database.port", "abc"}, {"topic.prefix", "bad prefix!"}, {"plugin.name", "nope"},
                      {"table.include.list", "((("}, {"snapshot.mode", "bogus"}, {"decimal.handling.mode", "zzz"},
                      {"max.queue.size", "10"}, {"max.batch.size", "100"}, {"tasks.max", "0"}, {"slot.name", "Bad-Slot"}}));
  EXPECT_EQ(result.error_count, 10);
  EXPECT_THAT(verdict(result, "tasks.max").errors,
              ElementsAre("Invalid value 0 for configuration tasks.max: Value must be at least 1"));
  EXPECT_EQ(verdict(result, "tasks.max").value, "0");
  EXPECT_EQ(verdict(result, "database.port").errors.size(), 2u);
}

TEST(ConnectorValidation, RefusesNames) {
  EXPECT_THAT(errors(good({{"name", ""}})),
              ElementsAre("Invalid value  for configuration name: String may not be empty"));
  EXPECT_THAT(errors(good({{"name", "a\x01" "b"}})),
              ElementsAre("Invalid value a\x01" "b for configuration name: String may not contain control sequences but "
                          "had the following ASCII chars: 1"));
}

TEST(ConnectorValidation, RefusesClassesThatAreNotThere) {
  EXPECT_THAT(errors(good({{"value.converter", "nope"}})),
              ElementsAre("Invalid value nope for configuration value.converter: Class nope could not be found."));
  EXPECT_THAT(errors(good({{"transforms", "t"}, {"transforms.t.type", "nope"}})),
              ElementsAre("Invalid value nope for configuration transforms.t.type: Class nope could not be found."));
  EXPECT_THAT(errors(good({{"transforms", "t, u"}, {"transforms.t.type", "io.debezium.transforms.Nothing"}})),
              ElementsAre("Invalid value io.debezium.transforms.Nothing for configuration "
                          "transforms.t.type: Class io.debezium.transforms.Nothing is not available in this "
                          "version of millrace.",
                          "Missing required configuration \"transforms.u.type\" which has no default value."));
  EXPECT_THAT(errors(good({{"predicates", "p"}, {"predicates.p.type", "nope"}})),
              ElementsAre("Invalid value nope for configuration predicates.p.type: Class nope could not be found."));
}

TEST(ConnectorValidation, ListsAnAliasWithItsGroup) {
  const ValidationResult result = result_of(good({{"transforms", "t"}, {"transforms.t.type", "nope"}}));
  EXPECT_THAT(result.groups, Contains("Transforms: t"));
  ASSERT_TRUE(result.verdicts[20].definition);
  EXPECT_EQ(result.verdicts[20].definition->display_name, "Transformation type for t");
}

TEST(ConnectorValidation, TakesTheConvertersThatExist) {
  EXPECT_THAT(errors(good({{"key.converter", "org.apache.kafka.connect.storage.StringConverter"},
                           {"value.converter", "org.apache.kafka.connect.json.JsonConverter"},
                           {"value.converter.schemas.enable", "false"},
                           {"header.converter", "org.apache.kafka.connect.storage.SimpleHeaderConverter"}})),
              IsEmpty());
  const ValidationResult bad = result_of(good({{"value.converter", "Json"}, {"value.converter.schemas.enable", "ja"}}));
  EXPECT_THAT(errors_of(bad),
              ElementsAre("Invalid value ja for configuration schemas.enable: Expected value to be either true or false"));
  EXPECT_EQ(verdict(bad, "value.converter.schemas.enable").errors.size(), 1u);
  EXPECT_EQ(verdict(bad, "value.converter.converter.type").value, "value");
  EXPECT_EQ(verdict(bad, "value.converter.decimal.format").value, "BASE64");
  EXPECT_THAT(bad.groups, IsSupersetOf({"Schemas", "Serialization"}));
  EXPECT_THAT(errors(good({{"value.converter", "org.apache.kafka.connect.storage.StringConverter"},
                           {"value.converter.converter.encoding", "nope"}})),
              ElementsAre(HasSubstr("Unsupported encoding nope")));
}

TEST(ConnectorValidation, ChecksTheFrameworksOwnSettings) {
  EXPECT_THAT(errors(good({{"tasks.max", "x"}})),
              ElementsAre("Invalid value x for configuration tasks.max: Not a number of type INT",
                          "Invalid value null for configuration tasks.max: Value must be non-null"));
  EXPECT_THAT(errors(good({{"errors.tolerance", "some"}})),
              ElementsAre("Invalid value some for configuration errors.tolerance: String must be one of: none, all"));
  EXPECT_THAT(errors(good({{"errors.log.enable", "ja"}})),
              ElementsAre("Invalid value ja for configuration errors.log.enable: Expected value to be either true or false"));
  EXPECT_THAT(errors(good({{"transforms", "a,a"}, {"transforms.a.type", "n"}})),
              Contains("Invalid value [a, a] for configuration transforms: Duplicate alias provided."));
  EXPECT_THAT(errors(good({{"transaction.boundary.interval.ms", "-1"}})),
              ElementsAre("Invalid value -1 for configuration transaction.boundary.interval.ms: Value must be at least 0"));
  EXPECT_THAT(errors(good({{"exactly.once.support", "Requested"}, {"tasks.max", " 2 "}})), IsEmpty());
  EXPECT_EQ(errors(good({{"exactly.once.support", "perhaps"}})).size(), 1u);
}

TEST(ConnectorValidation, NeverPromisesExactlyOnce) {
  const RawConfig required = good({{"exactly.once.support", "required"}});
  EXPECT_THAT(errors(required), ElementsAre("This worker does not have exactly-once source support enabled."));
  EXPECT_THAT(errors(required, worker(Config{{{"exactly.once.source.support", "enabled"}}})),
              ElementsAre(HasSubstr("not available")));
}

TEST(ConnectorValidation, SaysThatANullIsNoValue) {
  const ValidationResult result = result_of(good({{"tasks.max", std::nullopt}, {"zzz", std::nullopt},
                                                  {"slot.name", std::nullopt}}));
  EXPECT_EQ(result.verdicts[0].name, "zzz");
  EXPECT_FALSE(result.verdicts[0].definition);
  EXPECT_THAT(result.verdicts[0].errors, ElementsAre("Null value can not be supplied as the configuration value."));
  EXPECT_THAT(verdict(result, "tasks.max").errors,
              Contains("Null value can not be supplied as the configuration value."));
  EXPECT_THAT(verdict(result, "slot.name").errors, IsEmpty());
}

TEST(ConnectorValidation, NeedsTheDefaultsOfTopicCreation) {
  const RawConfig config = good({{"topic.creation.default.partitions", "1"}});
  EXPECT_THAT(errors(config), ElementsAre(HasSubstr("topic.creation.default.replication.factor")));
  EXPECT_THAT(errors(config, worker(Config{{{"topic.creation.enable", "false"}}})), IsEmpty());
}

TEST(ConnectorValidation, ObeysTheOverridePolicy) {
  const RawConfig config = good({{"producer.override.linger.ms", "1"}, {"producer.override.sasl.mechanism", "PLAIN"}});
  EXPECT_THAT(errors(config), IsEmpty());
  EXPECT_THAT(errors(config, worker(Config{{{"connector.client.config.override.policy", "Principal"}}})),
              ElementsAre("The 'Principal' policy does not allow 'linger.ms' to be overridden in the connector "
                          "configuration."));
  const std::string none = "org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy";
  EXPECT_EQ(errors(config, worker(Config{{{"connector.client.config.override.policy", none}}})).size(), 2u);
}

TEST(ConnectorValidation, ShowsReferencesNotWhatTheyResolveTo) {
  ::setenv("MILLRACE_TEST_SECRET", "top secret!", 1);
  const ValidationResult result =
      result_of(good({{"topic.prefix", "${env:MILLRACE_TEST_SECRET}"}, {"errors.tolerance", "${env:MILLRACE_TEST_SECRET}"}}));
  EXPECT_THAT(verdict(result, "topic.prefix").errors, ElementsAre(HasSubstr("${env:MILLRACE_TEST_SECRET} has invalid")));
  EXPECT_EQ(verdict(result, "errors.tolerance").value, "${env:MILLRACE_TEST_SECRET}");
  for (const std::string& error : errors_of(result)) EXPECT_THAT(error, Not(HasSubstr("top secret")));
}

TEST(ConnectorValidation, AnswersWhatIsNoConnector) {
  const auto refusal = [](const RawConfig& config) {
    return validate_connector("a", config, worker(), TestConnection::no).error();
  };
  const RestError no_class = refusal({{"name", "a"}, {"database.password", "p"}});
  EXPECT_EQ(no_class.code, 400);
  EXPECT_EQ(no_class.message, "Connector config {name=a, database.password=********} contains no connector type");
  const RestError unknown = refusal({{"name", "a"}, {"connector.class", "no.such.Class"}});
  EXPECT_EQ(unknown.code, 500);
  EXPECT_THAT(unknown.message, HasSubstr("Failed to find any class that implements Connector and which name matches "
                                         "no.such.Class, available connectors are: "));
  EXPECT_EQ(refusal({{"connector.class", "${k8s:a:b}"}}).code, 500);
}

TEST(ConnectorValidation, FindsAConnectorByItsShortNames) {
  const SourceRegistration* source = find_connector_class(k_postgres);
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(find_connector_class("PostgresConnector"), source);
  EXPECT_EQ(find_connector_class("Postgres"), source);
  EXPECT_EQ(find_connector_class("postgresql.PostgresConnector"), nullptr);
}

TEST(ConnectorValidation, MessageOfTheRefusalListsAllErrors) {
  EXPECT_EQ(invalid_config_message(result_of(good({{"name", ""}}))),
            "Connector configuration is invalid and contains the following 1 error(s):\n"
            "Invalid value  for configuration name: String may not be empty\n"
            "You can also find the above list of errors at the endpoint "
            "`/connector-plugins/{connectorType}/config/validate`");
}

TEST(ConnectorValidation, AFailedConnectionNamesTheReferenceThatNobodyAnswered) {
  const RawConfig config = good({{"database.port", "1"}, {"database.password", "${file:/mnt/auth/password:password}"}});
  const auto result = validate_connector("x", config, worker(), TestConnection::yes);
  ASSERT_TRUE(result);
  const ConfigVerdict& host = verdict(*result, "database.hostname");
  ASSERT_EQ(host.errors.size(), 1u);
  EXPECT_THAT(host.errors[0], testing::HasSubstr("'database.password' still holds a reference ${provider:path:key}"));
}

}  // namespace
}  // namespace millrace
