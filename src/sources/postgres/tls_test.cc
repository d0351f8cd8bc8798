#include "sources/postgres/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "sources/postgres/tls_key.h"

namespace millrace::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using SharedKey = std::shared_ptr<EVP_PKEY>;
using SharedCertificate = std::shared_ptr<X509>;

SharedKey new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

SharedCertificate certificate_of(const SharedKey& key) {
  SharedCertificate certificate{X509_new(), X509_free};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  return certificate;
}

template <typename Write>
std::string bytes_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out{BIO_new(BIO_s_mem()), BIO_free_all};
  write(out.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem(const SharedCertificate& certificate) {
  return bytes_of([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
}
std::string der(const SharedKey& key) {
  return bytes_of([&](BIO* out) { i2d_PKCS8PrivateKey_bio(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
std::string locked_der(const SharedKey& key, const char* password) {
  return bytes_of([&](BIO* out) {
    i2d_PKCS8PrivateKey_bio(out, key.get(), EVP_aes_256_cbc(), nullptr, 0, nullptr, const_cast<char*>(password));
  });
}
std::string store(const SharedKey& key, const SharedCertificate& certificate, const char* password) {
  return bytes_of([&](BIO* out) {
    PKCS12* made = PKCS12_create(password, "user", key.get(), certificate.get(), nullptr, 0, 0, 0, 0, 0);
    i2d_PKCS12_bio(out, made);
    PKCS12_free(made);
  });
}

std::string error_of(const std::string& certificates, const std::string& key, const std::string& password) {
  const auto identity = identity_of_files(certificates, "c.crt", key, "c.pk8", password);
  return identity ? "" : identity.error().text;
}

TEST(TlsKey, ReadsKeysInEachForm) {
  const SharedKey key = new_key();
  const std::string certificate = pem(certificate_of(key));
  for (const std::string& form : {der(key), locked_der(key, "secret")}) {
    const auto identity = identity_of_files(certificate, "c.crt", form, "c.pk8", "secret");
    ASSERT_TRUE(identity) << identity.error().text;
    EXPECT_EQ(identity->certificates, certificate);
    EXPECT_THAT(identity->key, StartsWith("-----BEGIN PRIVATE KEY-----"));
  }
  const auto identity = identity_of_pkcs12(store(key, certificate_of(key), "secret"), "secret", "c.p12");
  ASSERT_TRUE(identity) << identity.error().text;
  EXPECT_THAT(identity->certificates, StartsWith("-----BEGIN CERTIFICATE-----"));
}

TEST(TlsKey, SaysWhatIsWrong) {
  const SharedKey key = new_key();
  const std::string certificate = pem(certificate_of(key));
  EXPECT_THAT(error_of(certificate, locked_der(key, "secret"), ""), HasSubstr("give its password as database.sslpassword"));
  EXPECT_THAT(error_of(certificate, locked_der(key, "secret"), "wrong"),
              testing::AllOf(HasSubstr("database.sslpassword is not its password"), Not(HasSubstr("wrong"))));
  EXPECT_THAT(error_of(certificate, "no key", ""), HasSubstr("c.pk8: it holds no private key"));
  EXPECT_THAT(error_of(certificate, "", ""), HasSubstr("c.pk8: it holds no private key"));
  EXPECT_THAT(error_of("no certificate", der(key), ""), HasSubstr("c.crt: it holds no certificate"));
  EXPECT_THAT(error_of(certificate, der(new_key()), ""), HasSubstr("is not the key of the first certificate in c.crt"));
  EXPECT_FALSE(identity_of_pkcs12("no store", "", "c.p12"));
  EXPECT_THAT(identity_of_pkcs12(store(key, certificate_of(key), "secret"), "x", "c.p12").error().text,
              HasSubstr("Could not decrypt SSL key file c.p12"));
}

class TlsFilesLoad : public testing::Test {
 protected:
  TlsFilesLoad() { std::filesystem::create_directories(folder_); }
  ~TlsFilesLoad() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& bytes) {
    std::ofstream{folder_ / name, std::ios::binary} << bytes;
    return folder_ / name;
  }
  static std::map<std::string, std::string> parameters(const TlsSettings& settings) {
    const auto files = TlsFiles::load(settings);
    if (!files) return {{"error", files.error().text}};
    return {files->parameters().begin(), files->parameters().end()};
  }
  const std::filesystem::path folder_ =
      std::filesystem::path{testing::TempDir()} / ("tls_" + std::to_string(::getpid()));
};

TEST_F(TlsFilesLoad, ChecksNothingButInTheModesThatVerify) {
  EXPECT_THAT(parameters({.mode = "disable", .certificate = "/no/such"}), testing::ElementsAre(testing::Pair("sslmode", "disable")));
  const SharedKey key = new_key();
  const std::string certificate = file("c.crt", pem(certificate_of(key)));
  const std::string key_file = file("c.pk8", der(key));
  const auto required = parameters({.mode = "require", .certificate = certificate, .key = key_file, .root_certificate = certificate});
  EXPECT_EQ(required.at("sslrootcert"), "/dev/null/none");
  EXPECT_THAT(required.at("sslkey"), StartsWith("/proc/self/fd/"));
  const auto verified = parameters({.mode = "verify-ca", .certificate = certificate, .key = key_file, .root_certificate = certificate});
  EXPECT_THAT(verified.at("sslrootcert"), StartsWith("/proc/self/fd/"));
  const auto trusting = parameters({.mode = "verify-ca", .trust_all = true, .root_certificate = "/no/such"});
  EXPECT_EQ(trusting.at("sslmode"), "require");
  EXPECT_EQ(trusting.at("sslcert"), "/dev/null/none");
}

TEST_F(TlsFilesLoad, NamesTheFileThatIsMissing) {
  const SharedKey key = new_key();
  const std::string certificate = file("c.crt", pem(certificate_of(key)));
  EXPECT_THAT(parameters({.mode = "verify-full", .root_certificate = "/no/root.crt"}).at("error"),
              HasSubstr("SSL root certificate file /no/root.crt: there is no such file"));
  EXPECT_THAT(parameters({.mode = "require", .certificate = "/no/c.crt"}).at("error"), HasSubstr("/no/c.crt"));
  EXPECT_THAT(parameters({.mode = "require", .certificate = certificate, .key = "/no/c.pk8"}).at("error"), HasSubstr("/no/c.pk8"));
  EXPECT_THAT(parameters({.mode = "require", .key = "/no/c.p12"}).at("error"), HasSubstr("/no/c.p12"));
  EXPECT_THAT(parameters({.mode = "require", .certificate = folder_}).at("error"), HasSubstr("Could not open SSL certificate file"));
  EXPECT_THAT(parameters({.mode = "sometimes"}).at("error"), HasSubstr("disable, allow, prefer"));
}

// A whole handshake with a server whose certificate nobody has signed; `watched`: as between two polls.
std::string reason_of_handshake(int verify_mode, bool watched) {
  const SharedKey key = new_key();
  const SharedCertificate certificate = certificate_of(key);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> serving{SSL_CTX_new(TLS_server_method()), SSL_CTX_free},
      asking{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX_use_certificate(serving.get(), certificate.get());
  SSL_CTX_use_PrivateKey(serving.get(), key.get());
  CertificateVerdict verdict;
  const std::unique_ptr<SSL, decltype(&SSL_free)> server{SSL_new(serving.get()), SSL_free}, client{SSL_new(asking.get()), SSL_free};
  SSL_set_verify(client.get(), verify_mode, nullptr);
  if (watched) CertificateVerdict::watch(client.get());
  BIO* ours = nullptr;
  BIO* theirs = nullptr;
  BIO_new_bio_pair(&ours, 0, &theirs, 0);
  SSL_set_bio(client.get(), ours, ours);
  SSL_set_bio(server.get(), theirs, theirs);
  for (int i = 0; i < 10; ++i) {
    SSL_connect(client.get());
    SSL_accept(server.get());
  }
  EXPECT_EQ(SSL_is_init_finished(client.get()) == 1, verify_mode == SSL_VERIFY_NONE);
  return verdict.reason();
}

TEST(TlsVerdict, IsKnownHoweverTheHandshakeGoes) {
  for (const bool watched : {true, false}) EXPECT_THAT(reason_of_handshake(SSL_VERIFY_PEER, watched), StartsWith("self-signed certificate")) << watched;
  for (const bool watched : {true, false}) EXPECT_EQ(reason_of_handshake(SSL_VERIFY_NONE, watched), "") << watched;
}

}  // namespace
}  // namespace millrace::postgres
