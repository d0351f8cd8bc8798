#include "sources/mongodb/mongodb_config.h"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "core/letters.h"
#include "sources/mongodb/client.h"
#include "sources/mongodb/connection_string.h"
#include "sources/mongodb/key_stores.h"
#include "sources/mongodb/lenient_json.h"
#include "sources/mongodb/mongodb_unsupported.h"
#include "sources/mongodb/snapshot_rules.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_string_key = "mongodb.connection.string";
constexpr std::int64_t k_heartbeat_least_ms = 500;   // libmongoc's
constexpr std::string_view k_mask = "***";
constexpr std::string_view k_pipeline_key = "cursor.pipeline", k_threshold_key = "cursor.oversize.skip.threshold",
                           k_filters_key = "snapshot.collection.filter.overrides";

// Options of the Java driver that mean nothing to libmongoc, which would warn of each.
constexpr std::array<std::string_view, 4> k_java_options{"uuidrepresentation", "maxlifetimems", "sslinvalidhostnameallowed",
                                                         "servermonitoringmode"};

std::string value_of(const Config& config, std::string_view name) { return std::string{trimmed(config.get(name))}; }

// ---- connection -----------------------------------------------------------------------------------------------

// Credentials of the options are used only when the string has none, and then together with mongodb.authsource,
// as in Debezium: an authSource beside no user in the string does not count.
void add_credentials(const Config& config, ConnectionString& string) {
  const std::string user = config.get("mongodb.user");
  if (user.empty() || string.user || string.option("authmechanism") != nullptr) return;
  string.user = user;
  string.password = config.get("mongodb.password");
  std::erase_if(string.options, [](const auto& option) { return option.first == "authsource"; });
  string.options.emplace_back("authsource", percent_encoded(config.get("mongodb.authsource", "admin")));
}

// 0 and less mean "for ever" or "not at all" to Java's driver: libmongoc's own default then stays.
void add_time(const Config& config, const char* name, const char* option, std::int64_t fallback, std::int64_t least,
              ConnectionString& string) {
  const std::int64_t time = config.integer(name, fallback);
  if (time > 0 && string.option(option) == nullptr)
    string.options.emplace_back(option, std::to_string(std::max(time, least)));
}

void add_times(const Config& config, ConnectionString& string) {
  add_time(config, "mongodb.connect.timeout.ms", MONGOC_URI_CONNECTTIMEOUTMS, 10'000, 1, string);
  add_time(config, "mongodb.socket.timeout.ms", MONGOC_URI_SOCKETTIMEOUTMS, 0, 1, string);
  add_time(config, "mongodb.server.selection.timeout.ms", MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 30'000, 1, string);
  add_time(config, "mongodb.heartbeat.frequency.ms", MONGOC_URI_HEARTBEATFREQUENCYMS, 10'000, k_heartbeat_least_ms, string);
}

bool uses_tls(const Config& config, const ConnectionString& string) {
  for (const char* name : {"tls", "ssl"})
    if (string.option(name) != nullptr) return string.option_is_true(name);
  return string.srv || config.boolean("mongodb.ssl.enabled", false);
}

std::string file_option(const ConnectionString& string, std::string_view name) {
  const std::string* value = string.option(name);
  return value == nullptr ? std::string{} : percent_decoded(*value).value_or(*value);
}

// The path of a store that is kept in memory with the settings; empty: there is none.
std::string keep(std::optional<MemoryFile> store, ConnectionSettings& settings) {
  if (!store) return {};
  return settings.stores.emplace_back(std::make_shared<const MemoryFile>(std::move(*store)))->path();
}

// What the string says wins; its files are libmongoc's to read.
Result<void> add_tls(const Config& config, ConnectionString& string, ConnectionSettings& out) {
  out.tls = uses_tls(config, string);
  if (!out.tls) return {};
  std::erase_if(string.options, [](const auto& option) { return option.first == "ssl" || option.first == "tls"; });
  string.options.emplace_back("tls", "true");
  out.ca_file = file_option(string, MONGOC_URI_TLSCAFILE);
  if (out.ca_file.empty()) {
    MR_TRY(auto store, load_truststore(config));
    out.ca_file = keep(std::move(store), out);
  }
  out.certificate_file = file_option(string, MONGOC_URI_TLSCERTIFICATEKEYFILE);
  out.certificate_password = file_option(string, MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD);
  if (out.certificate_file.empty()) {
    MR_TRY(auto store, load_keystore(config));
    out.certificate_file = keep(std::move(store), out);
  }
  out.invalid_hostname_allowed = config.boolean("mongodb.ssl.invalid.hostname.allowed", false);
  for (const char* name : {"tlsinsecure", "tlsallowinvalidhostnames", "sslinvalidhostnameallowed"})
    if (string.option(name) != nullptr) out.invalid_hostname_allowed = string.option_is_true(name);
  return {};
}

// libmongoc's own check of the merged string. Its words may quote the password: then they are not passed on.
Result<void> check_uri(const ConnectionString& string, const std::string& uri) {
  start_libmongoc();
  bson_error_t error{};
  const std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)> parsed{
      mongoc_uri_new_with_error(uri.c_str(), &error), mongoc_uri_destroy};
  if (parsed) return {};
  std::string reason = error.message;
  const auto quotes = [&reason](const std::optional<std::string>& secret) {
    return secret && !secret->empty() && reason.find(*secret) != std::string::npos;
  };
  if (lower(reason).find("password") != std::string::npos || quotes(string.user) || quotes(string.password) || reason.empty())
    reason = "check its user, hosts, database and options";
  return fail("Invalid connection string: " + reason, Retry::no, "java.lang.IllegalArgumentException");
}

// ---- checks of combinations -------------------------------------------------------------------------------------

void check_removed(const Config& config, ConfigErrors& errors) {
  const std::string key{k_string_key};
  if (config.has("mongodb.connection.string.shard.params"))
    errors.push_back({key, "Deprecated field 'mongodb.connection.string.shard.params' is used"});
  if (config.get("mongodb.connection.mode") == "replica_set")
    errors.push_back({key, "Deprecated field 'mongodb.connection.mode' is used set to removed 'replica_set' value"});
}

void check_credentials(const Config& config, const ConnectionString& string, ConfigErrors& errors) {
  const bool user = !config.get("mongodb.user").empty(), password = !config.get("mongodb.password").empty();
  if (user == password || string.user || string.option("authmechanism") != nullptr) return;
  errors.push_back(invalid_option(user ? "mongodb.password" : "mongodb.user",
                                  std::string{"A value is required when "} + (user ? "mongodb.user" : "mongodb.password") + " is set"));
}

// Options that are outside Debezium's definition: there a wrong word silently means the default.
void check_word(const Config& config, const std::string& name, std::initializer_list<std::string_view> words,
                ConfigErrors& errors) {
  const std::string word = lower(value_of(config, name));
  if (!config.has(name) || std::ranges::find(words, word) != words.end()) return;
  std::string problem = "Value must be one of ";
  for (const std::string_view& allowed : words) problem += std::string{&allowed == words.begin() ? "" : ", "} + std::string{allowed};
  errors.push_back(invalid_option(name, problem));
}

Result<void> read_cursor_options(const Config& config, CaptureOptions& out) {
  out.await_ms = std::max<std::int64_t>(0, config.integer("cursor.max.await.time.ms", 0));
  if (const std::string pipeline = value_of(config, k_pipeline_key); !pipeline.empty()) {
    auto stages = documents_of_json(pipeline);
    if (!stages) return std::unexpected{std::move(stages.error()).as_cause_of("Change stream pipeline JSON is invalid", k_config_exception)};
    out.user_stages = std::move(*stages);
  }
  const std::string order = lower(value_of(config, "cursor.pipeline.order"));
  if (order == "user_first") out.order = PipelineOrder::user_first;
  if (order == "user_only") out.order = PipelineOrder::user_only;
  const std::string oversize = lower(value_of(config, "cursor.oversize.handling.mode"));
  if (oversize == "split") out.oversize = OversizeHandling::split;
  if (oversize != "skip") return {};
  out.oversize = OversizeHandling::skip;
  const std::int64_t threshold = config.integer(std::string{k_threshold_key}, 0);
  if (threshold <= 0 || threshold > std::numeric_limits<std::int32_t>::max())
    return fail("Invalid threshold value for skipped document size", Retry::no, k_config_exception);
  out.skip_threshold = static_cast<std::int32_t>(threshold);
  return {};
}

void check_cursor(const Config& config, ConfigErrors& errors) {
  check_word(config, "cursor.pipeline.order", {"internal_first", "user_first", "user_only"}, errors);
  check_word(config, "cursor.oversize.handling.mode", {"fail", "skip", "split"}, errors);
  CaptureOptions out;
  if (const auto read = read_cursor_options(config, out); !read) {
    const bool threshold = read.error().cause == nullptr;
    errors.push_back(invalid_option(threshold ? k_threshold_key : k_pipeline_key,
                                    read.error().text + (threshold ? "" : ": " + read.error().cause->text)));
  }
}

Result<CaptureScope> capture_scope(const Config& config) {
  const std::string word = lower(value_of(config, "capture.scope"));
  if (word.empty() || word == "deployment") return CaptureScope::deployment;
  if (word == "database") return CaptureScope::database;
  if (word == "collection") return CaptureScope::collection;
  return fail("capture.scope=" + word + ": Value must be one of deployment, database, collection", Retry::no, k_config_exception);
}

Result<void> read_capture_target(const Config& config, CaptureOptions& out) {
  MR_TRY(out.scope, capture_scope(config));
  if (out.scope == CaptureScope::deployment) return {};
  const std::string target = value_of(config, "capture.target");
  const auto dot = out.scope == CaptureScope::collection ? target.find('.') : std::string::npos;
  out.database = target.substr(0, dot);
  if (dot != std::string::npos) out.collection = target.substr(dot + 1);
  if (out.database.empty() || (out.scope == CaptureScope::collection && out.collection.empty()))
    return fail(out.scope == CaptureScope::database ? "with capture.scope=database the name of a database is needed"
                                                    : "with capture.scope=collection <database>.<collection> is needed",
                Retry::no, k_config_exception);
  return {};
}

}  // namespace

void check(const Config& config, ConfigErrors& errors) {
  check_removed(config, errors);
  if (const auto string = parse_connection_string(config.get(k_string_key))) {
    check_credentials(config, *string, errors);
    if (uses_tls(config, *string)) check_key_stores(config, errors);
  }
  check_word(config, "filters.match.mode", {"regex", "literal"}, errors);
  check_word(config, "capture.mode.full.update.type", {"lookup", "post_image"}, errors);
  check_word(config, "capture.scope", {"deployment", "database", "collection"}, errors);
  check_cursor(config, errors);
  CaptureOptions target;
  if (const auto read = read_capture_target(config, target); !read && capture_scope(config))
    errors.push_back(invalid_option("capture.target", read.error().text));
  if (const auto rules = SnapshotRules::create(config); !rules && rules.error().text.starts_with(k_filters_key))
    errors.push_back(invalid_option(k_filters_key, rules.error().trace()));
  refuse_unsupported(config, errors);
}

Result<ConnectionSettings> connection_settings(const Config& config) {
  const std::string* text = config.find(k_string_key);
  if (text == nullptr) return fail("Missing connection string", Retry::no, k_config_exception);
  MR_TRY(ConnectionString string, parse_connection_string(*text));
  ConnectionSettings out;
  add_credentials(config, string);
  add_times(config, string);
  MR_CHECK(add_tls(config, string, out));
  std::erase_if(string.options, [](const auto& option) { return std::ranges::find(k_java_options, option.first) != k_java_options.end(); });
  out.uri = string.text();
  MR_CHECK(check_uri(string, out.uri));
  return out;
}

std::string masked_connection_string(std::string_view text) {
  auto string = parse_connection_string(text);
  if (!string) return (text.starts_with("mongodb+srv://") ? "mongodb+srv://" : "mongodb://") + std::string{k_mask};
  std::string out = string->srv ? "mongodb+srv://" : "mongodb://";
  if (string->user) out += std::string{k_mask} + ":" + std::string{k_mask} + "@";
  out += string->hosts + "/" + percent_encoded(string->database);
  char separator = '?';
  for (const auto& [name, value] : string->options) {
    const bool secret = name == "authsource" || name == "authmechanismproperties" || name.find("password") != std::string::npos;
    out += separator + name + "=" + (secret ? std::string{k_mask} : value);
    separator = '&';
  }
  return out;
}

Result<CaptureOptions> capture_options(const Config& config) {
  CaptureOptions out;
  MR_CHECK(read_capture_target(config, out));
  const std::string mode = lower(trimmed(config.get("capture.mode", "change_streams_update_full")));
  out.full_document = mode.find("update_full") != std::string::npos;
  out.pre_images = mode.find("pre_image") != std::string::npos;
  out.post_images = out.full_document && lower(value_of(config, "capture.mode.full.update.type")) == "post_image";
  MR_CHECK(read_cursor_options(config, out));
  const auto skipped = config.list("skipped.operations");
  const auto wanted = [&skipped](const char* letter) { return std::ranges::find(skipped, letter) == skipped.end(); };
  if (wanted("c")) out.operations.emplace_back("insert");
  if (wanted("u")) out.operations.insert(out.operations.end(), {"update", "replace"});
  if (wanted("d")) out.operations.emplace_back("delete");
  return out;
}

}  // namespace millrace::mongodb
