#include "rest/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rest/fake_herder.h"
#include "sources/registry.h"

namespace millrace {
namespace {

// The bodies are recordings of Kafka Connect 4.0 with Debezium 2.7, but where a test's name says otherwise.
class RoutesTest : public testing::Test {
 protected:
  HttpAnswer send(std::string method, std::string target, std::string body = {}) {
    HttpRequest request{.method = std::move(method), .target = std::move(target), .accept = "application/json",
                        .authority = "127.0.0.1:8083", .body = std::move(body)};
    if (!request.body.empty()) request.content_type = "application/json";
    return routes_.serve(request);
  }
  std::string get(std::string target) { return send("GET", std::move(target)).body; }
  HttpAnswer create(const std::string& name, const std::string& more = {}) {
    return send("POST", "/connectors", R"({"name":")" + name + R"(","config":{"connector.class":"x"})" + more + "}");
  }

  FakeHerder herder_;
  Routes routes_{herder_};
};

void expect_answer(const HttpAnswer& answer, int status, std::string_view body,
                   std::string_view type = "application/json") {
  EXPECT_EQ(answer.status, status);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(answer.content_type, type);
}

TEST_F(RoutesTest, RootAndHealth) {
  expect_answer(send("GET", "/"), 200,
                R"({"version":"4.0.0","commit":"985bc99521dd22bb","kafka_cluster_id":"MkU3OEVBNTcwNTJENDM2Qg"})");
  expect_answer(send("GET", "/health"), 200,
                R"({"status":"healthy","message":"Worker has completed startup and is ready to handle requests."})");
  herder_.health_now = {503, "starting", "Worker is still starting up."};
  expect_answer(send("GET", "/health"), 503, R"({"status":"starting","message":"Worker is still starting up."})");
}

TEST_F(RoutesTest, CreateAnswersInTheRequestsOrderAndLaterReadsInJavas) {
  const std::string config =
      R"("connector.class":"io.debezium.connector.postgresql.PostgresConnector","database.hostname":"127.0.0.1",)"
      R"("database.port":"55432","database.user":"postgres","database.password":"postgres","database.dbname":"app",)"
      R"("topic.prefix":"postgres","plugin.name":"pgoutput","table.include.list":"public.users")";
  const auto created = send("POST", "/connectors", R"({"name":"c1","config":{)" + config + "}}");
  expect_answer(created, 201,
                R"({"name":"c1","config":{)" + config + R"(,"name":"c1"},"tasks":[],"type":"source"})");
  EXPECT_EQ(created.location, "http://127.0.0.1:8083/connectors/c1");
  const std::string sorted =
      R"({"connector.class":"io.debezium.connector.postgresql.PostgresConnector","database.user":"postgres",)"
      R"("database.dbname":"app","topic.prefix":"postgres","database.hostname":"127.0.0.1",)"
      R"("database.password":"postgres","name":"c1","table.include.list":"public.users","database.port":"55432",)"
      R"("plugin.name":"pgoutput"})";
  EXPECT_EQ(get("/connectors/c1/config"), sorted);
  EXPECT_EQ(get("/connectors/c1"), R"({"name":"c1","config":)" + sorted +
                                       R"(,"tasks":[{"connector":"c1","task":0}],"type":"source"})");
  EXPECT_EQ(get("/connectors/c1/tasks"), R"([{"id":{"connector":"c1","task":0},"config":)" + sorted + "}]");
  expect_answer(send("POST", "/connectors", R"({"name":"c1","config":{)" + config + "}}"), 409,
                R"({"error_code":409,"message":"Connector c1 already exists"})");
}

TEST_F(RoutesTest, StatusAndTasks) {
  create("c1");
  EXPECT_EQ(get("/connectors/c1/status"),
            R"({"name":"c1","connector":{"state":"RUNNING","worker_id":"127.0.0.1:8083"},"tasks":[{"id":0,)"
            R"("state":"RUNNING","worker_id":"127.0.0.1:8083"}],"type":"source"})");
  EXPECT_EQ(get("/connectors/c1/tasks/0/status"), R"({"id":0,"state":"RUNNING","worker_id":"127.0.0.1:8083"})");
  herder_.trace = "a\n\tb\n";
  EXPECT_EQ(get("/connectors/c1/tasks/0/status"),
            R"({"id":0,"state":"RUNNING","worker_id":"127.0.0.1:8083","trace":"a\n\tb\n"})");
  expect_answer(send("GET", "/connectors/nope/status"), 404,
                R"({"error_code":404,"message":"No status found for connector nope"})");
  expect_answer(send("GET", "/connectors/c1/tasks/9/status"), 404,
                R"({"error_code":404,"message":"No status found for task c1-9"})");
  expect_answer(send("GET", "/connectors/c1/tasks/x/status"), 404,
                R"({"error_code":404,"message":"HTTP 404 Not Found"})");
}

TEST_F(RoutesTest, ListExpandsWhatIsAskedFor) {
  EXPECT_EQ(get("/connectors"), "[]");
  EXPECT_EQ(get("/connectors?expand=status&expand=info"), "{}");
  create("c1");
  const std::string status =
      R"("status":{"name":"c1","connector":{"state":"RUNNING","worker_id":"127.0.0.1:8083"},"tasks":[{"id":0,)"
      R"("state":"RUNNING","worker_id":"127.0.0.1:8083"}],"type":"source"})";
  const std::string info = R"("info":{"name":"c1","config":{"connector.class":"x","name":"c1"},)"
                           R"("tasks":[{"connector":"c1","task":0}],"type":"source"})";
  EXPECT_EQ(get("/connectors"), R"(["c1"])");
  EXPECT_EQ(get("/connectors?expand=status"), R"({"c1":{)" + status + "}}");
  EXPECT_EQ(get("/connectors?expand=info&expand=status"), R"({"c1":{)" + status + "," + info + "}}");
  EXPECT_EQ(get("/connectors?expand=bogus"), R"({"c1":{}})");
}

TEST_F(RoutesTest, PutAndPatchConfig) {
  const auto created = send("PUT", "/connectors/c4/config", R"({"connector.class":"x","tasks.max":1})");
  expect_answer(created, 201, R"({"name":"c4","config":{"connector.class":"x","tasks.max":"1","name":"c4"},)"
                              R"("tasks":[],"type":"source"})");
  EXPECT_EQ(created.location, "http://127.0.0.1:8083/connectors/c4");
  const auto replaced = send("PUT", "/connectors/c4/config", R"({"a":"1","connector.class":"x"})");
  expect_answer(replaced, 200, R"({"name":"c4","config":{"a":"1","connector.class":"x","name":"c4"},)"
                               R"("tasks":[{"connector":"c4","task":0}],"type":"source"})");
  EXPECT_EQ(replaced.location, "");
  EXPECT_EQ(send("PATCH", "/connectors/c4/config", R"({"a":null,"b":2})").status, 200);
  EXPECT_EQ(get("/connectors/c4/config"), R"({"connector.class":"x","b":"2","name":"c4"})");
  expect_answer(send("PATCH", "/connectors/nope/config", R"({"a":"b"})"), 404,
                R"({"error_code":404,"message":"Connector nope not found"})");
}

TEST_F(RoutesTest, StatesTopicsAndDeletion) {
  create("c1", R"(,"initial_state":"STOPPED")");
  EXPECT_EQ(get("/connectors/c1/status"),
            R"({"name":"c1","connector":{"state":"STOPPED","worker_id":"127.0.0.1:8083"},"tasks":[],"type":"source"})");
  expect_answer(send("PUT", "/connectors/c1/resume"), 202, "", "");
  expect_answer(send("PUT", "/connectors/c1/pause"), 202, "", "");
  expect_answer(send("PUT", "/connectors/c1/stop"), 204, "", "");
  expect_answer(send("PUT", "/connectors/nope/stop"), 404,
                R"({"error_code":404,"message":"Unknown connector nope"})");
  EXPECT_EQ(get("/connectors/c1/topics"), R"({"c1":{"topics":["postgres.public.users"]}})");
  EXPECT_EQ(get("/connectors/nope/topics"), R"({"nope":{"topics":[]}})");
  expect_answer(send("PUT", "/connectors/c1/topics/reset"), 202, "", "");
  expect_answer(send("DELETE", "/connectors/c1"), 204, "", "");
  expect_answer(send("DELETE", "/connectors/c1"), 404, R"({"error_code":404,"message":"Connector c1 not found"})");
}

TEST_F(RoutesTest, RestartsTakeTheirFlagsFromTheQuery) {
  create("c1");
  expect_answer(send("POST", "/connectors/c1/restart"), 204, "", "");
  expect_answer(send("POST", "/connectors/c1/restart?includeTasks=TRUE&onlyFailed=false"), 202,
                R"({"name":"c1","connector":{"state":"RESTARTING","worker_id":"127.0.0.1:8083"},"tasks":[{"id":0,)"
                R"("state":"RESTARTING","worker_id":"127.0.0.1:8083"}],"type":"source"})");
  send("POST", "/connectors/c1/restart?includeTasks=yes&onlyFailed=true");
  expect_answer(send("POST", "/connectors/c1/tasks/0/restart"), 204, "", "");
  expect_answer(send("POST", "/connectors/c1/tasks/7/restart"), 404,
                R"({"error_code":404,"message":"Unknown task: c1-7"})");
  EXPECT_THAT(herder_.calls, testing::ElementsAre("restart c1", "restart c1 tasks", "restart c1 failed",
                                                  "restart task c1"));
}

TEST_F(RoutesTest, Offsets) {
  create("c1");
  EXPECT_EQ(get("/connectors/c1/offsets"),
            R"({"offsets":[{"partition":{"server":"postgres"},"offset":{"lsn":2710194880,"snapshot":true}}]})");
  expect_answer(send("PATCH", "/connectors/c1/offsets",
                     R"({"offsets": [{"partition": {"server": "postgres"}, "offset": {"lsn": 1}}]})"),
                200, R"({"message":"altered"})");
  EXPECT_THAT(*herder_.altered, testing::ElementsAre(testing::Pair(R"({"server":"postgres"})", R"({"lsn":1})")));
  expect_answer(send("DELETE", "/connectors/c1/offsets"), 200, R"({"message":"reset"})");
  expect_answer(send("PATCH", "/connectors/c1/offsets", "{}"), 400,
                R"({"error_code":400,"message":"Partitions / offsets need to be provided for an alter offsets )"
                R"(request"})");
}

TEST_F(RoutesTest, PluginsAreThoseThatExist) {
  const std::string all = get("/connector-plugins?connectorsOnly=false");
  EXPECT_THAT(get("/connector-plugins"),
              testing::HasSubstr(R"({"class":"io.debezium.connector.postgresql.PostgresConnector","type":"source",)"
                                 R"("version":"2.7.0.Final"})"));
  EXPECT_THAT(get("/connector-plugins"), testing::Not(testing::HasSubstr("Converter")));
  for (const char* plugin : {R"({"class":"org.apache.kafka.connect.json.JsonConverter","type":"converter","version":"4.0.0"})",
                             R"({"class":"io.debezium.converters.ByteArrayConverter","type":"header_converter","version":"2.7.0.Final"})",
                             R"({"class":"org.apache.kafka.connect.transforms.Cast$Key","type":"transformation","version":"4.0.0"})",
                             R"({"class":"org.apache.kafka.connect.transforms.predicates.HasHeaderKey","type":"predicate","version":"4.0.0"})"})
    EXPECT_THAT(all, testing::HasSubstr(plugin));
  EXPECT_THAT(all, testing::HasSubstr(R"("class":"org.apache.kafka.connect.storage.SimpleHeaderConverter",)"
                                      R"("type":"header_converter")"));
  expect_answer(send("GET", "/connector-plugins/Nope/config"), 404,
                R"({"error_code":404,"message":"Unknown plugin Nope."})");
  EXPECT_EQ(get("/connector-plugins/RecordIsTombstone/config"), "[]");
  expect_answer(send("GET", "/connector-plugins/ByteArrayConverter/config"), 404,
                R"({"error_code":404,"message":"Unknown plugin ByteArrayConverter."})");
}

TEST_F(RoutesTest, ConverterSettings) {
  const std::string json = get("/connector-plugins/org.apache.kafka.connect.json.JsonConverter/config");
  EXPECT_THAT(json, testing::StartsWith(
                        R"([{"name":"converter.type","type":"STRING","required":true,"default_value":null,)"
                        R"("importance":"LOW","documentation":"How this converter will be used.","group":null,)"
                        R"("width":"NONE","display_name":"converter.type","dependents":[],"order":-1},)"
                        R"({"name":"schemas.enable","type":"BOOLEAN","required":false,"default_value":"true",)"
                        R"("importance":"HIGH","documentation":"Include schemas within each of the serialized values )"
                        R"(and keys.","group":"Schemas","width":"MEDIUM","display_name":"Enable Schemas",)"
                        R"("dependents":[],"order":0},)"));
  EXPECT_EQ(json.size(), 1576U);
  EXPECT_EQ(get("/connector-plugins/Json/config"), json);
  EXPECT_EQ(get("/connector-plugins/SimpleHeaderConverter/config"), "[]");
}

TEST_F(RoutesTest, ConnectorSettingsAreItsOwnThenThoseOfAllConnectors) {
  herder_.verdict.verdicts = {{.definition = ConfigKey{.name = "tasks.max"}, .name = "tasks.max"},
                              {.definition = ConfigKey{.name = "topic.prefix"}, .name = "topic.prefix"},
                              {.definition = std::nullopt, .name = "odd"}};
  const std::string body = get("/connector-plugins/Postgres/config");
  const auto own = body.find(R"({"name":"topic.prefix")");
  const auto common = body.find(R"({"name":"tasks.max")");
  ASSERT_NE(own, std::string::npos);
  ASSERT_NE(common, std::string::npos);
  EXPECT_LT(own, common);
  EXPECT_EQ(body.find(R"({"name":"topic.prefix")", own + 1), std::string::npos);
}

TEST_F(RoutesTest, Validation) {
  herder_.verdict = {
      .name = "io.debezium.connector.postgresql.PostgresConnector", .error_count = 2, .groups = {"Common", "Postgres"},
      .verdicts = {{.definition = ConfigKey{.name = "plugin.name", .default_text = "decoderbufs",
                                            .documentation = "Doc.", .group = "Postgres", .order = 8,
                                            .display_name = "Plugin", .allowed = {"decoderbufs", "pgoutput"}},
                    .name = "plugin.name", .errors = {"wrong"}},
                   {.definition = ConfigKey{.name = "p", .type = ConfigType::password, .width = Width::narrow,
                                            .dependents = {"q"}},
                    .name = "p", .value = "secret"},
                   {.definition = std::nullopt, .name = "odd", .value = "1", .errors = {"odd"}}}};
  expect_answer(
      send("PUT", "/connector-plugins/PostgresConnector/config/validate",
           R"({"connector.class":"io.debezium.connector.postgresql.PostgresConnector"})"),
      200,
      R"({"name":"io.debezium.connector.postgresql.PostgresConnector","error_count":2,"groups":["Common","Postgres"],)"
      R"("configs":[{"definition":{"name":"plugin.name","type":"STRING","required":false,)"
      R"("default_value":"decoderbufs","importance":"MEDIUM","documentation":"Doc.","group":"Postgres",)"
      R"("width":"MEDIUM","display_name":"Plugin","dependents":[],"order":8},"value":{"name":"plugin.name",)"
      R"("value":null,"recommended_values":["decoderbufs","pgoutput"],"errors":["wrong"],"visible":true}},)"
      R"({"definition":{"name":"p","type":"PASSWORD","required":false,"default_value":null,"importance":"MEDIUM",)"
      R"("documentation":"","group":null,"width":"SHORT","display_name":null,"dependents":["q"],"order":-1},)"
      R"("value":{"name":"p","value":"[hidden]","recommended_values":[],"errors":[],"visible":true}},)"
      R"({"definition":null,"value":{"name":"odd","value":"1","recommended_values":[],"errors":["odd"],)"
      R"("visible":true}}]})");
  expect_answer(send("PUT", "/connector-plugins/Nope/config/validate", R"({"connector.class":"a.PostgresConnector"})"),
                400, R"({"error_code":400,"message":"Included connector type a.PostgresConnector does not match )"
                     R"(request type Nope"})");
  expect_answer(send("PUT", "/connector-plugins/PostgresConnector/config/validate", "{}"), 500,
                R"({"error_code":500,"message":"org.apache.kafka.connect.runtime.rest.errors.BadRequestException: )"
                R"(Connector config {} contains no connector type"})");
}

TEST_F(RoutesTest, Loggers) {
  expect_answer(send("GET", "/admin/loggers/no.such.logger"), 404,
                R"({"error_code":404,"message":"Logger no.such.logger not found."})");
  EXPECT_EQ(send("PUT", "/admin/loggers/test.routes", R"({"level":"info"})").status, 200);
  expect_answer(send("PUT", "/admin/loggers/test.routes", R"({"level":"warn"})"), 200, R"(["test.routes"])");
  EXPECT_THAT(get("/admin/loggers/test.routes"),
              testing::MatchesRegex(R"(\{"level":"WARN","last_modified":[0-9]+\})"));
  expect_answer(send("PUT", "/admin/loggers/test.routes?scope=cluster", R"({"level":"INFO"})"), 204, "", "");
  expect_answer(send("PUT", "/admin/loggers/test.routes?scope=x", R"({"level":"INFO"})"), 200, "[]");
  expect_answer(send("PUT", "/admin/loggers/test.routes", R"({"level":"NOPE"})"), 404,
                R"({"error_code":404,"message":"invalid log level 'NOPE'."})");
  expect_answer(send("PUT", "/admin/loggers/test.routes", "{}"), 400,
                R"({"error_code":400,"message":"Desired 'level' parameter was not specified in request."})");
  EXPECT_THAT(get("/admin/loggers/"), testing::HasSubstr(R"("test.routes":{"level":"INFO","last_modified":)"));
  Routes without_admin{herder_, {.admin = false}};
  EXPECT_EQ(without_admin.serve({.method = "GET", .target = "/admin/loggers"}).status, 404);
}

TEST_F(RoutesTest, ErrorsOfTheHttpLayerHaveNoType) {
  create("c1");
  const std::string not_found = R"({"error_code":404,"message":"HTTP 404 Not Found"})";
  const std::string not_allowed = R"({"error_code":405,"message":"HTTP 405 Method Not Allowed"})";
  expect_answer(send("GET", "/nope"), 404, not_found, "");
  expect_answer(send("GET", "/connectors/c1/tasks-config"), 404, not_found, "");
  expect_answer(send("DELETE", "/connectors"), 405, not_allowed, "");
  expect_answer(send("POST", "/", "{}"), 405, not_allowed, "");
  expect_answer(send("GET", "/connectors/c1/pause"), 405, not_allowed, "");
  EXPECT_EQ(send("GET", "/connectors/c1/pause").allow, "");
}

TEST_F(RoutesTest, TypesAreNegotiated) {
  const auto with = [&](std::string method, std::optional<std::string> type, std::optional<std::string> accept,
                        std::string body) {
    return routes_.serve({.method = std::move(method), .target = "/connectors", .content_type = std::move(type),
                          .accept = std::move(accept), .body = std::move(body)});
  };
  expect_answer(with("GET", {}, "application/xml", ""), 406,
                R"({"error_code":406,"message":"HTTP 406 Not Acceptable"})", "");
  for (const auto* accept : {"*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON", ""})
    EXPECT_EQ(with("GET", {}, accept, "").status, 200) << accept;
  EXPECT_EQ(with("GET", {}, "application/json;q=0", "").status, 406);
  EXPECT_EQ(with("GET", {}, std::nullopt, "").status, 200);
  const std::string unsupported = R"({"error_code":415,"message":"HTTP 415 Unsupported Media Type"})";
  expect_answer(with("POST", "text/plain", {}, "{}"), 415, unsupported, "");
  expect_answer(with("POST", std::nullopt, {}, "{}"), 415, unsupported);
  EXPECT_EQ(with("POST", "application/json; charset=utf-8", {}, "{}").status, 500);
}

TEST_F(RoutesTest, OptionsListsTheMethods) {
  const auto answer = send("OPTIONS", "/connectors");
  expect_answer(answer, 200, "");
  EXPECT_EQ(answer.allow, "POST,HEAD,GET,OPTIONS");
  EXPECT_EQ(send("OPTIONS", "/connectors/c1/pause").allow, "PUT,OPTIONS");
}

TEST_F(RoutesTest, SlashesAtTheEndAndWithin) {
  EXPECT_EQ(get("/connectors/"), "[]");
  const auto ambiguous = send("GET", "//connectors");
  EXPECT_EQ(ambiguous.status, 400);
  EXPECT_EQ(ambiguous.content_type, "text/html;charset=iso-8859-1");
  EXPECT_TRUE(ambiguous.close);
  expect_answer(send("DELETE", "//connectors"), 400, "", "");
  expect_answer(send("GET", "/connectors/a>b"), 400, "", "");
}

// Connect makes them and then answers 400 to every request that names them.
TEST_F(RoutesTest, NamesWithSlashAndPercentCanBeReachedUnlikeInConnect) {
  EXPECT_EQ(create("a/b").location, "http://127.0.0.1:8083/connectors/a%2Fb");
  EXPECT_EQ(create("é %x").location, "http://127.0.0.1:8083/connectors/%C3%A9%20%25x");
  EXPECT_EQ(send("GET", "/connectors/a%2Fb/status").status, 200);
  EXPECT_EQ(send("DELETE", "/connectors/a%2Fb").status, 204);
  EXPECT_EQ(send("DELETE", "/connectors/%C3%A9%20%25x").status, 204);
}

TEST_F(RoutesTest, InternalCallsNeedASignatureThatNobodyHas) {
  const std::string missing = R"({"error_code":400,"message":"Internal request missing required signature"})";
  expect_answer(send("PUT", "/connectors/c1/fence"), 400, missing);
  expect_answer(send("POST", "/connectors/c1/tasks", "[]"), 400, missing);
  EXPECT_EQ(routes_.serve({.method = "PUT", .target = "/connectors/c1/fence", .internal_signature = true}).status, 403);
}

}  // namespace
}  // namespace millrace
