// What is wrong with a MongoDB deployment, in words that say what to type. Validation of a configuration and the running
// task use the same texts.
// Threads: plain functions; look_at() asks servers and resolves names, a few seconds for each.
// Errors: none; what cannot be found out is left out. No text holds a password.
#pragma once

#include <bson/bson.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {

// Who logs in, as the connection string or the options say.
struct Login {
  std::string user;                // empty: nobody
  std::string auth_source = "admin";
};

// One server of the connection string and its answer to hello. Its fields: MongoDB manual, "hello".
struct ServerFacts {
  std::string address;             // host:port, as the connection string names it
  bool answered = false;
  bool resolved = true;            // the name has an address
  std::string tls_problem;         // then it was not asked; with the remedy
  bool uninitiated = false;        // runs with --replSet, but its set was never initiated
  bool sharded = false;            // a mongos
  std::string set_name;            // empty: not in a set
  std::vector<std::string> members;        // of the set, as its configuration names them
  std::vector<std::string> unresolved;     // those of them that have no address here
};

struct DeploymentFacts {
  std::string wanted_set;          // replicaSet= of the connection string; empty: it has none
  std::vector<ServerFacts> servers;
};

Login login_of(const Config& config);
// Asks the servers one after the other, without credentials, until the time is over. Those that mongodb+srv:// stands
// for are not asked.
DeploymentFacts look_at(const ConnectionSettings& settings, std::chrono::milliseconds time);

// Fills in set, members and kind from a hello reply.
void read_hello(const bson_t& hello, ServerFacts& facts);

// Why no server can be chosen, or change streams will not work: no replica set, another set, members that cannot be
// reached from here, no server at all. None: nothing is known to be wrong.
std::optional<std::string> deployment_advice(const DeploymentFacts& facts);
// No server answers, and one at least has words with our TLS settings: waiting does not help.
bool refuses_tls(const DeploymentFacts& facts);
// Only the line that adds replicaSet= to the connection string.
std::string replica_set_advice(const std::string& set_name);
// What to do about a server's refusal. `code`: its error code, 0 when there was no answer; `authentication`: the log-in
// failed. None: nothing is known about this one.
std::optional<std::string> refusal_advice(int code, bool authentication, const Login& login);

}  // namespace millrace::mongodb
