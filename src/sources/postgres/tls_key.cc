#include "sources/postgres/tls_key.h"

#include <fmt/format.h>

#include "core/credentials.h"

namespace millrace::postgres {
namespace {

std::unexpected<Error> locked(std::string_view path, const std::string& password) {
  return tls_refused(fmt::format("Could not decrypt SSL key file {}: {}", path,
                                 password.empty() ? "it is encrypted; give its password as database.sslpassword"
                                                  : "database.sslpassword is not its password"));
}

}  // namespace

std::unexpected<Error> tls_refused(std::string text) {
  return std::unexpected{Error{.text = std::move(text), .retry = Retry::yes, .attempts_max = 3,
                               .exception = "org.postgresql.util.PSQLException"}};
}

bool is_pkcs12(std::string_view path) { return path.ends_with(".p12") || path.ends_with(".pfx"); }

Result<std::string> certificates_of_file(const std::string& bytes, std::string_view path) {
  std::string pem = certificates_as_pem(bytes);
  if (pem.empty())
    return tls_refused(fmt::format("Could not read SSL certificate file {}: it holds no certificate, neither PEM nor DER",
                                   path));
  return pem;
}

Result<ClientIdentity> identity_of_files(const std::string& certificates, std::string_view certificates_path,
                                         const std::string& key, std::string_view key_path,
                                         const std::string& password) {
  const auto private_key = key_as_pem(key, password);
  if (!private_key && private_key.error() == CredentialFault::locked) return locked(key_path, password);
  if (!private_key)
    return tls_refused(fmt::format("Could not read SSL key file {}: it holds no private key (PKCS-8 as DER or PEM, or a "
                                   "PKCS-12 store whose name ends in .p12 or .pfx)", key_path));
  MR_TRY(std::string pem, certificates_of_file(certificates, certificates_path));
  if (!is_key_of(*private_key, pem))
    return tls_refused(fmt::format("SSL key file {} is not the key of the first certificate in {}", key_path,
                                   certificates_path));
  return ClientIdentity{std::move(pem), *private_key};
}

Result<ClientIdentity> identity_of_pkcs12(const std::string& bytes, const std::string& password,
                                          std::string_view path) {
  auto store = read_pkcs12(bytes, password);
  if (!store && store.error() == CredentialFault::malformed)
    return tls_refused(fmt::format("Could not read SSL key file {}: it is no PKCS-12 store", path));
  if (!store) return locked(path, password);
  if (store->key.empty() || store->certificates.empty())
    return tls_refused(fmt::format("Could not read SSL key file {}: the store needs a private key and its certificate", path));
  return ClientIdentity{std::move(store->certificates), std::move(store->key)};
}

}  // namespace millrace::postgres
