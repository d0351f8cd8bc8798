// Error says what went wrong, with which object, and what to do next. Result<T> carries it by value.
// It keeps the Java exception class that Kafka Connect would name, because a task's status trace shows it.
// Threads: plain values.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace millrace {

inline constexpr std::string_view k_connect_exception =
    "org.apache.kafka.connect.errors.ConnectException";
inline constexpr std::string_view k_debezium_exception = "io.debezium.DebeziumException";
inline constexpr std::string_view k_config_exception =
    "org.apache.kafka.common.config.ConfigException";
inline constexpr std::string_view k_data_exception = "org.apache.kafka.connect.errors.DataException";

enum class Retry : bool { no, yes };

struct Error {
  std::string text;
  Retry retry = Retry::no;                            // yes: the same attempt may work later
  int attempts_max = 0;                               // of a retriable error: after so many in a row it is final; 0: never
  std::string exception{k_connect_exception};         // Java class of the trace's first line
  std::shared_ptr<const Error> cause{};

  bool retriable() const { return retry == Retry::yes; }

  // Wraps this error as the cause of another.
  Error as_cause_of(std::string outer_text, std::string_view outer_exception) && {
    const Retry outer_retry = retry;
    const int outer_attempts_max = attempts_max;
    return Error{.text = std::move(outer_text),
                 .retry = outer_retry,
                 .attempts_max = outer_attempts_max,
                 .exception = std::string{outer_exception},
                 .cause = std::make_shared<const Error>(std::move(*this))};
  }

  // The form of a Java stack trace: "class: text\n\tat millrace\nCaused by: ...\n".
  std::string trace() const {
    std::string out;
    for (const Error* error = this; error != nullptr; error = error->cause.get()) {
      if (error != this) out += "Caused by: ";
      out += error->exception;
      out += ": ";
      out += error->text;
      out += "\n\tat millrace\n";
    }
    return out;
  }
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string text, Retry retry = Retry::no,
                                   std::string_view exception = k_connect_exception) {
  return std::unexpected{
      Error{.text = std::move(text), .retry = retry, .exception = std::string{exception}}};
}

}  // namespace millrace

// gcc 12's std::expected has no and_then: MR_TRY(auto x, f()) declares x or returns the error.
#define MR_TRY_CONCAT_(a, b) a##b
#define MR_TRY_NAME_(line) MR_TRY_CONCAT_(mr_try_result_, line)
#define MR_TRY(declaration, expression)                                     \
  auto MR_TRY_NAME_(__LINE__) = (expression);                               \
  if (!MR_TRY_NAME_(__LINE__))                                              \
    return std::unexpected{std::move(MR_TRY_NAME_(__LINE__)).error()};      \
  declaration = std::move(*MR_TRY_NAME_(__LINE__))
// The same for Result<void>.
#define MR_CHECK(expression)                                                     \
  do {                                                                           \
    if (auto mr_check_result = (expression); !mr_check_result)                   \
      return std::unexpected{std::move(mr_check_result).error()};                \
  } while (false)
