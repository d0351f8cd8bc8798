// HttpRequest and HttpAnswer are all that the REST API knows of HTTP: what the HTTP library reads and writes.
// Threads: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace {

inline constexpr std::string_view k_json_type = "application/json";

struct HttpRequest {
  std::string method;
  std::string target;                        // as sent: path and query, percent-encoded
  std::optional<std::string> content_type{};
  std::optional<std::string> accept{};       // several headers joined with commas
  std::string authority{};                   // of the Host header, else the socket's own address
  bool internal_signature = false;           // a worker of Kafka Connect signed it
  std::string body{};
};

struct HttpAnswer {
  int status = 200;
  std::string body{};
  std::string content_type{};                // empty: none is sent
  std::string location{};
  std::string allow{};
  bool close = false;                        // the connection ends after it
};

}  // namespace millrace
