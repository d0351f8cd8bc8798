// Connection is one libpq session. Every wait is a poll on the socket and on the stop signal, so that a frozen
// server never holds the task; a request to stop ends the wait with a retriable error "stopped".
// Threads: one. Lifetime: Rows own their result.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/wake.h"
#include "sources/postgres/tls.h"

namespace millrace::postgres {

struct ConnectionSettings {
  // libpq keywords and values (host, port, user, password, dbname, application_name, ...) but those of TLS.
  std::vector<std::pair<std::string, std::string>> parameters;
  TlsSettings tls;                                    // its files are read anew at each connect
  std::vector<std::string> initial_statements;        // run after each connect, not on replication connections
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds query_timeout{600'000};   // 0: none
};

// A result of text cells.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_{result, PQclear} {}
  int size() const { return result_ ? PQntuples(result_.get()) : 0; }
  int columns() const { return result_ ? PQnfields(result_.get()) : 0; }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  std::string_view text(int row, int column) const {   // empty when null
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  PGresult* raw() const { return result_.get(); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_{nullptr, PQclear};
};

class Connection {
 public:
  static Result<Connection> open(const ConnectionSettings& settings, const StopSignal& stop);

  // Runs one or more statements; gives the last one's rows. Errors: server text, SQLSTATE in brackets.
  Result<Rows> query(const std::string& sql);
  Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters);  // $1, $2, ... as text
  // Starts COPY TO STDOUT or START_REPLICATION and returns once the copy has begun.
  Result<void> start_copy(const std::string& sql);

  // One message of a running copy, without waiting. data null: none there yet. finished: the copy is over.
  struct CopyMessage {
    std::unique_ptr<char, decltype(&PQfreemem)> data{nullptr, PQfreemem};
    std::size_t size = 0;
    bool finished = false;
    std::string_view view() const { return {data.get(), size}; }
  };
  Result<CopyMessage> next_copy_message();
  Result<void> consume_input();              // reads what the socket has
  Result<void> send_copy_message(std::string_view bytes);   // replication feedback

  int socket() const { return PQsocket(connection_.get()); }
  int server_version() const { return PQserverVersion(connection_.get()); }   // 150020
  PGconn* raw() const { return connection_.get(); }
  // SQLSTATE of the last failed query, five characters or empty.
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  Connection(PGconn* connection, const StopSignal& stop, std::chrono::milliseconds query_timeout);
  Result<void> wait(short events, std::chrono::steady_clock::time_point deadline, std::string_view doing);
  Result<Rows> collect(const std::string& sql);
  Error error_of(PGresult* result, std::string_view doing);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, PQfinish};
  const StopSignal* stop_ = nullptr;
  std::chrono::milliseconds query_timeout_{0};
  std::string sqlstate_;
};

std::string quote_identifier(std::string_view name);   // "name", quotes doubled
std::string quote_literal(std::string_view text);      // 'text', quotes doubled (standard_conforming_strings)

}  // namespace millrace::postgres
