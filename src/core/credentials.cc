#include "core/credentials.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/file_content.h"
#include "core/openssl_handles.h"

namespace millrace {
namespace {

using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, Destroy<OSSL_DECODER_CTX_free>>;

constexpr std::size_t k_file_bytes_max = 16 << 20;

std::unexpected<CredentialFault> refused(CredentialFault fault) {
  ERR_clear_error();
  return std::unexpected{fault};
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

std::string as_pem(EVP_PKEY* key) {
  const BioPtr out{BIO_new(BIO_s_mem())};
  PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return written(out);
}

// A PEM file may hold certificates before the key, where a decoder would stop.
std::string key_part(const std::string& file) {
  const auto title_end = is_pem(file) ? file.find("PRIVATE KEY-----") : file.npos;
  const auto begin = title_end == file.npos ? file.npos : file.rfind("-----BEGIN ", title_end);
  return begin == file.npos ? file : file.substr(begin);
}

bool is_encrypted(const std::string& key) {
  if (is_pem(key)) return key.find("ENCRYPTED") != key.npos;
  const auto* at = reinterpret_cast<const unsigned char*>(key.data());
  return SignaturePtr{d2i_X509_SIG(nullptr, &at, static_cast<long>(key.size()))} != nullptr;
}

// PKCS12_parse takes no password for an empty one, too.
bool opens(PKCS12* store, const std::string& password) {
  return PKCS12_verify_mac(store, password.c_str(), static_cast<int>(password.size())) == 1 ||
         (password.empty() && PKCS12_verify_mac(store, nullptr, 0) == 1);
}

}  // namespace

CredentialForm credential_form(std::string_view bytes) {
  if (bytes.starts_with("\xFE\xED\xFE\xED")) return CredentialForm::jks;
  if (bytes.starts_with("\xCE\xCE\xCE\xCE")) return CredentialForm::jceks;
  if (is_pem(bytes)) return CredentialForm::pem;
  if (bytes.starts_with("\x30")) return CredentialForm::pkcs12;
  return CredentialForm::unknown;
}

CredentialResult<StoreContent> read_pkcs12(const std::string& bytes, const std::string& password) {
  PKCS12* into = PKCS12_init_ex(NID_pkcs7_data, all_ciphers(), nullptr);
  const BioPtr in = reading(bytes);
  const bool is_store = d2i_PKCS12_bio(in.get(), &into) != nullptr;
  const StorePtr store{into};
  if (!is_store) return refused(CredentialFault::malformed);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool parsed = PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &others) == 1;
  const KeyPtr key_owner{key};
  const CertificatePtr certificate_owner{certificate};
  const CertificatesPtr others_owner{others};
  if (!parsed) return refused(opens(store.get(), password) ? CredentialFault::unsupported : CredentialFault::locked);
  const BioPtr out{BIO_new(BIO_s_mem())};
  if (certificate != nullptr) PEM_write_bio_X509(out.get(), certificate);
  for (int i = 0; i < sk_X509_num(others); ++i) PEM_write_bio_X509(out.get(), sk_X509_value(others, i));
  return StoreContent{.certificates = written(out), .key = key == nullptr ? std::string{} : as_pem(key)};
}

CredentialResult<StoreContent> read_key_store(const std::string& bytes, const std::string& password) {
  return credential_form(bytes) == CredentialForm::jks ? read_jks(bytes, password) : read_pkcs12(bytes, password);
}

std::string certificates_as_pem(const std::string& bytes) {
  const BioPtr out{BIO_new(BIO_s_mem())};
  for (const CertificatePtr& certificate : read_certificates(bytes)) PEM_write_bio_X509(out.get(), certificate.get());
  return written(out);
}

CredentialResult<std::string> key_as_pem(const std::string& file, const std::string& password) {
  const std::string bytes = key_part(file);
  EVP_PKEY* key = nullptr;
  const DecoderPtr decoder{OSSL_DECODER_CTX_new_for_pkey(&key, nullptr, nullptr, nullptr, EVP_PKEY_KEYPAIR,
                                                         all_ciphers(), nullptr)};
  OSSL_DECODER_CTX_set_passphrase(decoder.get(), reinterpret_cast<const unsigned char*>(password.data()),
                                  password.size());
  const BioPtr in = reading(bytes);
  const bool decoded = OSSL_DECODER_from_bio(decoder.get(), in.get()) == 1;
  const KeyPtr owner{key};
  if (!decoded || key == nullptr) return refused(is_encrypted(bytes) ? CredentialFault::locked : CredentialFault::malformed);
  return as_pem(key);
}

bool is_key_of(const std::string& key, const std::string& certificates) {
  const auto own = read_certificates(certificates);
  const BioPtr in = reading(key);
  const KeyPtr private_key{PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
  const bool fits = !own.empty() && private_key && X509_check_private_key(own.front().get(), private_key.get()) == 1;
  ERR_clear_error();
  return fits;
}

Result<std::optional<std::string>> read_credential_file(const std::string& path) {
  auto bytes = read_file(path, k_file_bytes_max);
  if (bytes) return std::move(*bytes);
  const std::error_code why = bytes.error();
  if (why == std::errc::no_such_file_or_directory || why == std::errc::not_a_directory) return std::nullopt;
  if (why == std::errc::file_too_large)
    return fail("it is larger than " + std::to_string(k_file_bytes_max >> 20) + " MiB: that is no certificate or key");
  return fail(why.message());
}

}  // namespace millrace
