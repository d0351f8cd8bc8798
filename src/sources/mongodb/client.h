// Client is one connection to a MongoDB deployment: commands, and the errors of the server as Errors.
// Taken from a pool of libmongoc, whose monitors know the topology; a client without a pool can hang for ever on a
// member name that does not resolve.
// Threads: one at a time; interrupt() from any. Every wait ends when the task's stop signal is raised, or interrupt().
// Errors: retriable when the same may work later; ServerError tells the kinds apart.
#pragma once

#include <mongoc/mongoc.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/wake.h"
#include "sources/mongodb/bson_view.h"
#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {

// libmongoc's own start, once; its messages then go to our log. Before any other use of it.
void start_libmongoc();

// One BSON document that is owned, as libmongoc gives and takes it.
class Document {
 public:
  Document() { bson_init(&bson_); }
  explicit Document(BsonView view) { bson_init(&bson_); if (!view.empty()) assign(view); }
  ~Document() { bson_destroy(&bson_); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  bson_t* get() { return &bson_; }
  const bson_t* get() const { return &bson_; }
  BsonView view() const { return view_of(bson_); }
  bool is_empty() const { return bson_empty(&bson_); }
  void assign(BsonView view) {
    bson_destroy(&bson_);
    bson_t other;
    if (view.empty() || !bson_init_static(&other, view.data(), view.size())) bson_init(&bson_);
    else bson_copy_to(&other, &bson_);
  }

 private:
  bson_t bson_;
};
using Reply = std::unique_ptr<Document>;

// The documents of a cursor's reply, and where it goes on. It owns the reply; the views lead into it.
struct CursorReply {
  Reply reply;
  std::int64_t id = 0;              // 0: there is no more
  BsonView batch;                   // an array, as a document
  std::size_t count = 0;            // of the documents in it
  BsonView last;                    // of them; empty: there are none
  BsonView resume_token;            // postBatchResumeToken; empty: none
};
Result<CursorReply> parse_cursor_reply(Reply reply);

// libmongoc's TLS options; the texts are those of `settings`, which outlives them.
mongoc_ssl_opt_t ssl_options(const ConnectionSettings& settings);

// What went wrong, beside its text.
struct ServerError {
  enum class Kind : std::uint8_t {
    network,         // no answer, no server, not primary, shutting down: try again without end
    cursor_lost,     // the stream can be opened anew from its last token
    position_lost,   // the server cannot go on from that token
    refused,         // anything else: the same again will most likely fail
  };
  Kind kind = Kind::refused;
  int code = 0;      // 0: the server did not answer, or refused the log-in
  bool authentication = false;
  Error error;       // retry and attempts_max are set by kind
};
template <typename T>
using ServerResult = std::expected<T, ServerError>;

// Of a reply with a code. Labels and codes count as a real server was seen to give them for failures of a change stream.
ServerError error_of_reply(const bson_t& reply, const std::string& address);

// A refusal is tried so often before the task fails: a single one may be got over.
inline constexpr int k_refusals_max = 3;

class Client {
 public:
  static Result<std::unique_ptr<Client>> open(const ConnectionSettings& settings, const StopSignal& stop);
  ~Client();

  // Chooses a server by the connection string's read preference; commands go there until the next call.
  ServerResult<void> select_server();
  // Of the chosen server's hello reply.
  bool is_replica_set() const { return replica_set_; }
  bool is_sharded() const { return sharded_; }
  const std::string& server_address() const { return address_; }
  std::string read_concern_level() const;   // of the connection string; empty: none

  ServerResult<Reply> command(const std::string& database, const bson_t& command);
  ServerResult<CursorReply> cursor_command(const std::string& database, const bson_t& command);   // find, aggregate, getMore, ...
  ServerResult<std::vector<std::string>> database_names();
  ServerResult<std::vector<std::string>> collection_names(const std::string& database);   // views too

  void interrupt();
  bool is_interrupted() const;   // by it, or by the task's stop

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  bool replica_set_ = false, sharded_ = false;
  std::string address_;
};

}  // namespace millrace::mongodb
