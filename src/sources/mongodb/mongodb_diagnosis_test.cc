#include "sources/mongodb/mongodb_diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ServerFacts hello(const char* reply_json, std::string address = "mongo:27017") {
  ServerFacts facts{.address = std::move(address), .answered = true};
  bson_t reply;
  EXPECT_TRUE(bson_init_from_json(&reply, reply_json, -1, nullptr)) << reply_json;
  read_hello(reply, facts);
  bson_destroy(&reply);
  return facts;
}

// {"setName":"rs0",...} with one member.
ServerFacts member_of(const std::string& set, const std::string& member) {
  return hello(("{\"isWritablePrimary\": true, \"setName\": \"" + set + "\", \"hosts\": [\"" + member + "\"], \"me\": \"" + member + "\"}").c_str());
}

TEST(MongoDiagnosis, ReadsHello) {
  const ServerFacts facts = hello(R"({"setName": "rs0", "hosts": ["a:1", "b:2"], "passives": ["c:3"], "secondary": true})");
  EXPECT_EQ(facts.set_name, "rs0");
  EXPECT_THAT(facts.members, ElementsAre("a:1", "b:2", "c:3"));
  EXPECT_FALSE(facts.uninitiated || facts.sharded);
  EXPECT_TRUE(hello(R"({"isreplicaset": true, "info": "Does not have a valid replica set config"})").uninitiated);
  EXPECT_TRUE(hello(R"({"msg": "isdbgrid"})").sharded);
}

TEST(MongoDiagnosis, AGoodSetAndAShardedClusterNeedNoAdvice) {
  EXPECT_FALSE(deployment_advice({.wanted_set = "rs0", .servers = {member_of("rs0", "mongo:27017")}}));
  EXPECT_FALSE(deployment_advice({.wanted_set = "", .servers = {hello(R"({"msg": "isdbgrid"})")}}));
  EXPECT_FALSE(deployment_advice({}));
}

TEST(MongoDiagnosis, AStandaloneServerBecomesASet) {
  const auto advice = deployment_advice({.wanted_set = "", .servers = {hello("{\"isWritablePrimary\": true}")}});
  ASSERT_TRUE(advice);
  EXPECT_THAT(*advice, HasSubstr("mongo:27017 is a standalone server"));
  EXPECT_THAT(*advice, HasSubstr("--replSet rs0"));
  EXPECT_THAT(*advice, HasSubstr("rs.initiate({_id: 'rs0', members: [{_id: 0, host: 'mongo:27017'}]})"));
}

TEST(MongoDiagnosis, ASetThatWasNeverInitiated) {
  const auto advice = deployment_advice({.wanted_set = "rs7", .servers = {hello("{\"isreplicaset\": true}")}});
  ASSERT_TRUE(advice);
  EXPECT_THAT(*advice, HasSubstr("is not initiated"));
  EXPECT_THAT(*advice, HasSubstr("rs.initiate({_id: 'rs7', members: [{_id: 0, host: 'mongo:27017'}]})"));
}

TEST(MongoDiagnosis, AnotherSet) {
  const auto advice = deployment_advice({.wanted_set = "rs0", .servers = {member_of("rs1", "mongo:27017")}});
  ASSERT_TRUE(advice);
  EXPECT_THAT(*advice, HasSubstr("Write replicaSet=rs1"));
}

TEST(MongoDiagnosis, MembersThatCannotBeReachedFromHere) {
  const auto local = deployment_advice({.wanted_set = "rs0", .servers = {member_of("rs0", "localhost:27017")}});
  ASSERT_TRUE(local);
  EXPECT_THAT(*local, HasSubstr("localhost:27017 means this machine here"));
  EXPECT_THAT(*local, HasSubstr("cfg.members[0].host = 'mongo:27017'; rs.reconfig(cfg)"));

  ServerFacts unknown = hello(R"({"setName": "rs0", "hosts": ["mongo:27017", "mongo-1:27017"]})");
  unknown.unresolved = {"mongo-1:27017"};
  const auto advice = deployment_advice({.wanted_set = "rs0", .servers = {unknown}});
  ASSERT_TRUE(advice);
  EXPECT_THAT(*advice, HasSubstr("mongo-1:27017 cannot be resolved here"));
  EXPECT_THAT(*advice, HasSubstr("cfg.members[1].host"));

  ServerFacts here = member_of("rs0", "localhost:27017");
  here.address = "127.0.0.1:27017";
  EXPECT_FALSE(deployment_advice({.wanted_set = "rs0", .servers = {here}}));
}

TEST(MongoDiagnosis, NoServerAtAll) {
  const auto advice = deployment_advice(
      {.wanted_set = "rs0", .servers = {{.address = "a:1"}, {.address = "nowhere:2", .resolved = false}}});
  ASSERT_TRUE(advice);
  EXPECT_THAT(*advice, HasSubstr("a:1, nowhere:2 (no address is known for this name)"));
}

TEST(MongoDiagnosis, Refusals) {
  const Login root{.user = "root", .auth_source = "app"};
  EXPECT_THAT(*refusal_advice(18, false, root), HasSubstr("db.getSiblingDB('app').createUser({user: 'root'"));
  EXPECT_EQ(refusal_advice(18, false, root), refusal_advice(0, true, root));
  EXPECT_THAT(*refusal_advice(18, false, root), HasSubstr("authSource=app"));
  EXPECT_THAT(*refusal_advice(13, false, root), HasSubstr("grantRolesToUser('root', [{role: 'readAnyDatabase', db: 'admin'}])"));
  EXPECT_THAT(*refusal_advice(13, false, {}), HasSubstr("wants a log-in"));
  EXPECT_THAT(*refusal_advice(40573, false, {}), HasSubstr("rs.initiate()"));
  EXPECT_FALSE(refusal_advice(91, false, root));
  EXPECT_THAT(replica_set_advice("rs0"), HasSubstr("Write replicaSet=rs0 "));
  EXPECT_THAT(replica_set_advice(""), HasSubstr("replicaSet=<name>"));
}

TEST(MongoDiagnosis, WhoLogsIn) {
  const auto login = [](std::map<std::string, std::string, std::less<>> entries) { return login_of(Config{std::move(entries)}); };
  EXPECT_EQ(login({{"mongodb.connection.string", "mongodb://u%40:p@h/db"}}).user, "u@");
  EXPECT_EQ(login({{"mongodb.connection.string", "mongodb://u:p@h/db"}}).auth_source, "db");
  EXPECT_EQ(login({{"mongodb.connection.string", "mongodb://u:p@h/db?authSource=x"}}).auth_source, "x");
  EXPECT_EQ(login({{"mongodb.connection.string", "mongodb://h/"}, {"mongodb.user", "o"}}).user, "o");
  EXPECT_EQ(login({{"mongodb.connection.string", "mongodb://h/"}}).user, "");
}

TEST(MongoDiagnosis, LooksAtServersOfTheString) {
  const DeploymentFacts facts = look_at({.uri = "mongodb://127.0.0.1:1,127.0.0.1:2/?replicaSet=rs0"}, std::chrono::milliseconds{1'000});
  EXPECT_EQ(facts.wanted_set, "rs0");
  ASSERT_GE(facts.servers.size(), 1u);
  EXPECT_EQ(facts.servers[0].address, "127.0.0.1:1");
  EXPECT_FALSE(facts.servers[0].answered);
  EXPECT_TRUE(facts.servers[0].resolved);
}

}  // namespace
}  // namespace millrace::mongodb
