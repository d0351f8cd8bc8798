#include "rest/request_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::Pair;

// The body that the recordings vary, as they sent it.
const std::string k_config =
    R"({"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "database.hostname": "127.0.0.1", )"
    R"("database.port": "55432", "database.user": "postgres", "database.password": "postgres", )"
    R"("database.dbname": "app", "topic.prefix": "postgres", "plugin.name": "pgoutput", )"
    R"("table.include.list": "public.users")";

template <typename T>
std::string refusal(const Reply<T>& reply) {
  return reply ? "none" : std::to_string(reply.error().code) + " " + reply.error().message;
}

TEST(ConfigBody, ScalarsBecomeTextsByTheirSourceText) {
  const auto config = config_in(R"({"tasks.max": 1, "a": 1.50, "b": 1e3, "c": false, "d": null, "e": "x"})");
  ASSERT_TRUE(config) << refusal(config);
  EXPECT_THAT(*config, ElementsAre(Pair("tasks.max", "1"), Pair("a", "1.50"), Pair("b", "1e3"), Pair("c", "false"),
                                   Pair("d", std::nullopt), Pair("e", "x")));
}

TEST(ConfigBody, MalformedAndMisshapenBodiesGetConnectsSentences) {
  EXPECT_EQ(refusal(config_in("{x")),
            "500 Unexpected character ('x' (code 120)): was expecting double-quote to start field name\n at [Source: "
            "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 3]");
  EXPECT_EQ(refusal(config_in("[1]")),
            "500 Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` from "
            "Array value (token `JsonToken.START_ARRAY`)\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]");
  EXPECT_EQ(refusal(config_in(k_config + R"(, "x": {"y": 1}})")),
            "500 Cannot deserialize value of type `java.lang.String` from Object value (token "
            "`JsonToken.START_OBJECT`)\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` "
            "disabled); line: 1, column: 321] (through reference chain: java.util.LinkedHashMap[\"x\"])");
  for (const auto* body : {"", "null", "1", "\"x\"", "true"}) EXPECT_EQ(config_in(body).error().code, 500) << body;
}

TEST(NewConnectorBody, GivesNameConfigAndInitialState) {
  const auto wanted = new_connector_in(R"({"name": " a\t", "config": {"x": 1}, "initial_state": "sTopped"})");
  ASSERT_TRUE(wanted) << refusal(wanted);
  EXPECT_EQ(wanted->name, "a");
  EXPECT_THAT(wanted->config, ElementsAre(Pair("x", "1")));
  EXPECT_EQ(wanted->initial_state, TargetState::stopped);
  EXPECT_EQ(new_connector_in(R"({"config": {}, "initial_state": null})")->name, "");
}

TEST(NewConnectorBody, RecordedRefusals) {
  EXPECT_EQ(refusal(new_connector_in("")),
            "500 Cannot invoke \"org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest.name()\" "
            "because \"createRequest\" is null");
  for (const auto* body : {"{}", R"({"name":"a"})", R"({"name":"a","config":null})"})
    EXPECT_EQ(refusal(new_connector_in(body)),
              "500 Cannot invoke \"java.util.Map.get(Object)\" because \"connectorConfig\" is null");
  EXPECT_EQ(refusal(new_connector_in(R"({"name": "a", "config": )" + k_config + R"(}, "zzz": 1})")),
            "500 Unrecognized field \"zzz\" (class org.apache.kafka.connect.runtime.rest.entities."
            "CreateConnectorRequest), not marked as ignorable (3 known properties: \"config\", \"name\", "
            "\"initial_state\"])\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
            "line: 1, column: 350] (through reference chain: org.apache.kafka.connect.runtime.rest.entities."
            "CreateConnectorRequest[\"zzz\"])");
  EXPECT_EQ(refusal(new_connector_in(R"({"name": "a", "config": )" + k_config + R"(}, "initial_state": "BOGUS"})")),
            "500 Cannot construct instance of `org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest"
            "$InitialState`, problem: No enum constant org.apache.kafka.connect.runtime.rest.entities."
            "CreateConnectorRequest.InitialState.BOGUS\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 358] (through reference "
            "chain: org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest[\"initial_state\"])");
}

TEST(OffsetsBody, PartitionsAndOffsetsAreKeptAsJson) {
  const auto offsets = offsets_in(R"({"offsets": [{"partition": {"server": "s"}, "offset": {"lsn": 1, "d": 1.50}},
                                                  {"offset": null, "partition": {"server": "other"}}]})");
  ASSERT_TRUE(offsets) << refusal(offsets);
  EXPECT_THAT(*offsets, ElementsAre(Pair(R"({"server":"s"})", R"({"lsn":1,"d":1.5})"),
                                    Pair(R"({"server":"other"})", std::nullopt)));
}

TEST(OffsetsBody, NoOffsetsAreRefused) {
  for (const auto* body : {"{}", R"({"offsets":[]})", R"({"offsets":null})"})
    EXPECT_EQ(refusal(offsets_in(body)), "400 Partitions / offsets need to be provided for an alter offsets request");
  for (const auto* body : {"", "[]", R"({"x":1})", R"({"offsets":{}})", R"({"offsets":[1]})",
                           R"({"offsets":[{"partition":1}]})", R"({"offsets":[{"z":1}]})"})
    EXPECT_EQ(offsets_in(body).error().code, 500) << body;
}

TEST(ConnectorName, IsAddedLastOrMustBeTheSame) {
  EXPECT_THAT(*with_name({{"a", "1"}}, "c1"), ElementsAre(Pair("a", "1"), Pair("name", "c1")));
  EXPECT_THAT(*with_name({{"name", std::nullopt}, {"a", "1"}}, "c1"), ElementsAre(Pair("name", "c1"), Pair("a", "1")));
  EXPECT_EQ(refusal(with_name({{"name", "b"}}, "a")),
            "400 Connector name configuration (b) doesn't match connector name in the URL (a)");
}

}  // namespace
}  // namespace millrace
