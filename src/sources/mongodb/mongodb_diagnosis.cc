#include "sources/mongodb/mongodb_diagnosis.h"

#include <mongoc/mongoc.h>
#include <netdb.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "sources/mongodb/client.h"
#include "sources/mongodb/connection_string.h"
#include "sources/mongodb/tls_trial.h"

namespace millrace::mongodb {
namespace {

using Clock = std::chrono::steady_clock;

// Longest time for one server: a refused connection or a name without an address is known at once.
constexpr std::chrono::milliseconds k_server_time_max{3'000};

std::string text_of(const bson_iter_t& at) {
  std::uint32_t size = 0;
  const char* text = BSON_ITER_HOLDS_UTF8(&at) ? bson_iter_utf8(&at, &size) : nullptr;
  return text == nullptr ? std::string{} : std::string{text, size};
}

std::string host_of(std::string_view address) {
  if (address.starts_with('[')) return std::string{address.substr(1, address.find(']') - 1)};
  return std::string{address.substr(0, address.rfind(':'))};
}

bool is_loopback(std::string_view address) {
  const std::string host = host_of(address);
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

bool resolves(const std::string& address) {
  addrinfo* found = nullptr;
  const bool known = getaddrinfo(host_of(address).c_str(), nullptr, nullptr, &found) == 0;
  if (known) freeaddrinfo(found);
  return known;
}

// hello comes before any log-in, so this connection has no credentials.
void ask(const mongoc_host_list_t& host, const ConnectionSettings& settings, std::chrono::milliseconds time, ServerFacts& facts) {
  const std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)> uri{
      mongoc_uri_new_for_host_port(host.host, host.port), mongoc_uri_destroy};
  if (!uri) return;
  const auto limit = static_cast<std::int32_t>(time.count());
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_DIRECTCONNECTION, true);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_TLS, settings.tls);
  mongoc_uri_set_option_as_int32(uri.get(), MONGOC_URI_SERVERSELECTIONTIMEOUTMS, limit);
  mongoc_uri_set_option_as_int32(uri.get(), MONGOC_URI_CONNECTTIMEOUTMS, limit);
  const std::unique_ptr<mongoc_client_pool_t, decltype(&mongoc_client_pool_destroy)> pool{
      mongoc_client_pool_new(uri.get()), mongoc_client_pool_destroy};
  if (!pool) return;
  if (settings.tls) {
    const mongoc_ssl_opt_t tls = ssl_options(settings);
    mongoc_client_pool_set_ssl_opts(pool.get(), &tls);
  }
  mongoc_client_t* const client = mongoc_client_pool_pop(pool.get());
  mongoc_server_description_t* const server = mongoc_client_select_server(client, false, nullptr, nullptr);
  if (server != nullptr) {
    facts.answered = true;
    read_hello(*mongoc_server_description_hello_response(server), facts);
    mongoc_server_description_destroy(server);
  }
  mongoc_client_pool_push(pool.get(), client);
}

std::string comma_separated(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string initiate(const std::string& set, const std::string& address) {
  return "rs.initiate({_id: '" + set + "', members: [{_id: 0, host: '" + address + "'}]})";
}

std::string set_or(const std::string& set, std::string fallback) { return set.empty() ? std::move(fallback) : set; }

// Names of members that mean something else here than to the server, or nothing.
std::vector<std::string> members_lost(const ServerFacts& server) {
  std::vector<std::string> lost = server.unresolved;
  if (!is_loopback(server.address))
    for (const std::string& member : server.members)
      if (is_loopback(member)) lost.push_back(member);
  return lost;
}

std::string member_advice(const ServerFacts& server, const std::vector<std::string>& lost) {
  const auto at = std::ranges::find(server.members, lost.front());
  const std::string index = std::to_string(at == server.members.end() ? 0 : at - server.members.begin());
  return "The replica set " + server.set_name + " names its members " + comma_separated(server.members) + ", and drivers connect to these names; " +
         comma_separated(lost) + (is_loopback(lost.front()) ? " means this machine here" : " cannot be resolved here") +
         ". Reconfigure the set with names that every client can reach; in mongosh on the primary: cfg = rs.conf(); cfg.members[" +
         index + "].host = '" + server.address + "'; rs.reconfig(cfg)";
}

std::string unreachable_advice(const std::vector<ServerFacts>& servers) {
  const auto refusing = std::ranges::find_if_not(servers, &std::string::empty, &ServerFacts::tls_problem);
  if (refusing != servers.end()) return refusing->tls_problem;
  std::string out = "No server of the connection string answers:";
  for (const ServerFacts& server : servers)
    out += (&server == servers.data() ? " " : ", ") + server.address + (server.resolved ? "" : " (no address is known for this name)");
  return out + ". Check host and port, that mongod runs and listens there (net.bindIp), and that both sides agree on TLS";
}

}  // namespace

Login login_of(const Config& config) {
  Login out;
  const auto string = parse_connection_string(config.get("mongodb.connection.string"));
  if (string && string->user) {
    out.user = *string->user;
    if (const std::string* source = string->option("authsource")) out.auth_source = percent_decoded(*source).value_or(*source);
    else if (!string->database.empty()) out.auth_source = string->database;
  } else {
    out.user = config.get("mongodb.user");
    out.auth_source = config.get("mongodb.authsource", "admin");
  }
  return out;
}

DeploymentFacts look_at(const ConnectionSettings& settings, std::chrono::milliseconds time) {
  DeploymentFacts out;
  const auto until = Clock::now() + time;
  const auto left = [&until] {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    return std::min(rest, k_server_time_max);
  };
  const std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)> uri{mongoc_uri_new(settings.uri.c_str()), mongoc_uri_destroy};
  if (!uri) return out;
  if (const char* set = mongoc_uri_get_replica_set(uri.get())) out.wanted_set = set;
  for (const mongoc_host_list_t* host = mongoc_uri_get_hosts(uri.get()); host != nullptr && left().count() > 0; host = host->next) {
    ServerFacts& server = out.servers.emplace_back();
    server.address = host->host_and_port;
    server.resolved = host->family == AF_UNIX || resolves(server.address);
    const auto time_left = [&left] { return std::max(left(), std::chrono::milliseconds{1}); };
    if (server.resolved && settings.tls) server.tls_problem = tls_problem(settings, *host, time_left()).value_or("");
    if (server.resolved && server.tls_problem.empty()) ask(*host, settings, time_left(), server);
    for (const std::string& member : server.members)
      if (left().count() > 0 && !resolves(member)) server.unresolved.push_back(member);
  }
  return out;
}

void read_hello(const bson_t& hello, ServerFacts& facts) {
  bson_iter_t at, member;
  if (!bson_iter_init(&at, &hello)) return;
  while (bson_iter_next(&at)) {
    const std::string_view name = bson_iter_key(&at);
    if (name == "setName") facts.set_name = text_of(at);
    else if (name == "isreplicaset") facts.uninitiated = bson_iter_as_bool(&at);
    else if (name == "msg") facts.sharded = text_of(at) == "isdbgrid";
    else if ((name == "hosts" || name == "passives") && BSON_ITER_HOLDS_ARRAY(&at) && bson_iter_recurse(&at, &member))
      while (bson_iter_next(&member)) facts.members.push_back(text_of(member));
  }
}

std::optional<std::string> deployment_advice(const DeploymentFacts& facts) {
  for (const ServerFacts& server : facts.servers) {
    if (!server.answered || server.sharded) continue;
    const std::string set = set_or(facts.wanted_set, "rs0");
    if (server.uninitiated)
      return "The replica set of " + server.address + " is not initiated. Run once in mongosh on that server: " +
             initiate(set, server.address) + " where '" + set + "' is the name that mongod has as --replSet";
    if (server.set_name.empty())
      return "MongoDB at " + server.address + " is a standalone server, and only replica sets have change streams. Start mongod with --replSet " +
             set + " (replication.replSetName in mongod.conf), then run once in mongosh on that server: " + initiate(set, server.address);
    if (!facts.wanted_set.empty() && facts.wanted_set != server.set_name)
      return "MongoDB at " + server.address + " belongs to the replica set " + server.set_name + " and not to " + facts.wanted_set +
             ". Write replicaSet=" + server.set_name + " in mongodb.connection.string";
    if (const auto lost = members_lost(server); !lost.empty()) return member_advice(server, lost);
  }
  const bool silent = std::ranges::none_of(facts.servers, &ServerFacts::answered);
  if (silent && !facts.servers.empty()) return unreachable_advice(facts.servers);
  return std::nullopt;
}

bool refuses_tls(const DeploymentFacts& facts) {
  return std::ranges::none_of(facts.servers, &ServerFacts::answered) &&
         std::ranges::any_of(facts.servers, [](const ServerFacts& server) { return !server.tls_problem.empty(); });
}

std::string replica_set_advice(const std::string& set_name) {
  return "Write replicaSet=" + set_or(set_name, "<name>") + " among the options of mongodb.connection.string: mongodb://host:27017/?replicaSet=" +
         set_or(set_name, "<name>");
}

std::optional<std::string> refusal_advice(int code, bool authentication, const Login& login) {
  constexpr int k_unauthorized = 13, k_authentication_failed = 18, k_not_a_replica_set = 40573;
  if (code == k_unauthorized && login.user.empty())
    return "The server wants a log-in. Write user and password in mongodb.connection.string (mongodb://user:password@host...) or set "
           "mongodb.user and mongodb.password";
  if (code == k_unauthorized)
    return "The user " + login.user + " lacks a privilege. Run in mongosh on the primary: db.getSiblingDB('" + login.auth_source +
           "').grantRolesToUser('" + login.user + "', [{role: 'readAnyDatabase', db: 'admin'}])";
  if (authentication || code == k_authentication_failed)
    return "The log-in of user " + login.user + " with authSource=" + login.auth_source +
           " failed. If the password is right and the user was created in another database, write that one as authSource. If there is no such "
           "user (MONGO_INITDB_ROOT_USERNAME creates none once the data directory exists), create it in mongosh on the primary: db.getSiblingDB('" +
           login.auth_source + "').createUser({user: '" + login.user + "', pwd: passwordPrompt(), roles: [{role: 'readAnyDatabase', db: 'admin'}]})";
  if (code == k_not_a_replica_set)
    return "Only replica sets have change streams. Start mongod with --replSet rs0, then run rs.initiate() once in mongosh";
  return std::nullopt;
}

}  // namespace millrace::mongodb
