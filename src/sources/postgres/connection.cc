#include "sources/postgres/connection.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;

std::string without_line_end(const char* text) {
  std::string line{text == nullptr ? "" : text};
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  return line;
}

// The form of the JDBC driver, which status traces and alert rules know: "ERROR: text\n  Hint: text".
std::string server_text(const PGresult* result) {
  const auto field = [result](int code) { return without_line_end(PQresultErrorField(result, code)); };
  const std::string primary = field(PG_DIAG_MESSAGE_PRIMARY);
  if (primary.empty()) return without_line_end(PQresultErrorMessage(result));
  std::string text = field(PG_DIAG_SEVERITY_NONLOCALIZED) + ": " + primary;
  if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty()) text += "\n  Detail: " + detail;
  if (const std::string hint = field(PG_DIAG_MESSAGE_HINT); !hint.empty()) text += "\n  Hint: " + hint;
  return text;
}

// libpq prints "FATAL:  text": one blank, as everywhere else.
std::string connect_text(std::string text) {
  for (std::size_t at = 0; (at = text.find(":  ", at)) != std::string::npos;) text.erase(at + 1, 1);
  return text;
}

// What to do about a server that is not the one expected. libpq's words name the fault, not the option.
std::string with_remedy(std::string text, const CertificateVerdict& verdict) {
  if (!verdict.reason().empty() || text.find("certificate verify failed") != std::string::npos)
    return text + (verdict.reason().empty() ? "" : ": " + verdict.reason()) + "; database.sslrootcert must hold the authority that signed the server's "
           "certificate, and the certificate must be valid now";
  if (text.find("does not match host name") != std::string::npos)
    return text + "; put a name of the certificate into database.hostname, or use database.sslmode=verify-ca";
  if (text.find("server does not support SSL") != std::string::npos)
    return "The server does not support SSL: " + text + "; turn on ssl in the server, or use database.sslmode=prefer";
  return text;
}

// A fault of certificates and modes, which a few more tries do not heal.
bool is_tls_fault(const std::string& text) {
  for (const std::string_view fault : {"SSL error: ", "does not match host name", "does not support SSL"})
    if (text.find(fault) != std::string::npos) return true;
  return false;
}

// Of a refused connection no SQLSTATE is to be had. A server that starts, stops or is full is retried for ever.
bool is_refusal(const std::string& text) {
  if (text.find("FATAL: ") == std::string::npos) return false;
  for (const std::string_view passing : {"the database system is", "too many", "remaining connection slots",
                                         "terminating connection"})
    if (text.find(passing) != std::string::npos) return false;
  return true;
}

// SQLSTATE classes that no retry heals: bad data, bad credentials, no such database, syntax or missing rights.
bool is_permanent(std::string_view sqlstate) {
  for (const std::string_view cls : {"22", "28", "3D", "42"})
    if (sqlstate.starts_with(cls)) return true;
  return false;
}

}  // namespace

Connection::Connection(PGconn* connection, const StopSignal& stop, std::chrono::milliseconds query_timeout)
    : connection_{connection, PQfinish}, stop_{&stop}, query_timeout_{query_timeout} {}

Result<Connection> Connection::open(const ConnectionSettings& settings, const StopSignal& stop) {
  MR_TRY(const TlsFiles tls, TlsFiles::load(settings.tls));
  std::vector<const char*> keywords, values;
  for (const auto* parameters : {&settings.parameters, &tls.parameters()}) {
    for (const auto& [keyword, value] : *parameters) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Connection made{PQconnectStartParams(keywords.data(), values.data(), 0), stop, settings.query_timeout};
  PGconn* raw = made.connection_.get();
  if (raw == nullptr) return fail("Out of memory while connecting to PostgreSQL", Retry::yes);

  CertificateVerdict verdict;
  const auto deadline = Clock::now() + settings.connect_timeout;
  PostgresPollingStatusType status = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
    MR_CHECK(made.wait(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, "connecting to PostgreSQL"));
    CertificateVerdict::watch(PQsslStruct(raw, "OpenSSL"));
    status = PQconnectPoll(raw);
  }
  if (status != PGRES_POLLING_OK) {
    std::string text = with_remedy(connect_text(without_line_end(PQerrorMessage(raw))), verdict);
    const int attempts_max = is_refusal(text) || is_tls_fault(text) ? 3 : 0;
    return std::unexpected{Error{.text = std::move(text), .retry = Retry::yes, .attempts_max = attempts_max,
                                 .exception = "org.postgresql.util.PSQLException"}};
  }
  PQsetnonblocking(raw, 1);
  for (const std::string& statement : settings.initial_statements) MR_CHECK(made.query(statement));
  return made;
}

// Waits until the socket is ready. A stop request and the deadline end the wait with an error.
Result<void> Connection::wait(short events, Clock::time_point deadline, std::string_view doing) {
  while (true) {
    if (stop_->requested()) return fail("stopped", Retry::yes);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      return fail("No answer from PostgreSQL in time while " + std::string{doing}, Retry::yes,
                  "org.postgresql.util.PSQLException");
    pollfd fds[2] = {{PQsocket(connection_.get()), events, 0}, {stop_->fd(), POLLIN, 0}};
    const int ready = ::poll(fds, 2, static_cast<int>(std::min<long>(left, 60'000)));
    if (ready < 0 && errno != EINTR) return fail(std::string{"poll: "} + std::strerror(errno), Retry::yes);
    if (ready > 0 && fds[0].revents != 0) return {};
  }
}

Error Connection::error_of(PGresult* result, std::string_view doing) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  sqlstate_ = state == nullptr ? "" : state;
  std::string text = result == nullptr ? without_line_end(PQerrorMessage(connection_.get())) : server_text(result);
  if (text.empty()) text = "The connection to PostgreSQL was lost while running " + std::string{doing};
  if (!sqlstate_.empty()) text += " [" + sqlstate_ + "]";
  return Error{.text = std::move(text),
               .retry = Retry::yes,
               .attempts_max = is_permanent(sqlstate_) ? 3 : 0,
               .exception = "org.postgresql.util.PSQLException"};
}

// All results of what was sent; the last one's rows, the first error. A started copy ends the collection.
Result<Rows> Connection::collect(const std::string& sql) {
  PGconn* raw = connection_.get();
  const auto deadline = query_timeout_.count() == 0 ? Clock::time_point::max() - std::chrono::hours{1}
                                                    : Clock::now() + query_timeout_;
  while (true) {
    const int pending = PQflush(raw);
    if (pending < 0) return std::unexpected{error_of(nullptr, sql)};
    if (pending == 0) break;
    MR_CHECK(wait(POLLIN | POLLOUT, deadline, "sending a statement"));
    if (PQconsumeInput(raw) == 0) return std::unexpected{error_of(nullptr, sql)};
  }
  Rows last;
  std::optional<Error> error;
  while (true) {
    while (PQisBusy(raw) != 0) {
      MR_CHECK(wait(POLLIN, deadline, "running a statement"));
      if (PQconsumeInput(raw) == 0) return std::unexpected{error_of(nullptr, sql)};
    }
    Rows rows{PQgetResult(raw)};
    if (rows.raw() == nullptr) break;
    const ExecStatusType status = PQresultStatus(rows.raw());
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return rows;
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      if (!error) error = error_of(rows.raw(), sql);
      if (PQstatus(raw) == CONNECTION_BAD) break;
    } else {
      last = std::move(rows);
    }
  }
  if (error) return std::unexpected{std::move(*error)};
  return last;
}

Result<Rows> Connection::query(const std::string& sql) {
  sqlstate_.clear();
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return std::unexpected{error_of(nullptr, sql)};
  return collect(sql);
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<std::string>& parameters) {
  sqlstate_.clear();
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, 0) == 0)
    return std::unexpected{error_of(nullptr, sql)};
  return collect(sql);
}

Result<void> Connection::start_copy(const std::string& sql) {
  MR_TRY(const Rows rows, query(sql));
  const ExecStatusType status = rows.raw() == nullptr ? PGRES_EMPTY_QUERY : PQresultStatus(rows.raw());
  if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return {};
  return fail("PostgreSQL did not start a copy for: " + sql);
}

Result<Connection::CopyMessage> Connection::next_copy_message() {
  CopyMessage message;
  char* data = nullptr;
  const int size = PQgetCopyData(connection_.get(), &data, 1);
  if (size > 0) {
    message.data.reset(data);
    message.size = static_cast<std::size_t>(size);
    return message;
  }
  if (size == 0) return message;
  if (size == -2) return std::unexpected{error_of(nullptr, "a copy")};
  // -1: the copy is over; its result says whether well.
  MR_CHECK(collect("the end of a copy"));
  message.finished = true;
  return message;
}

Result<void> Connection::consume_input() {
  if (PQconsumeInput(connection_.get()) == 0) return std::unexpected{error_of(nullptr, "a copy")};
  return {};
}

// The feedback is 34 bytes and the socket's buffer is larger: what cannot be flushed now goes with the next call.
Result<void> Connection::send_copy_message(std::string_view bytes) {
  if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1 ||
      PQflush(connection_.get()) < 0)
    return std::unexpected{error_of(nullptr, "replication feedback")};
  return {};
}

namespace {
std::string quoted(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out += quote;
}
}  // namespace

std::string quote_identifier(std::string_view name) { return quoted(name, '"'); }
std::string quote_literal(std::string_view text) { return quoted(text, '\''); }

}  // namespace millrace::postgres
