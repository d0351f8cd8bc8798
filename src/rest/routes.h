// Routes is Kafka Connect's REST API without the network: a request in, an answer out. It splits and decodes the
// path, negotiates as Connect's JAX-RS layer does (404, 405, 415, 406 in that order), and calls the endpoint.
// Threads: serve() from any thread, many at once. Lifetime: the herder outlives it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connect/herder.h"
#include "rest/exchange.h"
#include "rest/log_levels.h"

namespace millrace {

struct RouteSettings {
  bool admin = true;               // false: /admin is not served (admin.listeners is empty)
};

// What an endpoint is given: decoded path parts, query, body.
struct Call {
  const HttpRequest& request;
  Herder& herder;
  LogLevels& levels;
  std::vector<std::string> names;                              // values of the pattern's {} in order
  std::vector<std::pair<std::string, std::string>> query;

  bool flag(std::string_view name, bool fallback) const;       // Java's Boolean.valueOf
  std::vector<std::string_view> values(std::string_view name) const;
};

using Endpoint = HttpAnswer (*)(const Call&);

enum class Body : bool { none, json };

struct Route {
  std::string_view method;
  std::string_view pattern;                                    // "/connectors/{}/status"
  Endpoint endpoint;
  Body body = Body::none;
};

// The tables of the endpoints, each beside its functions.
std::vector<Route> connector_routes();
std::vector<Route> plugin_routes();
std::vector<Route> admin_routes();

HttpAnswer json_answer(int status, std::string body);
HttpAnswer error_answer(int status, std::string_view message);
inline HttpAnswer error_answer(const RestError& error) { return error_answer(error.code, error.message); }
// Errors of the HTTP layer: "HTTP 404 Not Found", without a Content-Type.
HttpAnswer protocol_error(int status);
HttpAnswer empty_answer(int status);
std::string_view reason_phrase(int status);

class Routes {
 public:
  explicit Routes(Herder& herder, RouteSettings settings = {});
  HttpAnswer serve(const HttpRequest& request);

 private:
  HttpAnswer route(const HttpRequest& request);

  Herder& herder_;
  LogLevels levels_;
  std::vector<Route> routes_;
};

}  // namespace millrace
