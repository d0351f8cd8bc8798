#include "core/kubernetes_objects.h"

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "core/file_content.h"
#include "core/letters.h"

namespace millrace {
namespace {

constexpr std::string_view k_service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::size_t k_answer_bytes_max = 4 * 1024 * 1024;   // an object has at most 1 MiB of values, base64
constexpr time_t k_seconds_max = 5;                           // to connect, to write, to read

struct ObjectName {
  KubernetesObject object;
  std::string name_space, name;

  std::string_view kind() const { return object == KubernetesObject::secret ? "Secret" : "ConfigMap"; }
  std::string text() const { return std::string{kind()} + " " + name + " in namespace " + name_space; }
  std::string url() const {
    const std::string_view list = object == KubernetesObject::secret ? "/secrets/" : "/configmaps/";
    return "/api/v1/namespaces/" + name_space + std::string{list} + name;
  }
};

struct ApiServer {
  std::string host;
  int port = 0;
  std::string ca_file, token;
};

std::string service_account(std::string_view file) {
  const char* other = std::getenv("MILLRACE_SERVICE_ACCOUNT");
  return (other == nullptr ? std::string{k_service_account} : std::string{other}) + "/" + std::string{file};
}

Result<std::string> read_service_account(std::string_view file) {
  const std::string path = service_account(file);
  const auto text = read_file(path);
  if (!text || trimmed(*text).empty())
    return fail(path + " cannot be read or is empty; in a pod it is the service account's (is "
                       "automountServiceAccountToken set to false?)", Retry::no, k_config_exception);
  return std::string{trimmed(*text)};
}

Result<ApiServer> api_server() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || *host == '\0')
    return fail("KUBERNETES_SERVICE_HOST is not set: this is no Kubernetes pod; use a FileConfigProvider, "
                "DirectoryConfigProvider or EnvVarConfigProvider here", Retry::no, k_config_exception);
  ApiServer out{.host = host, .port = 443, .ca_file = service_account("ca.crt"), .token = {}};
  if (port != nullptr) {
    const std::string_view text{port};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out.port);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || out.port < 1 || out.port > 65535)
      return fail("KUBERNETES_SERVICE_PORT=" + std::string{text} + " is no port", Retry::no, k_config_exception);
  }
  MR_TRY(out.token, read_service_account("token"));
  MR_CHECK(read_service_account("ca.crt"));
  return out;
}

bool is_object_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

Result<ObjectName> object_name(KubernetesObject object, std::string_view path) {
  const auto slash = path.find('/');
  ObjectName out{.object = object, .name_space = {}, .name = std::string{path.substr(slash == path.npos ? 0 : slash + 1)}};
  if (!is_object_name(out.name) || (slash != path.npos && !is_object_name(path.substr(0, slash))))
    return fail("'" + std::string{path} + "' names no " + std::string{out.kind()} + ": expected namespace/name or name, of "
                "the letters a-z, digits, '.' and '-'", Retry::no, k_config_exception);
  if (slash != path.npos) out.name_space = path.substr(0, slash);
  else {
    MR_TRY(out.name_space, read_service_account("namespace"));
  }
  return out;
}

// What the server says of a refusal is free of values: 'secrets "db" is forbidden: User "…" cannot get resource …'.
std::string reason_in(const std::string& body) {
  const auto status = nlohmann::json::parse(body, nullptr, false);
  if (!status.is_object() || status.value("kind", nlohmann::json{}) != "Status") return "";
  const auto message = status.find("message");
  return message != status.end() && message->is_string() ? ": " + message->get<std::string>() : "";
}

std::unexpected<Error> lookup_refused(const ObjectName& name, std::string_view key, int status, const std::string& body) {
  if (status == 404)
    return fail(std::string{name.kind()} + " " + name.name + " in namespace " + name.name_space + " not found (key " +
                    std::string{key} + " is wanted from it)", Retry::no, k_config_exception);
  std::string text = "Failed to retrieve " + name.text() + " for key " + std::string{key} + ": the Kubernetes API answered " +
                     std::to_string(status) + reason_in(body);
  if (status == 403)
    text += "; give the pod's service account a Role with verb get on this " + std::string{name.kind()};
  const bool later = status == 429 || status >= 500;
  return fail(std::move(text), later ? Retry::yes : Retry::no, k_config_exception);
}

Result<std::string> fetch(const ApiServer& server, const ObjectName& name, std::string_view key) {
  httplib::SSLClient client{server.host, server.port};
  client.set_ca_cert_path(server.ca_file.c_str());
  client.enable_server_certificate_verification(true);
  client.set_connection_timeout(k_seconds_max);
  client.set_read_timeout(k_seconds_max);
  client.set_write_timeout(k_seconds_max);
  std::string body;
  const auto answer = client.Get(name.url(), {{"Authorization", "Bearer " + server.token}, {"Accept", "application/json"}},
                                 [&body](const char* data, std::size_t size) {
                                   body.append(data, size);
                                   return body.size() <= k_answer_bytes_max;
                                 });
  if (!answer)
    return fail("Failed to retrieve " + name.text() + " for key " + std::string{key} + ": no answer from the Kubernetes API at " +
                    server.host + ":" + std::to_string(server.port) + " (" + httplib::to_string(answer.error()) + ")",
                Retry::yes, k_config_exception);
  return answer->status == 200 ? Result<std::string>{std::move(body)} : lookup_refused(name, key, answer->status, body);
}

}  // namespace

Result<std::optional<std::string>> kubernetes_value(KubernetesObject object, std::string_view path,
                                                    std::string_view key) {
  MR_TRY(const ObjectName name, object_name(object, path));
  const auto server = api_server();
  if (!server)
    return fail("Failed to retrieve " + name.text() + " for key " + std::string{key} + ": " + server.error().text, Retry::no,
                k_config_exception);
  MR_TRY(const std::string body, fetch(*server, name, key));
  const auto root = nlohmann::json::parse(body, nullptr, false);
  if (!root.is_object())
    return fail("Failed to retrieve " + name.text() + " for key " + std::string{key} + ": the answer is no JSON object",
                Retry::no, k_config_exception);
  const auto data = root.find("data");
  if (data == root.end() || !data->is_object()) return std::nullopt;   // an object without values has no "data"
  const auto value = data->find(key);
  if (value == data->end() || !value->is_string()) return std::nullopt;
  if (object == KubernetesObject::config_map) return value->get<std::string>();
  auto decoded = base64_decoded(value->get_ref<const std::string&>());
  if (!decoded)
    return fail("Key " + std::string{key} + " of " + name.text() + " is not base64", Retry::no, k_config_exception);
  return decoded;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool padded = i >= text.size() - padding;
    const auto digit = padded ? 0 : k_digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (const int shift : {16, 8, 0}) out.push_back(static_cast<char>(bits >> shift & 0xFF));
    bits = 0;
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace millrace
