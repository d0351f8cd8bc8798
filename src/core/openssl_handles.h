// Owners of OpenSSL's objects.
// Threads: as OpenSSL. Lifetime: plain owners.
#pragma once

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>

#include "core/destroy.h"

namespace millrace {

using BioPtr = std::unique_ptr<BIO, Destroy<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Destroy<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Destroy<X509_free>>;
using SignaturePtr = std::unique_ptr<X509_SIG, Destroy<X509_SIG_free>>;   // an encrypted key
using StorePtr = std::unique_ptr<PKCS12, Destroy<PKCS12_free>>;
struct FreeCertificates {
  void operator()(STACK_OF(X509) * list) const { sk_X509_pop_free(list, X509_free); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

}  // namespace millrace
