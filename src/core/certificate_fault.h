// Why OpenSSL turned a certificate down, for verify callbacks.
// Threads: plain functions. Errors: none; a certificate without a name is left unnamed.
#pragma once

#include <openssl/x509_vfy.h>

#include <string>

namespace millrace {

// "certificate has expired (/CN=db)"
std::string certificate_fault(X509_STORE_CTX* context);

}  // namespace millrace
