// The test connection of a configuration: what Debezium's connector tries when REST validates it, and what to do when
// it does not work.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "sources/mongodb/client.h"
#include "sources/mongodb/connection_string.h"
#include "sources/mongodb/mongodb_config.h"
#include "sources/mongodb/mongodb_diagnosis.h"

namespace millrace::mongodb {
namespace {

// A REST request waits for all of this: 15 s for a server, 10 s for an answer, or 8 s to find out why there is none.
constexpr std::int64_t k_selection_ms_max = 15'000, k_connect_ms_max = 5'000, k_answer_ms_max = 10'000;
constexpr std::chrono::milliseconds k_validation_diagnosis_time{8'000};

void limit(ConnectionString& string, const std::string& option, std::int64_t most) {
  Config given;
  if (const std::string* text = string.option(option)) given.set(option, *text);
  const std::int64_t time = given.integer(option, most);
  std::erase_if(string.options, [&option](const auto& entry) { return entry.first == option; });
  string.options.emplace_back(option, std::to_string(time <= 0 ? most : std::min(time, most)));
}

Result<ConnectionSettings> limited_settings(const Config& config) {
  MR_TRY(ConnectionSettings settings, connection_settings(config));
  MR_TRY(ConnectionString string, parse_connection_string(settings.uri));
  limit(string, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, k_selection_ms_max);
  limit(string, MONGOC_URI_CONNECTTIMEOUTMS, k_connect_ms_max);
  limit(string, MONGOC_URI_SOCKETTIMEOUTMS, k_answer_ms_max);
  settings.uri = string.text();
  return settings;
}

std::string sentences(const std::string& text, const std::optional<std::string>& advice) {
  if (!advice) return text;
  return text + (text.ends_with('.') ? " " : ". ") + *advice + ".";
}

// Of the first server that is in a set; empty: none is.
std::string set_name(const DeploymentFacts& facts) {
  const auto at = std::ranges::find_if(facts.servers, [](const ServerFacts& server) { return !server.set_name.empty(); });
  return at == facts.servers.end() ? std::string{} : at->set_name;
}

std::optional<std::string> problem_of(const Config& config) {
  const auto settings = limited_settings(config);
  if (!settings) return settings.error().text;
  const Login login = login_of(config);
  const auto refused = [&login](const ServerError& error) {
    return sentences("Unable to connect: " + error.error.text,
                     refusal_advice(error.code, error.error.exception == "com.mongodb.MongoSecurityException", login));
  };
  const auto why = [&settings] { return deployment_advice(look_at(*settings, k_validation_diagnosis_time)); };

  StopSignal never;
  const auto client = Client::open(*settings, never);
  if (!client) return "Unable to connect: " + client.error().text;
  if (const auto selected = (*client)->select_server(); !selected)
    return sentences("Unable to connect: " + selected.error().error.text, why());
  if (!(*client)->is_replica_set() && !(*client)->is_sharded())
    return sentences("Unable to connect: " + (*client)->server_address() + " is not a member of a replica set", why());
  const auto databases = (*client)->database_names();
  if (!databases) return refused(databases.error());
  const auto string = parse_connection_string(settings->uri);
  if ((*client)->is_replica_set() && string && !string->srv && string->option(MONGOC_URI_REPLICASET) == nullptr) {
    const DeploymentFacts facts = look_at(*settings, k_validation_diagnosis_time);
    return sentences(sentences("Replica set not specified in connection string for REPLICA_SET cluster.",
                               replica_set_advice(set_name(facts))), deployment_advice(facts));
  }
  const auto capture = capture_options(config);
  if (databases->empty() && capture && capture->scope == CaptureScope::deployment)
    return sentences("User doesn't have rights to list databases. Please verify credentials and database permissions.",
                     refusal_advice(13, false, login));
  return std::nullopt;
}

}  // namespace

void validate(const Config& config, ConfigErrors& errors) {
  if (!errors.empty()) return;
  if (auto problem = problem_of(config)) errors.push_back({"mongodb.connection.string", std::move(*problem)});
}

}  // namespace millrace::mongodb
