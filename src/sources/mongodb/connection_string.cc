#include "sources/mongodb/connection_string.h"

#include <algorithm>
#include <charconv>

#include "core/letters.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_scheme = "mongodb://";
constexpr std::string_view k_srv_scheme = "mongodb+srv://";
constexpr const char* k_encode =
    "user name and password must be percent-encoded: write @ as %40, : as %3A, / as %2F, ? as %3F and % as %25";

std::unexpected<Error> invalid_connection_string(const std::string& reason) {
  return fail("Invalid connection string: " + reason, Retry::no, "java.lang.IllegalArgumentException");
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

Result<void> parse_credentials(std::string_view text, ConnectionString& out) {
  const auto colon = text.find(':');
  if (text.find('@') != std::string_view::npos || text.find(':', colon == text.npos ? colon : colon + 1) != text.npos)
    return invalid_connection_string(k_encode);
  out.user = percent_decoded(text.substr(0, colon));
  if (!out.user) return invalid_connection_string(k_encode);
  if (out.user->empty()) return invalid_connection_string("there is no user name before the @");
  if (colon == std::string_view::npos) return {};
  out.password = percent_decoded(text.substr(colon + 1));
  if (!out.password) return invalid_connection_string(k_encode);
  return {};
}

// What follows the host's name; empty is fine.
bool is_port(std::string_view text) {
  if (text.empty()) return true;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return text.front() == ':' && error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

Result<void> check_hosts(const ConnectionString& string) {
  int count = 0;
  for (std::string_view rest = string.hosts;; ++count) {
    const auto comma = rest.find(',');
    const std::string_view host = rest.substr(0, comma);
    if (host.empty()) return invalid_connection_string("a host name is missing; write mongodb://host:27017/?replicaSet=rs0");
    const std::size_t name = host.front() == '[' ? host.find(']') : std::min(host.find(':'), host.size());
    if (name == std::string_view::npos) return invalid_connection_string("an IPv6 address has no closing bracket");
    const std::string_view port = host.substr(host.front() == '[' ? name + 1 : name);
    if (name == 0 || !is_port(port))
      return invalid_connection_string("what follows the colon of a host is no port (1 to 65535); where it is meant to be a password, an @ "
                                       "must follow it, and " + std::string{k_encode});
    if (string.srv && !port.empty()) return invalid_connection_string("a mongodb+srv:// host has no port");
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (string.srv && count > 0) return invalid_connection_string("mongodb+srv:// takes one host name");
  return {};
}

Result<void> parse_options(std::string_view text, ConnectionString& out) {
  while (!text.empty()) {
    const auto end = text.find_first_of("&;");
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (part.empty()) continue;
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return invalid_connection_string("after the ? each option has the form name=value; options are separated by &");
    out.options.emplace_back(lower(part.substr(0, equals)), part.substr(equals + 1));
  }
  return {};
}

}  // namespace

const std::string* ConnectionString::option(std::string_view lower_name) const {
  for (auto at = options.rbegin(); at != options.rend(); ++at)
    if (at->first == lower_name) return &at->second;
  return nullptr;
}

bool ConnectionString::option_is_true(std::string_view lower_name) const {
  const std::string* value = option(lower_name);
  if (value == nullptr) return false;
  const std::string word = lower(trimmed(*value));
  return word == "true" || word == "1" || word == "yes";
}

std::string ConnectionString::text() const {
  std::string out{srv ? k_srv_scheme : k_scheme};
  if (user) {
    out += percent_encoded(*user);
    if (password) out += ':' + percent_encoded(*password);
    out += '@';
  }
  out += hosts + '/' + percent_encoded(database);
  char separator = '?';
  for (const auto& [name, value] : options) {
    out += separator + name + '=' + value;
    separator = '&';
  }
  return out;
}

Result<ConnectionString> parse_connection_string(std::string_view text) {
  ConnectionString out;
  if (text.find('\0') != std::string_view::npos) return invalid_connection_string("it contains a zero byte");
  out.srv = text.starts_with(k_srv_scheme);
  if (!out.srv && !text.starts_with(k_scheme)) return invalid_connection_string("it must begin with mongodb:// or mongodb+srv://, without a blank before");
  text.remove_prefix(out.srv ? k_srv_scheme.size() : k_scheme.size());
  const auto slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
  if (slash == std::string_view::npos && authority.find('?') != std::string_view::npos)
    return invalid_connection_string("a / is needed between the hosts and the ? of the options");
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    MR_CHECK(parse_credentials(authority.substr(0, at), out));
    authority.remove_prefix(at + 1);
  }
  out.hosts = authority;
  MR_CHECK(check_hosts(out));
  const auto question = rest.find('?');
  const auto database = percent_decoded(rest.substr(0, question));
  // Java takes "//root:p@ss/word@host" for a server ss and a database word@host; nobody means that.
  if (!database || database->find_first_of("@/:") != std::string::npos)
    return invalid_connection_string(std::string{"what stands between the / and the ? is no database name; "} + k_encode);
  out.database = database->substr(0, database->find('.'));
  if (question != std::string_view::npos) MR_CHECK(parse_options(rest.substr(question + 1), out));
  return out;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', k_digits[byte >> 4], k_digits[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 3 > text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

}  // namespace millrace::mongodb
