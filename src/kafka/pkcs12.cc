#include "kafka/pkcs12.h"

#include <openssl/err.h>

#include <memory>
#include <string_view>

#include "core/openssl_handles.h"

namespace millrace::kafka {
namespace {

std::unexpected<Error> invalid(const std::string& location, std::string_view reason) {
  ERR_clear_error();
  return fail("Invalid value " + location + " for configuration ssl.truststore.location: " + std::string{reason},
              Retry::no, k_config_exception);
}

}  // namespace

Result<std::string> certificates_of_pkcs12(const std::string& bytes, const std::string& password,
                                           const std::string& location) {
  const BioPtr in{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
  const StorePtr store{d2i_PKCS12_bio(in.get(), nullptr)};
  if (!store) return invalid(location, "the file is no PKCS12 store");
  if (PKCS12_verify_mac(store.get(), password.c_str(), static_cast<int>(password.size())) != 1)
    return invalid(location, "ssl.truststore.password does not open this PKCS12 store");
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool parsed = PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &others) == 1;
  const KeyPtr key_owner{key};
  const CertificatePtr certificate_owner{certificate};
  const CertificatesPtr others_owner{others};
  if (!parsed)
    return invalid(location, "this PKCS12 store uses an encryption that OpenSSL 3 no longer reads (RC2, as old versions of "
                             "keytool); give the certificates as PEM (ssl.truststore.type=PEM; keytool -exportcert -rfc)");
  const BioPtr out{BIO_new(BIO_s_mem())};
  if (certificate != nullptr) PEM_write_bio_X509(out.get(), certificate);
  for (int i = 0; i < sk_X509_num(others); ++i) PEM_write_bio_X509(out.get(), sk_X509_value(others, i));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  if (size <= 0) return invalid(location, "this PKCS12 store holds no certificate");
  return std::string{text, static_cast<std::size_t>(size)};
}

}  // namespace millrace::kafka
