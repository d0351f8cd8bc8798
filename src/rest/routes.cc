#include "rest/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <optional>

#include "rest/answer_json.h"
#include "rest/request_path.h"

namespace millrace {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Does the media range ("application/*;q=0.5") take application/json?
bool takes_json(std::string_view range) {
  std::string_view type = trim(range.substr(0, range.find(';')));
  for (std::string_view rest = range; rest.find(';') != std::string_view::npos;) {
    rest.remove_prefix(rest.find(';') + 1);
    std::string_view parameter = trim(rest.substr(0, rest.find(';')));
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    parameter.remove_prefix(2);
    if (parameter.find_first_not_of("0.") == std::string_view::npos) return false;
  }
  return type == "*/*" || type == "*" || equal_ignoring_case(type, "application/*") ||
         equal_ignoring_case(type, k_json_type);
}

bool accepts_json(const std::optional<std::string>& accept) {
  if (!accept || trim(*accept).empty()) return true;
  for (std::string_view rest = *accept;;) {
    const std::size_t comma = rest.find(',');
    if (takes_json(rest.substr(0, comma))) return true;
    if (comma == std::string_view::npos) return false;
    rest.remove_prefix(comma + 1);
  }
}

bool matches(std::string_view pattern, const std::vector<std::string>& segments, std::vector<std::string>& names) {
  names.clear();
  std::size_t index = 0;
  for (pattern.remove_prefix(1); !pattern.empty(); ++index) {
    if (index == segments.size()) return false;
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    if (part == "{}") names.push_back(segments[index]);
    else if (part != segments[index]) return false;
    pattern.remove_prefix(std::min(pattern.size(), part.size() + 1));
  }
  return index == segments.size();
}

// The server in front of Connect answers these itself, as HTML, and ends the connection.
HttpAnswer bad_path(BadPath why, std::string_view method) {
  HttpAnswer answer{.status = 400, .close = true};
  if (why == BadPath::ambiguous && (method == "GET" || method == "HEAD")) {
    answer.content_type = "text/html;charset=iso-8859-1";
    answer.body = "<html><head><title>Error 400 Bad Request</title></head>"
                  "<body><h2>HTTP ERROR 400 Ambiguous URI path</h2></body></html>\n";
  }
  return answer;
}

// The type of an OPTIONS answer is the first that the client accepts.
std::string options_type(const std::optional<std::string>& accept) {
  std::string_view first = accept ? std::string_view{*accept} : std::string_view{};
  first = trim(first.substr(0, first.find_first_of(",;")));
  return first.empty() || first.find('*') != std::string_view::npos ? std::string{k_json_type} : std::string{first};
}

HttpAnswer options_answer(const std::vector<const Route*>& found, const HttpRequest& request) {
  HttpAnswer answer{.content_type = options_type(request.accept)};
  for (const Route* route : found) {
    if (route->method == "GET") answer.allow += "HEAD,";
    answer.allow += route->method;
    answer.allow += ',';
  }
  answer.allow += "OPTIONS";
  return answer;
}

}  // namespace

bool Call::flag(std::string_view name, bool fallback) const {
  const auto all = values(name);
  return all.empty() ? fallback : equal_ignoring_case(all.front(), "true");
}

std::vector<std::string_view> Call::values(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : query)
    if (key == name) out.push_back(value);
  return out;
}

HttpAnswer json_answer(int status, std::string body) {
  return {.status = status, .body = std::move(body), .content_type = std::string{k_json_type}};
}

HttpAnswer error_answer(int status, std::string_view message) {
  return json_answer(status, error_json(status, message));
}

HttpAnswer protocol_error(int status) {
  return {.status = status, .body = error_json(status, fmt::format("HTTP {} {}", status, reason_phrase(status)))};
}

HttpAnswer empty_answer(int status) { return {.status = status}; }

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Payload Too Large";
    case 415: return "Unsupported Media Type";
    case 503: return "Service Unavailable";
    default: return "Server Error";
  }
}

Routes::Routes(Herder& herder, RouteSettings settings) : herder_{herder} {
  routes_ = connector_routes();
  std::ranges::copy(plugin_routes(), std::back_inserter(routes_));
  if (settings.admin) std::ranges::copy(admin_routes(), std::back_inserter(routes_));
}

HttpAnswer Routes::serve(const HttpRequest& request) {
  try {
    return route(request);
  } catch (const std::exception& error) {
    return error_answer(500, error.what());
  }
}

HttpAnswer Routes::route(const HttpRequest& request) {
  RequestPath path;
  if (const auto bad = parse_path(request.target, path)) return bad_path(*bad, request.method);

  Call call{.request = request, .herder = herder_, .levels = levels_, .names = {}, .query = std::move(path.query)};
  std::vector<const Route*> found;
  for (const Route& route : routes_) {
    std::vector<std::string> names;
    if (!matches(route.pattern, path.segments, names)) continue;
    found.push_back(&route);
    call.names = std::move(names);
  }
  if (found.empty()) return protocol_error(404);
  if (request.method == "OPTIONS") return options_answer(found, request);

  const std::string_view wanted = request.method == "HEAD" ? "GET" : std::string_view{request.method};
  const auto at = std::ranges::find(found, wanted, &Route::method);
  if (at == found.end()) return protocol_error(405);
  if (request.content_type && !takes_json(*request.content_type)) return protocol_error(415);
  if (!accepts_json(request.accept)) return protocol_error(406);
  // Found out later in Connect, when it reads the body, hence with a type.
  if ((*at)->body == Body::json && !request.content_type && !request.body.empty())
    return error_answer(415, "HTTP 415 Unsupported Media Type");
  return (*at)->endpoint(call);
}

}  // namespace millrace
