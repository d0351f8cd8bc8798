#include "sources/mongodb/key_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/credentials.h"
#include "core/openssl_handles.h"
#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Entries = std::map<std::string, std::string, std::less<>>;

template <typename Write>
std::string written_bytes(Write write) {
  const BioPtr out{BIO_new(BIO_s_mem())};
  write(out.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

struct Identity {
  KeyPtr key{EVP_EC_gen("P-256")};
  CertificatePtr certificate{X509_new()};

  Identity() {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
  }
  std::string certificate_pem() const {
    return written_bytes([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
  }
  std::string key_pem(const char* password) const {
    return written_bytes([&](BIO* out) {
      PEM_write_bio_PKCS8PrivateKey(out, key.get(), password == nullptr ? nullptr : EVP_aes_256_cbc(), nullptr, 0, nullptr,
                                    const_cast<char*>(password));
    });
  }
  std::string store(const char* password, bool with_key = true) const {
    CertificatesPtr others{sk_X509_new_null()};
    if (!with_key) {
      X509_up_ref(certificate.get());
      sk_X509_push(others.get(), certificate.get());
    }
    const StorePtr made{PKCS12_create(password, "user", with_key ? key.get() : nullptr, with_key ? certificate.get() : nullptr,
                                      others.get(), 0, 0, 0, 0, 0)};
    return written_bytes([&](BIO* out) { i2d_PKCS12_bio(out, made.get()); });
  }
};

class MongoKeyStores : public testing::Test {
 protected:
  MongoKeyStores() { std::filesystem::create_directories(folder_); }
  ~MongoKeyStores() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream{folder_ / name, std::ios::binary} << bytes;
    return folder_ / name;
  }
  static std::string text_of(const Result<std::optional<MemoryFile>>& loaded) {
    if (!loaded) return loaded.error().text;
    if (!*loaded) return "none";
    std::ifstream in{(*loaded)->path()};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  std::string keystore(const std::string& bytes, const std::string& password = "") const {
    return text_of(load_keystore(Config{{{"mongodb.ssl.keystore", file("k", bytes)}, {"mongodb.ssl.keystore.password", password}}}));
  }
  std::string truststore(const std::string& bytes, const std::string& password = "") const {
    return text_of(load_truststore(Config{{{"mongodb.ssl.truststore", file("t", bytes)}, {"mongodb.ssl.truststore.password", password}}}));
  }
  static std::vector<std::string> problems(Entries entries) {
    ConfigErrors errors;
    check_key_stores(Config{std::move(entries)}, errors);
    std::vector<std::string> out;
    for (const auto& error : errors) out.push_back(error.text);
    return out;
  }

  const std::filesystem::path folder_ = std::filesystem::path{testing::TempDir()} / ("stores_" + std::to_string(::getpid()));
  const Identity user_;
};

TEST_F(MongoKeyStores, BecomePemWhateverTheyAre) {
  const std::string certificate = user_.certificate_pem(), key = user_.key_pem(nullptr);
  for (const auto& [bytes, password] : std::vector<std::pair<std::string, std::string>>{
           {certificate + key, ""}, {key + certificate, ""}, {certificate + user_.key_pem("s3cret"), "s3cret"}, {user_.store("s3cret"), "s3cret"}})
    EXPECT_EQ(keystore(bytes, password), certificate + key);
  EXPECT_EQ(truststore(certificate), certificate);
  EXPECT_EQ(truststore(user_.store("s3cret", false), "s3cret"), certificate);
  EXPECT_EQ(text_of(load_keystore(Config{})), "none");
}

TEST_F(MongoKeyStores, SayWhatIsWrong) {
  const std::string certificate = user_.certificate_pem(), key = user_.key_pem(nullptr);
  const auto mentions = [&](const char* words) {
    return AllOf(StartsWith("mongodb.ssl."), HasSubstr(folder_.string()), HasSubstr(words), Not(HasSubstr("s3cret")));
  };
  EXPECT_THAT(keystore(user_.store("right"), "s3cret"), mentions("mongodb.ssl.keystore.password does not open it"));
  EXPECT_THAT(keystore(user_.store("right")), mentions("set mongodb.ssl.keystore.password"));
  EXPECT_THAT(keystore(certificate + user_.key_pem("right"), "s3cret"), mentions("mongodb.ssl.keystore.password does not open it"));
  EXPECT_THAT(keystore(user_.store("s3cret", false), "s3cret"), mentions("must hold the client's private key and its certificate"));
  EXPECT_THAT(keystore(certificate), mentions("must hold the client's private key"));
  EXPECT_THAT(keystore(key), mentions("must hold the client's private key"));
  EXPECT_THAT(keystore(Identity{}.certificate_pem() + key), mentions("not that of its first certificate"));
  EXPECT_THAT(keystore(std::string{"\xCE\xCE\xCE\xCE"}), mentions("keytool -importkeystore"));
  EXPECT_THAT(keystore("\x30\x82 broken"), mentions("the file is damaged"));
  EXPECT_THAT(truststore(key), mentions("it holds no certificate"));
  EXPECT_THAT(truststore(user_.store("right", false), "s3cret"), mentions("mongodb.ssl.truststore.password does not open it"));
}

TEST_F(MongoKeyStores, AreCheckedWithTheConfiguration) {
  EXPECT_TRUE(problems({{"mongodb.ssl.truststore", file("t.pem", user_.certificate_pem())}, {"mongodb.ssl.truststore.type", "pem"}}).empty());
  EXPECT_TRUE(problems({{"mongodb.ssl.keystore", file("k.p12", user_.store("pw"))}, {"mongodb.ssl.keystore.password", "pw"}}).empty());
  EXPECT_THAT(problems({{"mongodb.ssl.truststore", "/no/such.pem"}}),
              testing::ElementsAre("The 'mongodb.ssl.truststore' value is invalid: mongodb.ssl.truststore=/no/such.pem: there is no such file"));
  EXPECT_THAT(problems({{"mongodb.ssl.keystore.type", "BCFKS"}}), testing::ElementsAre(HasSubstr("Value must be one of PKCS12, JKS, PEM")));
}

// The files are there as long as the settings are, in copies too.
TEST_F(MongoKeyStores, LiveWithTheSettings) {
  const Config config{{{"mongodb.connection.string", "mongodb://h/?replicaSet=rs0"}, {"mongodb.ssl.enabled", "true"},
                       {"mongodb.ssl.truststore", file("t.pem", user_.certificate_pem())},
                       {"mongodb.ssl.keystore", file("k.p12", user_.store("pw"))}, {"mongodb.ssl.keystore.password", "pw"}}};
  auto made = std::make_unique<Result<ConnectionSettings>>(connection_settings(config));
  ASSERT_TRUE(*made) << made->error().text;
  const ConnectionSettings copy = **made;
  made.reset();
  EXPECT_EQ(read_credential_file(copy.ca_file).value().value_or(""), user_.certificate_pem());
  EXPECT_EQ(read_credential_file(copy.certificate_file).value().value_or(""), user_.certificate_pem() + user_.key_pem(nullptr));
  EXPECT_EQ(copy.certificate_password, "");
}

}  // namespace
}  // namespace millrace::mongodb
