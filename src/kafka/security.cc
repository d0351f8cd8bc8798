#include "kafka/security.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <vector>

#include "core/config_providers.h"
#include "core/credentials.h"
#include "core/file_content.h"
#include "core/letters.h"
#include "core/log.h"
#include "kafka/handles.h"
#include "kafka/jaas.h"

namespace millrace::kafka {
namespace {

// ---------------------------------------------------------------------------------------------------- TLS

struct Store {
  std::string location;
  CredentialForm form = CredentialForm::unknown;
  std::string bytes;
};

// What a store's file holds, whatever its type says: Java reads PKCS12 behind the default type JKS too.
Result<std::optional<Store>> store(const Config& java, const std::string& kind) {
  const std::string setting = "ssl." + kind + ".location";
  const std::string location = java.get(setting);
  if (location.empty()) return std::optional<Store>{};
  auto bytes = read_file(location);
  if (!bytes) return invalid_setting(setting, location, "the file cannot be read");
  const CredentialForm form = credential_form(*bytes);
  const std::string type = upper(java.get("ssl." + kind + ".type", "JKS"));
  if (form == CredentialForm::unknown || form == CredentialForm::jceks || (type == "PEM") != (form == CredentialForm::pem))
    return invalid_setting(setting, location, "the file is not a store of type " + type + ": use a PEM store (ssl." + kind +
                                                  ".type=PEM) or a PKCS12 store (keytool -importkeystore -srckeystore old.jks "
                                                  "-destkeystore new.p12 -deststoretype PKCS12)");
  return std::optional<Store>{Store{location, form, std::move(*bytes)}};
}

// Of a PKCS12 or JKS store.
Result<StoreContent> content_of(const Store& file, const Config& java, const std::string& kind) {
  const std::string setting = "ssl." + kind + ".location", password = java.get("ssl." + kind + ".password");
  const bool jks = file.form == CredentialForm::jks;
  const std::string form = jks ? "JKS" : "PKCS12";
  auto content = read_key_store(file.bytes, password);
  if (content) return std::move(*content);
  switch (content.error()) {
    case CredentialFault::malformed: return invalid_setting(setting, file.location, "the file is no " + form + " store");
    case CredentialFault::locked:
      return invalid_setting(setting, file.location, "ssl." + kind + ".password does not open this " + form + " store");
    case CredentialFault::unsupported: break;
  }
  return invalid_setting(setting, file.location, "this store uses an encryption that OpenSSL does not read; give its content as PEM (ssl." +
                                                     kind + ".type=PEM)");
}

// Certificates after the first: OpenSSL finds them among the CA certificates and sends them along.
std::string chain_behind_first(const std::string& pem) {
  constexpr std::string_view k_end = "-----END CERTIFICATE-----";
  const auto end = pem.find(k_end);
  if (end == pem.npos) return {};
  const auto next = pem.find("-----BEGIN CERTIFICATE-----", end);
  return next == pem.npos ? std::string{} : pem.substr(next);
}

Result<std::string> add_keystore(const Config& java, ClientSettings& out) {
  const std::string chain = java.get("ssl.keystore.certificate.chain");
  const std::string key = java.get("ssl.keystore.key");
  const std::string key_password = java.get("ssl.key.password");
  if (chain.empty() != key.empty())
    return invalid_setting("ssl.keystore.key", key, "ssl.keystore.key and ssl.keystore.certificate.chain must be set together");
  std::string intermediates;
  if (!chain.empty()) {
    const std::string pem = normalized_pem(chain);
    intermediates = chain_behind_first(pem);
    out.emplace_back("ssl.certificate.pem", pem);
    out.emplace_back("ssl.key.pem", normalized_pem(key));
    if (!key_password.empty()) out.emplace_back("ssl.key.password", key_password);
    return intermediates;
  }
  MR_TRY(const auto file, store(java, "keystore"));
  if (!file) return intermediates;
  if (file->form == CredentialForm::pem) {
    out.emplace_back("ssl.certificate.location", file->location);
    out.emplace_back("ssl.key.location", file->location);
    if (!key_password.empty()) out.emplace_back("ssl.key.password", key_password);
  } else if (file->form == CredentialForm::jks) {
    MR_TRY(StoreContent content, content_of(*file, java, "keystore"));
    if (content.key.empty())
      return invalid_setting("ssl.keystore.location", file->location, "this JKS store holds no private key that ssl.keystore.password opens");
    intermediates = chain_behind_first(content.certificates);
    out.emplace_back("ssl.certificate.pem", std::move(content.certificates));
    out.emplace_back("ssl.key.pem", std::move(content.key));
  } else {
    out.emplace_back("ssl.keystore.location", file->location);
    out.emplace_back("ssl.keystore.password", java.get("ssl.keystore.password"));
  }
  return intermediates;
}

Result<void> add_truststore(const Config& java, const std::string& intermediates, ClientSettings& out) {
  const std::string certificates = java.get("ssl.truststore.certificates");
  if (!certificates.empty()) {
    const std::string pem = normalized_pem(certificates);
    if (pem.find("-----BEGIN ") == pem.npos)
      return invalid_setting("ssl.truststore.certificates", "[PEM]", "no certificate in PEM format was found");
    out.emplace_back("ssl.ca.pem", pem + intermediates);
    return {};
  }
  MR_TRY(const auto file, store(java, "truststore"));
  if (!file) return {};   // the system's CA certificates
  if (file->form != CredentialForm::pem) {
    MR_TRY(const StoreContent content, content_of(*file, java, "truststore"));
    if (content.certificates.empty())
      return invalid_setting("ssl.truststore.location", file->location, "this store holds no certificate");
    out.emplace_back("ssl.ca.pem", content.certificates + intermediates);
    return {};
  }
  if (intermediates.empty()) {
    out.emplace_back("ssl.ca.location", file->location);
    return {};
  }
  out.emplace_back("ssl.ca.pem", normalized_pem(file->bytes) + intermediates);
  return {};
}

Result<void> add_tls(const Config& java, ClientSettings& out) {
  const std::string identification = lower(java.get("ssl.endpoint.identification.algorithm", "https"));
  if (!identification.empty() && identification != "https" && identification != "none")
    return invalid_setting("ssl.endpoint.identification.algorithm", identification, "only https and the empty text are known");
  out.emplace_back("ssl.endpoint.identification.algorithm", identification == "https" ? "https" : "none");

  std::string ciphers;
  std::istringstream names{java.get("ssl.cipher.suites")};
  for (std::string name; std::getline(names, name, ',');) {
    const std::string cipher = openssl_cipher(name);
    if (!cipher.empty()) ciphers += (ciphers.empty() ? "" : ":") + cipher;
  }
  if (!ciphers.empty()) out.emplace_back("ssl.cipher.suites", ciphers);

  MR_TRY(const std::string intermediates, add_keystore(java, out));
  return add_truststore(java, intermediates, out);
}

// --------------------------------------------------------------------------------------------------- SASL

void add_option(const JaasEntry& jaas, std::string_view option, std::string_view native, ClientSettings& out) {
  const std::string value = jaas.option(option);
  if (!value.empty()) out.emplace_back(native, value);
}

Result<void> add_password_login(const JaasEntry& jaas, const std::string& mechanism, ClientSettings& out) {
  for (const std::string_view option : {"username", "password"})
    if (!jaas.options.contains(option))
      return fail("sasl.jaas.config: option '" + std::string{option} + "' is missing; sasl.mechanism " + mechanism +
                      " needs username and password",
                  Retry::no, k_config_exception);
  out.emplace_back("sasl.username", jaas.option("username"));
  out.emplace_back("sasl.password", jaas.option("password"));
  return {};
}

// Is librdkafka built with libcurl? It says so only when asked for what needs it.
bool fetches_tokens() {
  const ConfPtr conf{rd_kafka_conf_new()};
  return rd_kafka_conf_set(conf.get(), "sasl.oauthbearer.method", "oidc", nullptr, 0) == RD_KAFKA_CONF_OK;
}

Result<void> add_token_login(const JaasEntry& jaas, const Config& java, ClientSettings& out) {
  const std::string subject = jaas.option("unsecuredLoginStringClaim_sub");
  if (!subject.empty()) {   // Kafka's own development login: a token that nobody has signed
    out.emplace_back("enable.sasl.oauthbearer.unsecure.jwt", "true");
    out.emplace_back("sasl.oauthbearer.config", "principal=" + subject);
    return {};
  }
  const std::string endpoint = jaas.options.contains("oauth.token.endpoint.uri")
                                   ? jaas.option("oauth.token.endpoint.uri")
                                   : java.get("sasl.oauthbearer.token.endpoint.url");
  if (endpoint.empty())
    return fail("sasl.jaas.config: sasl.mechanism OAUTHBEARER needs option 'oauth.token.endpoint.uri' (or "
                "sasl.oauthbearer.token.endpoint.url) with 'oauth.client.id' and 'oauth.client.secret'",
                Retry::no, k_config_exception);
  if (!fetches_tokens())
    return fail(std::string{"sasl.mechanism OAUTHBEARER with a token endpoint needs a librdkafka that is built with OIDC; "
                            "version "} + rd_kafka_version_str() + " here is not. Use a user of SCRAM-SHA-512 or a client "
                "certificate (KafkaUser of type scram-sha-512 or tls), or run with a librdkafka built with libcurl",
                Retry::no, k_config_exception);
  out.emplace_back("sasl.oauthbearer.method", "oidc");
  out.emplace_back("sasl.oauthbearer.token.endpoint.url", endpoint);
  const bool strimzi = jaas.options.contains("oauth.client.id");
  add_option(jaas, strimzi ? "oauth.client.id" : "clientId", "sasl.oauthbearer.client.id", out);
  add_option(jaas, strimzi ? "oauth.client.secret" : "clientSecret", "sasl.oauthbearer.client.secret", out);
  add_option(jaas, strimzi ? "oauth.scope" : "scope", "sasl.oauthbearer.scope", out);
  return {};
}

void add_kerberos(const JaasEntry& jaas, const Config& java, ClientSettings& out) {
  std::string service = java.get("sasl.kerberos.service.name");
  if (service.empty()) service = jaas.option("serviceName");
  if (!service.empty()) out.emplace_back("sasl.kerberos.service.name", service);
  add_option(jaas, "principal", "sasl.kerberos.principal", out);
  add_option(jaas, "keyTab", "sasl.kerberos.keytab", out);
}

Result<void> add_sasl(const Config& java, ClientSettings& out) {
  const std::string mechanism = upper(java.get("sasl.mechanism", "GSSAPI"));
  if (mechanism != "PLAIN" && mechanism != "SCRAM-SHA-256" && mechanism != "SCRAM-SHA-512" &&
      mechanism != "OAUTHBEARER" && mechanism != "GSSAPI")
    return invalid_setting("sasl.mechanism", mechanism,
                           "supported are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER and GSSAPI");
  out.emplace_back("sasl.mechanisms", mechanism);
  const std::string text = java.get("sasl.jaas.config");
  if (text.empty())
    return fail("sasl.jaas.config is not set: security.protocol=" + java.get("security.protocol") +
                    " needs a login module, e.g. org.apache.kafka.common.security.scram.ScramLoginModule required "
                    "username=\"...\" password=\"...\";",
                Retry::no, k_config_exception);
  MR_TRY(const JaasEntry jaas, parse_jaas(text));
  if (mechanism == "GSSAPI") {
    add_kerberos(jaas, java, out);
    return {};
  }
  if (mechanism == "OAUTHBEARER") return add_token_login(jaas, java, out);
  return add_password_login(jaas, mechanism, out);
}

}  // namespace

std::string normalized_pem(std::string_view text) {
  std::string out;
  for (std::size_t at = text.find("-----BEGIN "); at != text.npos; at = text.find("-----BEGIN ", at)) {
    const auto title_end = text.find("-----", at + 11);
    const auto end = title_end == text.npos ? text.npos : text.find("-----END ", title_end);
    const auto end_end = end == text.npos ? text.npos : text.find("-----", end + 9);
    if (end_end == text.npos) return std::string{text};
    const std::string_view body = text.substr(title_end + 5, end - title_end - 5);
    if (body.find(':') != body.npos) return std::string{text};   // headers of old encrypted keys: lines matter
    out.append(text.substr(at, title_end + 5 - at)) += '\n';
    std::size_t column = 0;
    for (const char c : body) {
      if (std::isspace(static_cast<unsigned char>(c))) continue;
      out += c;
      if (++column % 64 == 0) out += '\n';
    }
    if (column % 64 != 0) out += '\n';
    out.append(text.substr(end, end_end + 5 - end)) += '\n';
    at = end_end;
  }
  return out.empty() ? std::string{text} : out;
}

std::string openssl_cipher(std::string_view java_name) {
  std::string name;
  for (const char c : java_name)
    if (!std::isspace(static_cast<unsigned char>(c))) name += c;
  if (!name.starts_with("TLS_") && !name.starts_with("SSL_")) return name;   // OpenSSL's own name
  const auto with = name.find("_WITH_");
  if (with == name.npos) return {};
  std::string exchange = name.substr(4, with - 4);
  std::string cipher = name.substr(with + 6);
  std::ranges::replace(exchange, '_', '-');
  exchange = exchange == "RSA" ? "" : exchange + "-";
  for (const std::string_view bits : {"AES_128", "AES_256"})
    if (const auto at = cipher.find(bits); at != cipher.npos) cipher.erase(at + 3, 1);
  if (const auto at = cipher.find("_CBC_"); at != cipher.npos) cipher.erase(at, 4);
  if (cipher == "CHACHA20_POLY1305_SHA256") cipher = "CHACHA20_POLY1305";
  std::ranges::replace(cipher, '_', '-');
  return exchange + cipher;
}

namespace {

// A reference that no config provider has answered is no password and no certificate.
Result<void> check_answered(const Config& java) {
  for (const auto& [name, value] : java.entries()) {
    if (!name.starts_with("ssl.") && !name.starts_with("sasl.")) continue;
    if (!ConfigProviders::has_reference(value)) continue;
    const auto begin = value.find("${");
    return fail(name + ": no config provider has answered " + value.substr(begin, value.find('}', begin) + 1 - begin) +
                    "; check config.providers, and that the file, Secret or key exists",
                Retry::no, k_config_exception);
  }
  return {};
}

}  // namespace

Result<void> add_security(const Config& java, ClientSettings& out) {
  const std::string protocol = upper(java.get("security.protocol", "PLAINTEXT"));
  if (protocol != "PLAINTEXT" && protocol != "SSL" && protocol != "SASL_PLAINTEXT" && protocol != "SASL_SSL")
    return invalid_setting("security.protocol", protocol, "must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
  out.emplace_back("security.protocol", lower(protocol));
  if (protocol != "PLAINTEXT") MR_CHECK(check_answered(java));
  if (protocol.ends_with("SSL")) MR_CHECK(add_tls(java, out));
  if (protocol.starts_with("SASL")) MR_CHECK(add_sasl(java, out));
  return {};
}

}  // namespace millrace::kafka
