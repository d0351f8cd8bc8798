#include "core/certificate_fault.h"

#include <openssl/x509.h>

#include <array>

namespace millrace {

std::string certificate_fault(X509_STORE_CTX* context) {
  std::string out = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  X509* const certificate = X509_STORE_CTX_get_current_cert(context);
  if (certificate == nullptr) return out;
  std::array<char, 256> name{};
  X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), name.size());
  return out + " (" + name.data() + ")";
}

}  // namespace millrace
