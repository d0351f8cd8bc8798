#include "sources/postgres/tls_key.h"

#include <fmt/format.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <cstring>
#include <memory>
#include <vector>

#include "core/letters.h"
#include "core/openssl_handles.h"

namespace millrace::postgres {
namespace {

using SignaturePtr = std::unique_ptr<X509_SIG, Destroy<X509_SIG_free>>;
using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, Destroy<OSSL_DECODER_CTX_free>>;

std::unexpected<Error> refused(std::string text) {
  ERR_clear_error();
  return std::unexpected{Error{.text = std::move(text), .retry = Retry::yes, .attempts_max = 3,
                               .exception = "org.postgresql.util.PSQLException"}};
}

// Old keys and stores are encrypted with DES and RC2, which Java reads and OpenSSL 3 keeps apart. A context of our
// own leaves the rest of the process without them.
OSSL_LIB_CTX* all_ciphers() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(made, "default");
    if (OSSL_PROVIDER_load(made, "legacy") == nullptr) ERR_clear_error();   // not installed: only new ones are read
    return made;
  }();
  return context;
}

BioPtr reading(std::string_view bytes) { return BioPtr{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))}; }

std::string written(const BioPtr& out) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size <= 0 ? std::string{} : std::string{text, static_cast<std::size_t>(size)};
}

bool is_pem(std::string_view bytes) { return bytes.find("-----BEGIN ") != bytes.npos; }

std::vector<CertificatePtr> read_certificates(const std::string& bytes) {
  std::vector<CertificatePtr> found;
  const bool pem = is_pem(bytes);
  const BioPtr in = reading(bytes);
  while (X509* certificate =
             pem ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : d2i_X509_bio(in.get(), nullptr))
    found.emplace_back(certificate);
  ERR_clear_error();   // the end is told as an error
  return found;
}

std::string as_pem(const std::vector<CertificatePtr>& certificates) {
  const BioPtr out{BIO_new(BIO_s_mem())};
  for (const CertificatePtr& certificate : certificates) PEM_write_bio_X509(out.get(), certificate.get());
  return written(out);
}

std::string as_pem(EVP_PKEY* key) {
  const BioPtr out{BIO_new(BIO_s_mem())};
  PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return written(out);
}

bool is_encrypted(const std::string& key) {
  if (is_pem(key)) return key.find("ENCRYPTED") != key.npos;
  const auto* at = reinterpret_cast<const unsigned char*>(key.data());
  return SignaturePtr{d2i_X509_SIG(nullptr, &at, static_cast<long>(key.size()))} != nullptr;
}

std::unexpected<Error> locked(std::string_view path, const std::string& password) {
  return refused(fmt::format("Could not decrypt SSL key file {}: {}", path,
                             password.empty() ? "it is encrypted; give its password as database.sslpassword"
                                              : "database.sslpassword is not its password"));
}

Result<KeyPtr> read_key(const std::string& bytes, std::string_view path, const std::string& password) {
  EVP_PKEY* key = nullptr;
  const DecoderPtr decoder{OSSL_DECODER_CTX_new_for_pkey(&key, nullptr, nullptr, nullptr, EVP_PKEY_KEYPAIR,
                                                         all_ciphers(), nullptr)};
  OSSL_DECODER_CTX_set_passphrase(decoder.get(), reinterpret_cast<const unsigned char*>(password.data()),
                                  password.size());
  const BioPtr in = reading(bytes);
  if (OSSL_DECODER_from_bio(decoder.get(), in.get()) == 1 && key != nullptr) return KeyPtr{key};
  if (is_encrypted(bytes)) return locked(path, password);
  return refused(fmt::format("Could not read SSL key file {}: it holds no private key (PKCS-8 as DER or PEM, or a "
                             "PKCS-12 store whose name ends in .p12 or .pfx)", path));
}

}  // namespace

bool is_pkcs12(std::string_view path) { return path.ends_with(".p12") || path.ends_with(".pfx"); }

Result<std::string> certificates_as_pem(const std::string& bytes, std::string_view path) {
  const auto certificates = read_certificates(bytes);
  if (certificates.empty())
    return refused(fmt::format("Could not read SSL certificate file {}: it holds no certificate, neither PEM nor DER",
                               path));
  return as_pem(certificates);
}

Result<ClientIdentity> identity_of_files(const std::string& certificates, std::string_view certificates_path,
                                         const std::string& key, std::string_view key_path,
                                         const std::string& password) {
  MR_TRY(const KeyPtr private_key, read_key(key, key_path, password));
  MR_TRY(std::string pem, certificates_as_pem(certificates, certificates_path));
  const auto own = read_certificates(pem);
  if (X509_check_private_key(own.front().get(), private_key.get()) != 1)
    return refused(fmt::format("SSL key file {} is not the key of the first certificate in {}", key_path,
                               certificates_path));
  return ClientIdentity{std::move(pem), as_pem(private_key.get())};
}

Result<ClientIdentity> identity_of_pkcs12(const std::string& bytes, const std::string& password,
                                          std::string_view path) {
  PKCS12* into = PKCS12_init_ex(NID_pkcs7_data, all_ciphers(), nullptr);
  const BioPtr in = reading(bytes);
  const bool is_store = d2i_PKCS12_bio(in.get(), &into) != nullptr;
  const StorePtr store{into};
  if (!is_store) return refused(fmt::format("Could not read SSL key file {}: it is no PKCS-12 store", path));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool parsed = PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &others) == 1;
  const KeyPtr key_owner{key};
  std::vector<CertificatePtr> certificates;
  certificates.emplace_back(certificate);
  const CertificatesPtr others_owner{others};
  if (!parsed) return locked(path, password);
  if (key == nullptr || certificate == nullptr)
    return refused(fmt::format("Could not read SSL key file {}: the store needs a private key and its certificate", path));
  for (int i = 0; i < sk_X509_num(others); ++i) {
    X509_up_ref(sk_X509_value(others, i));
    certificates.emplace_back(sk_X509_value(others, i));
  }
  return ClientIdentity{as_pem(certificates), as_pem(key)};
}

}  // namespace millrace::postgres
