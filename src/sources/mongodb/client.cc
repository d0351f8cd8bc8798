#include "sources/mongodb/client.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "core/log.h"
#include "sources/mongodb/interruptible_stream.h"

namespace millrace::mongodb {
namespace {

using Clock = std::chrono::steady_clock;

// One look for a server: between two of them a stop is seen.
constexpr int k_selection_step_ms = 250;
constexpr std::int64_t k_selection_default_ms = 30'000;
constexpr int k_end_time_ms = 500;
// An answer that takes longer is given up, unless the user sets a time: nothing waits for ever. A dead peer is found by the
// socket's keepalive within a minute; a living one may read through much of its oplog before the first change of ours.
constexpr int k_socket_timeout_default_ms = 3'600'000;

std::atomic<bool> process_ends = false;   // its loggers go; a monitor may still be there

void log_line(mongoc_log_level_t level, const char* domain, const char* text, void*) {
  if (process_ends) return;
  const std::string_view part{domain};
  const auto log = logger("org.mongodb.driver." + std::string{part});
  if (part == "stream") return log->debug("{}", text);   // the command that fails says it too
  if (std::string_view{text}.starts_with("Couldn't send \"endSessions\"")) return log->debug("{}", text);   // a server that is away
  switch (level) {
    case MONGOC_LOG_LEVEL_ERROR:
    case MONGOC_LOG_LEVEL_CRITICAL: return log->error("{}", text);
    case MONGOC_LOG_LEVEL_WARNING: return log->warn("{}", text);
    case MONGOC_LOG_LEVEL_MESSAGE:
    case MONGOC_LOG_LEVEL_INFO: return log->info("{}", text);
    default: return log->debug("{}", text);
  }
}

constexpr std::array k_network_codes{6, 7, 89, 91, 133, 134, 150, 189, 202, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436};
constexpr std::array k_cursor_codes{43, 63, 237};
constexpr std::array k_position_codes{9, 136, 260, 280, 286, 40647, 50811};

bool among(int code, const auto& codes) { return std::ranges::find(codes, code) != codes.end(); }

std::string text_at(const bson_t& reply, const char* name) {
  bson_iter_t at;
  if (!bson_iter_init_find(&at, &reply, name) || !BSON_ITER_HOLDS_UTF8(&at)) return {};
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&at, &size);
  return {text, size};
}

bool has_label(const bson_t& reply, std::string_view wanted) {
  bson_iter_t at, label;
  if (!bson_iter_init_find(&at, &reply, "errorLabels") || !bson_iter_recurse(&at, &label)) return false;
  while (bson_iter_next(&label))
    if (BSON_ITER_HOLDS_UTF8(&label) && wanted == bson_iter_utf8(&label, nullptr)) return true;
  return false;
}

// libmongoc calls whatever goes wrong during a log-in a refused one, and keeps only the words of the real reason.
bool is_lost_log_in(std::string_view message) {
  constexpr std::array<std::string_view, 6> k_reasons{"Failed to send", "Failed to read", "socket error or timeout",
                                                      "shutdown", "quiesce mode", "onnection refused"};
  return std::ranges::any_of(k_reasons, [message](std::string_view reason) { return message.contains(reason); });
}

bool is_refused_log_in(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE && !is_lost_log_in(error.message);
}

ServerError::Kind kind_of(int code, const bson_t& reply) {
  using Kind = ServerError::Kind;
  if (among(code, k_network_codes)) return Kind::network;
  if (among(code, k_cursor_codes) || has_label(reply, "ResumableChangeStreamError")) return Kind::cursor_lost;
  return among(code, k_position_codes) ? Kind::position_lost : Kind::refused;
}

int code_of(const bson_t& reply) {
  bson_iter_t at;
  return bson_iter_init_find(&at, &reply, "code") && BSON_ITER_HOLDS_NUMBER(&at) ? static_cast<int>(bson_iter_as_int64(&at)) : 0;
}

ServerError with_tries(ServerError out) {
  const bool endless = out.kind == ServerError::Kind::network || out.kind == ServerError::Kind::cursor_lost;
  out.error.retry = Retry::yes;
  out.error.attempts_max = endless ? 0 : k_refusals_max;
  return out;
}

// What libmongoc tells of a failure; reply: null where there was none.
ServerError server_error(const bson_error_t& error, const bson_t* reply, const std::string& address) {
  if (reply != nullptr && code_of(*reply) != 0) return error_of_reply(*reply, address);
  ServerError out{.authentication = is_refused_log_in(error)};
  const bool unreachable = error.domain == MONGOC_ERROR_STREAM || error.domain == MONGOC_ERROR_SERVER_SELECTION ||
                           (error.domain == MONGOC_ERROR_CLIENT && !out.authentication);
  out.kind = unreachable ? ServerError::Kind::network : ServerError::Kind::refused;
  out.error.text = error.message;
  out.error.exception = out.authentication ? "com.mongodb.MongoSecurityException" : "com.mongodb.MongoSocketException";
  return with_tries(std::move(out));
}

struct PoolEnd { void operator()(mongoc_client_pool_t* pool) const { mongoc_client_pool_destroy(pool); } };
struct UriEnd { void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); } };
struct SessionEnd { void operator()(mongoc_client_session_t* session) const { mongoc_client_session_destroy(session); } };

}  // namespace

// The words of MongoDB's Java driver, which alert rules know.
ServerError error_of_reply(const bson_t& reply, const std::string& address) {
  ServerError out{.code = code_of(reply)};
  out.kind = kind_of(out.code, reply);
  const std::string name = text_at(reply, "codeName");
  out.error.text = "Command failed with error " + std::to_string(out.code) + (name.empty() ? "" : " (" + name + ")") + ": '" +
                   text_at(reply, "errmsg") + "' on server " + address;
  out.error.exception = "com.mongodb.MongoCommandException";
  return with_tries(std::move(out));
}

void start_libmongoc() {
  static std::once_flag once;
  std::call_once(once, [] {
    mongoc_log_set_handler(log_line, nullptr);
    mongoc_init();
    std::atexit([] { process_ends = true; });
  });
}

mongoc_ssl_opt_t ssl_options(const ConnectionSettings& settings) {
  mongoc_ssl_opt_t out = *mongoc_ssl_opt_get_default();
  if (!settings.ca_file.empty()) out.ca_file = settings.ca_file.c_str();
  if (!settings.certificate_file.empty()) out.pem_file = settings.certificate_file.c_str();
  if (!settings.certificate_password.empty()) out.pem_pwd = settings.certificate_password.c_str();
  out.allow_invalid_hostname = settings.invalid_hostname_allowed;
  return out;
}

struct Client::Impl {
  Impl(const ConnectionSettings& given, const StopSignal& task_stop)
      : settings{given}, stop{task_stop}, stream{.stops = {&task_stop, &own_stop}, .tls = given.tls} {}
  ~Impl() {
    session.reset();
    if (client != nullptr) mongoc_client_pool_push(pool.get(), client);
  }

  const ConnectionSettings settings;
  const StopSignal& stop;
  StopSignal own_stop;
  StreamSettings stream;
  std::chrono::milliseconds selection_time{k_selection_default_ms};
  std::unique_ptr<mongoc_uri_t, UriEnd> uri;
  std::unique_ptr<mongoc_client_pool_t, PoolEnd> pool;
  mongoc_client_t* client = nullptr;
  std::unique_ptr<mongoc_client_session_t, SessionEnd> session;   // none: the server knows no sessions
  std::uint32_t server = 0;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

// The driver's monitors cannot be interrupted: against a silent server they end with the connect time-out, and a stop must not wait
// for that. So another thread ends them; where the server answers, it is done at once.
Client::~Client() {
  if (is_interrupted()) impl_->own_stop.request();
  impl_->stream.stops = {&impl_->own_stop, nullptr};   // the task's signal may be gone before
  const auto ended = std::make_shared<StopSignal>();
  std::thread{[impl = std::move(impl_), ended]() mutable {
    impl.reset();
    ended->request();
  }}.detach();
  pollfd bell{ended->fd(), POLLIN, 0};
  ::poll(&bell, 1, k_end_time_ms);
}
void Client::interrupt() { impl_->own_stop.request(); }
bool Client::is_interrupted() const { return impl_->stop.requested() || impl_->own_stop.requested(); }

Result<std::unique_ptr<Client>> Client::open(const ConnectionSettings& settings, const StopSignal& stop) {
  start_libmongoc();
  auto impl = std::make_unique<Impl>(settings, stop);
  bson_error_t error{};
  impl->uri.reset(mongoc_uri_new_with_error(settings.uri.c_str(), &error));
  if (!impl->uri) return fail("mongodb.connection.string: Invalid connection string: " + std::string{error.message});
  mongoc_uri_t* const uri = impl->uri.get();
  impl->selection_time = std::chrono::milliseconds{
      mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, k_selection_default_ms)};
  mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, k_selection_step_ms);
  if (mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, 0) == 0)
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, k_socket_timeout_default_ms);
  mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false);    // a command fails at once; what then is decided by us
  if (mongoc_uri_get_appname(uri) == nullptr) mongoc_uri_set_appname(uri, "millrace");

  impl->pool.reset(mongoc_client_pool_new_with_error(uri, &error));
  if (!impl->pool) return fail("mongodb.connection.string cannot be used: " + std::string{error.message});
  impl->stream.tls = settings.tls || mongoc_uri_get_tls(uri);
  if (impl->stream.tls) {
    impl->stream.ssl = ssl_options(impl->settings);
    mongoc_client_pool_set_ssl_opts(impl->pool.get(), &impl->stream.ssl);
  }
  impl->client = mongoc_client_pool_pop(impl->pool.get());
  mongoc_client_set_stream_initiator(impl->client, initiate_stream, &impl->stream);
  return std::unique_ptr<Client>{new Client{std::move(impl)}};
}

ServerResult<void> Client::select_server() {
  const auto until = Clock::now() + impl_->selection_time;
  bson_error_t error{};
  mongoc_server_description_t* found = nullptr;
  while (found == nullptr) {
    found = mongoc_client_select_server(impl_->client, false, mongoc_client_get_read_prefs(impl_->client), &error);
    if (found != nullptr) break;
    if (is_interrupted() || Clock::now() >= until)
      return std::unexpected{server_error(error, nullptr, "")};
  }
  const bson_t* const hello = mongoc_server_description_hello_response(found);
  address_ = mongoc_server_description_host(found)->host_and_port;
  impl_->server = mongoc_server_description_id(found);
  replica_set_ = !text_at(*hello, "setName").empty();
  sharded_ = text_at(*hello, "msg") == "isdbgrid";
  mongoc_server_description_destroy(found);

  impl_->session.reset();
  mongoc_session_opt_t* const options = mongoc_session_opts_new();
  mongoc_session_opts_set_causal_consistency(options, false);
  impl_->session.reset(mongoc_client_start_session(impl_->client, options, &error));
  mongoc_session_opts_destroy(options);
  return {};
}

std::string Client::read_concern_level() const {
  const char* const level = mongoc_read_concern_get_level(mongoc_uri_get_read_concern(impl_->uri.get()));
  return level == nullptr ? std::string{} : level;
}

ServerResult<Reply> Client::command(const std::string& database, const bson_t& command) {
  Document options;
  bson_error_t error{};
  BSON_APPEND_INT32(options.get(), "serverId", static_cast<std::int32_t>(impl_->server));
  if (impl_->session && !mongoc_client_session_append(impl_->session.get(), options.get(), &error))
    return std::unexpected{server_error(error, nullptr, address_)};
  auto reply = std::make_unique<Document>();
  bson_destroy(reply->get());   // libmongoc makes it anew
  const bool done = mongoc_client_command_with_opts(impl_->client, database.c_str(), &command,
                                                    mongoc_client_get_read_prefs(impl_->client), options.get(), reply->get(), &error);
  if (!done) return std::unexpected{server_error(error, reply->get(), address_)};
  return reply;
}

ServerResult<std::vector<std::string>> Client::database_names() {
  Document list;
  BSON_APPEND_INT32(list.get(), "listDatabases", 1);
  BSON_APPEND_BOOL(list.get(), "nameOnly", true);
  MR_TRY(const Reply reply, command("admin", *list.get()));
  std::vector<std::string> names;
  bson_iter_t at, database, member;
  if (bson_iter_init_find(&at, reply->get(), "databases") && bson_iter_recurse(&at, &database))
    while (bson_iter_next(&database))
      if (bson_iter_recurse(&database, &member) && bson_iter_find(&member, "name") && BSON_ITER_HOLDS_UTF8(&member))
        names.emplace_back(bson_iter_utf8(&member, nullptr));
  return names;
}

ServerResult<std::vector<std::string>> Client::collection_names(const std::string& database) {
  Document next;
  BSON_APPEND_INT32(next.get(), "listCollections", 1);
  BSON_APPEND_BOOL(next.get(), "nameOnly", true);
  std::vector<std::string> names;
  while (true) {
    MR_TRY(const CursorReply cursor, cursor_command(database, *next.get()));
    bson_iter_t collection, member;
    if (iterate(cursor.batch, collection))
      while (bson_iter_next(&collection))
        if (bson_iter_recurse(&collection, &member) && bson_iter_find(&member, "name") && BSON_ITER_HOLDS_UTF8(&member))
          names.emplace_back(bson_iter_utf8(&member, nullptr));
    if (cursor.id == 0) return names;
    bson_reinit(next.get());
    BSON_APPEND_INT64(next.get(), "getMore", cursor.id);
    BSON_APPEND_UTF8(next.get(), "collection", "$cmd.listCollections");
  }
}

ServerResult<CursorReply> Client::cursor_command(const std::string& database, const bson_t& wanted) {
  MR_TRY(Reply reply, command(database, wanted));
  auto cursor = parse_cursor_reply(std::move(reply));
  if (!cursor) return std::unexpected{ServerError{.error = std::move(cursor.error())}};
  return std::move(*cursor);
}

Result<CursorReply> parse_cursor_reply(Reply reply) {
  CursorReply out;
  bson_iter_t at, member;
  if (!bson_iter_init_find(&at, reply->get(), "cursor") || !bson_iter_recurse(&at, &member))
    return fail("The server's answer has no cursor", Retry::yes);
  while (bson_iter_next(&member)) {
    const std::string_view name = bson_iter_key(&member);
    if (name == "id" && BSON_ITER_HOLDS_NUMBER(&member)) out.id = bson_iter_as_int64(&member);
    else if (name == "firstBatch" || name == "nextBatch") out.batch = document_at(member);
    else if (name == "postBatchResumeToken") out.resume_token = document_at(member);
  }
  bson_iter_t document;
  if (iterate(out.batch, document))
    for (; bson_iter_next(&document); ++out.count) out.last = document_at(document);
  out.reply = std::move(reply);
  return out;
}

}  // namespace millrace::mongodb
