#include "sources/postgres/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "core/certificate_fault.h"
#include "core/credentials.h"
#include "core/letters.h"
#include "sources/postgres/tls_key.h"

namespace millrace::postgres {
namespace {

constexpr std::array<std::string_view, 6> k_modes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
constexpr std::array<std::string_view, 2> k_libpq_factories{"org.postgresql.ssl.LibPQFactory",
                                                            "org.postgresql.ssl.jdbc4.LibPQFactory"};
constexpr std::array<std::string_view, 2> k_trusting_factories{"org.postgresql.ssl.NonValidatingFactory",
                                                               "org.postgresql.ssl.jdbc4.NonValidatingFactory"};
// libpq looks into ~/.postgresql for what it is not given. No file can have this path.
constexpr const char* k_no_file = "/dev/null/none";

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& names) {
  return std::ranges::find(names, text) != names.end();
}

std::string in_home(std::string_view name) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    const passwd* user = ::getpwuid(::geteuid());   // NOLINT(concurrency-mt-unsafe): read, and copied at once
    home = user == nullptr ? "/" : user->pw_dir;
  }
  return fmt::format("{}/.postgresql/{}", home, name);
}

// None: there is no such file.
Result<std::optional<std::string>> read_tls_file(const std::string& path, std::string_view what) {
  auto bytes = read_credential_file(path);
  if (!bytes) return tls_refused(fmt::format("Could not open SSL {} file {}: {}", what, path, bytes.error().text));
  return bytes;
}

// What an option names must be there; what is only looked for in ~/.postgresql need not.
Result<std::optional<std::string>> read_option(const std::string& path, const std::string& fallback,
                                               std::string_view what, std::string_view option) {
  MR_TRY(auto bytes, read_tls_file(path.empty() ? fallback : path, what));
  if (!bytes && !path.empty())
    return tls_refused(fmt::format("Could not open SSL {} file {}: there is no such file; see {}", what, path, option));
  return bytes;
}

}  // namespace

const std::string* driver_option(const Config& config, const std::string& name) {
  const std::string* text = config.find("driver." + name);
  return text != nullptr ? text : config.find("database." + name);
}

TlsSettings tls_settings(const Config& config) {
  const auto option = [&](const char* name) {
    const std::string* text = driver_option(config, name);
    return text == nullptr ? std::string{} : *text;
  };
  TlsSettings out;
  const std::string* ssl = driver_option(config, "ssl");
  if (const std::string mode = lower(trimmed(option("sslmode"))); !mode.empty())
    out.mode = mode;
  else if (ssl != nullptr && (ssl->empty() || lower(trimmed(*ssl)) == "true"))
    out.mode = "verify-full";
  out.trust_all = is_one_of(trimmed(option("sslfactory")), k_trusting_factories);
  out.certificate = option("sslcert");
  out.key = option("sslkey");
  out.root_certificate = option("sslrootcert");
  out.key_password = option("sslpassword");
  return out;
}

std::string ssl_factory_problem(const Config& config) {
  const std::string* text = driver_option(config, "sslfactory");
  const std::string factory{text == nullptr ? std::string_view{} : trimmed(*text)};
  if (factory.empty() || is_one_of(factory, k_libpq_factories)) return {};
  if (!is_one_of(factory, k_trusting_factories))
    return "this worker has org.postgresql.ssl.LibPQFactory (the default) and org.postgresql.ssl.NonValidatingFactory, "
           "and cannot load other Java classes; name the authority's certificate in database.sslrootcert, with "
           "database.sslmode=verify-ca or verify-full";
  if (tls_settings(config).mode != "verify-full") return {};
  return "NonValidatingFactory checks no certificate, which database.sslmode=verify-full asks for; leave one of them out";
}

Result<void> TlsFiles::add(const char* keyword, std::string_view bytes) {
  MR_TRY(MemoryFile file, MemoryFile::of(bytes));
  parameters_.emplace_back(keyword, file.path());
  files_.push_back(std::move(file));
  return {};
}

// Only verify-ca and verify-full check; libpq would in every mode in which it has a root certificate.
Result<void> TlsFiles::add_roots(const TlsSettings& settings) {
  if (!parameters_.front().second.starts_with("verify")) {
    parameters_.emplace_back("sslrootcert", k_no_file);
    return {};
  }
  const std::string path = settings.root_certificate.empty() ? in_home("root.crt") : settings.root_certificate;
  MR_TRY(const auto bytes, read_tls_file(path, "root certificate"));
  if (!bytes)
    return tls_refused(fmt::format("Could not open SSL root certificate file {}: there is no such file; name the "
                                   "certificate of the server's authority in database.sslrootcert, or check nothing with "
                                   "database.sslmode=require", path));
  MR_TRY(const std::string pem, certificates_of_file(*bytes, path));
  return add("sslrootcert", pem);
}

Result<void> TlsFiles::add_identity(const TlsSettings& settings) {
  const std::string key_path = settings.key.empty() ? in_home("postgresql.pk8") : settings.key;
  const std::string certificate_path = settings.certificate.empty() ? in_home("postgresql.crt") : settings.certificate;
  MR_TRY(auto key, read_option(settings.key, key_path, "key", "database.sslkey"));
  if (is_pkcs12(settings.key)) {
    MR_TRY(const ClientIdentity identity, identity_of_pkcs12(*key, settings.key_password, key_path));
    MR_CHECK(add("sslcert", identity.certificates));
    return add("sslkey", identity.key);
  }
  MR_TRY(const auto certificate,
         read_option(settings.certificate, certificate_path, "certificate", "database.sslcert"));
  if (!certificate) {   // none is offered; a key alone says nothing
    parameters_.emplace_back("sslcert", k_no_file);
    return {};
  }
  if (!key)
    return tls_refused(fmt::format("Could not open SSL key file {}: there is no such file; name the key of {} in "
                                   "database.sslkey", key_path, certificate_path));
  MR_TRY(const ClientIdentity identity,
         identity_of_files(*certificate, certificate_path, *key, key_path, settings.key_password));
  MR_CHECK(add("sslcert", identity.certificates));
  return add("sslkey", identity.key);
}

Result<TlsFiles> TlsFiles::load(const TlsSettings& settings) {
  if (!is_one_of(settings.mode, k_modes))
    return fail(fmt::format("Invalid sslmode value: {}; it is one of {}", settings.mode, fmt::join(k_modes, ", ")),
                Retry::no, "org.postgresql.util.PSQLException");
  TlsFiles out;
  const bool verifies = settings.mode.starts_with("verify");
  out.parameters_.emplace_back("sslmode", settings.trust_all && verifies ? "require" : settings.mode);
  if (settings.mode == "disable") return out;
  MR_CHECK(out.add_roots(settings));
  if (settings.trust_all) {
    out.parameters_.emplace_back("sslcert", k_no_file);
    return out;
  }
  MR_CHECK(out.add_identity(settings));
  return out;
}

namespace {

thread_local CertificateVerdict* watching = nullptr;

int note_verdict(int accepted, X509_STORE_CTX* context) {
  if (accepted == 0 && watching != nullptr) watching->note(certificate_fault(context));
  return accepted;
}

bool is_verified(const SSL* session) { return SSL_get_verify_mode(session) != SSL_VERIFY_NONE; }

// The alert that ends the handshake comes after the verdict.
void note_alert(const SSL* session, int where, int) {
  if ((where & SSL_CB_WRITE_ALERT) != SSL_CB_WRITE_ALERT || watching == nullptr || !watching->reason().empty() || !is_verified(session)) return;
  if (const long code = SSL_get_verify_result(session); code != X509_V_OK) watching->note(X509_verify_cert_error_string(code));
}

// OpenSSL calls this for each new session: libpq makes its own in the middle of a poll.
void on_session(void* session, void*, CRYPTO_EX_DATA*, int, long, void*) {
  if (watching != nullptr) SSL_set_info_callback(static_cast<SSL*>(session), note_alert);
}

}  // namespace

CertificateVerdict::CertificateVerdict() {
  [[maybe_unused]] static const int index = SSL_get_ex_new_index(0, nullptr, on_session, nullptr, nullptr);
  watching = this;
}

CertificateVerdict::~CertificateVerdict() { watching = nullptr; }

// libpq's own callback accepts what OpenSSL accepts, as this one does.
void CertificateVerdict::watch(void* ssl) {
  auto* session = static_cast<SSL*>(ssl);
  if (session != nullptr && is_verified(session)) SSL_set_verify(session, SSL_get_verify_mode(session), note_verdict);
}

}  // namespace millrace::postgres
