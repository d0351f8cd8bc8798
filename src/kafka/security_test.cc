#include "kafka/security.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <unistd.h>

#include "kafka/handles.h"

namespace millrace::kafka {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using Entries = std::map<std::string, std::string, std::less<>>;

// A certificate and its key, made for this test.
constexpr const char* k_certificate = R"(-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUZGd/TTgClbaYEZAWnIa6Xp4UBzswCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjQxMjA0MzJaGA8yMTI2MTAzMTEyMDQz
MlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGR/
NTuztu5B/g78jVY5D7akLiprP0JEwcrR2bjdoqoQybC0ikJ66mseuRa9nuhOPH6g
uYCBOx3BXR9xXgkXgGqjUzBRMB0GA1UdDgQWBBT4GcP20Zm0O8uI8s0Wv/KYfHuA
cjAfBgNVHSMEGDAWgBT4GcP20Zm0O8uI8s0Wv/KYfHuAcjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQD9AY46ZZowGgt/SSq+c5vuK7h/l6cxjFq+
IJh99fqN4QIhAKddlWnvgHqrtCi/pmGi0jZI/c5p6saTkSs04aWIoJkX
-----END CERTIFICATE-----
)";
constexpr const char* k_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjYSrMuJviZ40R1wF
7j0dPMheaUGDM6gaBEWgKP7Pg9ehRANCAARkfzU7s7buQf4O/I1WOQ+2pC4qaz9C
RMHK0dm43aKqEMmwtIpCeuprHrkWvZ7oTjx+oLmAgTsdwV0fcV4JF4Bq
-----END PRIVATE KEY-----
)";

ClientSettings mapped(Entries java) {
  ClientSettings out;
  const auto added = add_security(Config{std::move(java)}, out);
  EXPECT_TRUE(added) << added.error().text;
  return out;
}

std::string security_refusal(Entries java) {
  ClientSettings out;
  const auto added = add_security(Config{std::move(java)}, out);
  return added ? "accepted" : added.error().text;
}

bool usable(ClientSettings settings) {
  settings.emplace_back("bootstrap.servers", "127.0.0.1:1");
  auto conf = make_conf(settings);
  EXPECT_TRUE(conf) << conf.error().text;
  if (!conf) return false;
  const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  EXPECT_TRUE(client) << client.error().text;
  return client.has_value();
}

class Stores : public testing::Test {
 protected:
  Stores() {
    std::string pattern = (std::filesystem::temp_directory_path() / "stores_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Stores() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& bytes) {
    std::ofstream{folder_ + "/" + name, std::ios::binary} << bytes;
    return folder_ + "/" + name;
  }
  std::string folder_;
};

std::string one_line(std::string pem) {
  for (char& c : pem)
    if (c == '\n') c = ' ';
  return pem;
}

TEST(Security, IsPlaintextByDefault) {
  EXPECT_EQ(mapped({}), (ClientSettings{{"security.protocol", "plaintext"}}));
}

TEST(Security, TakesStrimzisMutualTls) {
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.truststore.type", "PEM"},
                           {"ssl.truststore.certificates", k_certificate}, {"ssl.keystore.type", "PEM"},
                           {"ssl.keystore.certificate.chain", k_certificate}, {"ssl.keystore.key", k_key}});
  EXPECT_EQ(setting_of(out, "ssl.ca.pem"), k_certificate);
  EXPECT_EQ(setting_of(out, "ssl.certificate.pem"), k_certificate);
  EXPECT_EQ(setting_of(out, "ssl.key.pem"), k_key);
  EXPECT_EQ(setting_of(out, "ssl.endpoint.identification.algorithm"), "https");
  EXPECT_TRUE(usable(out));
}

TEST(Security, TakesPemThatAPropertiesFileHasJoined) {
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.truststore.certificates", one_line(k_certificate)},
                           {"ssl.keystore.certificate.chain", one_line(k_certificate)},
                           {"ssl.keystore.key", one_line(k_key)}});
  EXPECT_EQ(setting_of(out, "ssl.key.pem"), k_key);
  EXPECT_TRUE(usable(out));
}

TEST(Security, SendsIntermediatesAlong) {
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.truststore.certificates", k_certificate},
                           {"ssl.keystore.certificate.chain", std::string{k_certificate} + k_certificate},
                           {"ssl.keystore.key", k_key}});
  EXPECT_EQ(setting_of(out, "ssl.ca.pem"), std::string{k_certificate} + k_certificate);
}

TEST(Security, TurnsHostnameChecksOffForTheEmptyText) {
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.endpoint.identification.algorithm", ""}});
  EXPECT_EQ(setting_of(out, "ssl.endpoint.identification.algorithm"), "none");
}

TEST(Security, TranslatesCipherSuites) {
  EXPECT_EQ(openssl_cipher("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"), "ECDHE-RSA-AES256-GCM-SHA384");
  EXPECT_EQ(openssl_cipher(" TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"), "ECDHE-ECDSA-CHACHA20-POLY1305");
  EXPECT_EQ(openssl_cipher("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"), "DHE-RSA-AES128-SHA256");
  EXPECT_EQ(openssl_cipher("TLS_RSA_WITH_AES_128_GCM_SHA256"), "AES128-GCM-SHA256");
  EXPECT_EQ(openssl_cipher("TLS_AES_256_GCM_SHA384"), "");
  EXPECT_TRUE(usable(mapped({{"security.protocol", "SSL"},
                             {"ssl.cipher.suites", "TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}})));
}

TEST_F(Stores, ArePemFiles) {
  const auto both = file("both.pem", std::string{k_key} + k_certificate);
  const auto trusted = file("trusted.pem", k_certificate);
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.keystore.type", "PEM"}, {"ssl.keystore.location", both},
                           {"ssl.truststore.type", "PEM"}, {"ssl.truststore.location", trusted}});
  EXPECT_EQ(setting_of(out, "ssl.key.location"), both);
  EXPECT_EQ(setting_of(out, "ssl.certificate.location"), both);
  EXPECT_EQ(setting_of(out, "ssl.ca.location"), trusted);
  EXPECT_TRUE(usable(out));
}

TEST_F(Stores, OfOtherFormsAreRefusedWithTheWayOut) {
  const auto jceks = file("s.jceks", std::string{"\xCE\xCE\xCE\xCE\0\0\0\2", 8});
  for (const char* kind : {"keystore", "truststore"}) {
    const std::string text =
        security_refusal({{"security.protocol", "SSL"}, {std::string{"ssl."} + kind + ".location", jceks},
                          {std::string{"ssl."} + kind + ".password", "geheim"}});
    EXPECT_THAT(text, HasSubstr("PEM")) << kind;
    EXPECT_THAT(text, HasSubstr("keytool -importkeystore")) << kind;
    EXPECT_THAT(text, HasSubstr(jceks)) << kind;
    EXPECT_THAT(text, Not(HasSubstr("geheim"))) << kind;
  }
}

// Empty ones: core/credentials_test.cc has real ones.
TEST_F(Stores, AreJksToo) {
  const std::string empty{"\xFE\xED\xFE\xED\0\0\0\2\0\0\0\0" "twenty bytes of seal", 32};
  const auto jks = file("s.jks", empty);
  EXPECT_THAT(security_refusal({{"security.protocol", "SSL"}, {"ssl.truststore.location", jks}}), HasSubstr("this store holds no certificate"));
  EXPECT_THAT(security_refusal({{"security.protocol", "SSL"}, {"ssl.keystore.location", jks}}), HasSubstr("this JKS store holds no private key"));
  EXPECT_THAT(security_refusal({{"security.protocol", "SSL"}, {"ssl.truststore.location", jks}, {"ssl.truststore.password", "geheim"}}),
              testing::AllOf(HasSubstr("ssl.truststore.password does not open this JKS store"), Not(HasSubstr("geheim"))));
}

TEST_F(Stores, ArePkcs12BehindJavasDefaultType) {
  const auto p12 = file("s.p12", "\x30\x82 not read here");
  const auto out = mapped({{"security.protocol", "SSL"}, {"ssl.keystore.location", p12}, {"ssl.keystore.password", "pw"}});
  EXPECT_EQ(setting_of(out, "ssl.keystore.location"), p12);
  EXPECT_EQ(setting_of(out, "ssl.keystore.password"), "pw");
}

// A store as keytool makes it: one trusted certificate, no key.
TEST_F(Stores, GiveTheTrustedCertificatesOfPkcs12) {
  const std::unique_ptr<BIO, int (*)(BIO*)> in{BIO_new_mem_buf(k_certificate, -1), &BIO_free};
  X509* certificate = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr);
  STACK_OF(X509)* trusted = sk_X509_new_null();
  sk_X509_push(trusted, certificate);
  PKCS12* made = PKCS12_create("pw", "trusted", nullptr, nullptr, trusted, 0, 0, 0, 0, 0);
  const std::unique_ptr<BIO, int (*)(BIO*)> bytes{BIO_new(BIO_s_mem()), &BIO_free};
  i2d_PKCS12_bio(bytes.get(), made);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bytes.get(), &data);
  const auto p12 = file("trust.p12", std::string{data, static_cast<std::size_t>(size)});
  PKCS12_free(made);
  sk_X509_pop_free(trusted, X509_free);

  Entries java{{"security.protocol", "SSL"}, {"ssl.truststore.location", p12}, {"ssl.truststore.password", "pw"},
               {"ssl.truststore.type", "PKCS12"}};
  const auto out = mapped(java);
  EXPECT_EQ(setting_of(out, "ssl.ca.pem"), k_certificate);
  EXPECT_TRUE(usable(out));
  java["ssl.truststore.password"] = "geheim";
  EXPECT_THAT(security_refusal(java), testing::AllOf(HasSubstr(p12), HasSubstr("password does not open"), Not(HasSubstr("geheim"))));
  java["ssl.truststore.location"] = file("broken.p12", "\x30\x82 broken");
  EXPECT_THAT(security_refusal(java), HasSubstr("no PKCS12 store"));
}

TEST(Security, RefusesAReferenceThatNobodyAnswered) {
  EXPECT_THAT(security_refusal({{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"},
                                {"sasl.jaas.config", R"(x.P required username="u" password="${strimzidir:/opt/p:key}";)"}}),
              HasSubstr("sasl.jaas.config: no config provider has answered ${strimzidir:/opt/p:key}; check"));
}

TEST_F(Stores, AreNamedWhenMissing) {
  EXPECT_THAT(security_refusal({{"security.protocol", "SSL"}, {"ssl.truststore.location", folder_ + "/none.pem"}}),
              EndsWith("the file cannot be read"));
}

TEST(Sasl, TakesScramAndPlain) {
  const auto scram = mapped({{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "SCRAM-SHA-512"},
                             {"sasl.jaas.config", R"(x.ScramLoginModule required username="u" password="p;\"";)"}});
  EXPECT_EQ(scram, (ClientSettings{{"security.protocol", "sasl_plaintext"}, {"sasl.mechanisms", "SCRAM-SHA-512"},
                                   {"sasl.username", "u"}, {"sasl.password", "p;\""}}));
  EXPECT_TRUE(usable(scram));
  EXPECT_TRUE(usable(mapped({{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"},
                             {"sasl.jaas.config", R"(x.PlainLoginModule required username="u" password="p";)"}})));
}

TEST(Sasl, TakesKerberosAndTokens) {
  const auto kerberos =
      mapped({{"security.protocol", "SASL_PLAINTEXT"},
              {"sasl.kerberos.service.name", "kafka"},
              {"sasl.jaas.config", R"(x.Krb5LoginModule required keyTab="/k" principal="c@R" serviceName="other";)"}});
  EXPECT_EQ(setting_of(kerberos, "sasl.kerberos.service.name"), "kafka");
  EXPECT_EQ(setting_of(kerberos, "sasl.kerberos.keytab"), "/k");
  EXPECT_EQ(setting_of(kerberos, "sasl.kerberos.principal"), "c@R");

  // A librdkafka of the system may be built without libcurl; ours fetches the token (token_login_test.cc).
  const Entries tokens{{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "OAUTHBEARER"},
                       {"sasl.jaas.config", R"(x.OAuthBearerLoginModule required oauth.client.id="i"
                          oauth.client.secret="geheim" oauth.token.endpoint.uri="https://t/token";)"}};
  const ConfPtr conf{rd_kafka_conf_new()};
  if (rd_kafka_conf_set(conf.get(), "sasl.oauthbearer.method", "oidc", nullptr, 0) == RD_KAFKA_CONF_OK) {
    EXPECT_EQ(setting_of(mapped(tokens), "sasl.oauthbearer.client.id"), "i");
    EXPECT_EQ(setting_of(mapped(tokens), "sasl.oauthbearer.token.endpoint.url"), "https://t/token");
  } else {
    EXPECT_THAT(security_refusal(tokens), testing::AllOf(HasSubstr("built with OIDC"), HasSubstr("SCRAM"), Not(HasSubstr("geheim"))));
  }

  EXPECT_TRUE(usable(mapped({{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "OAUTHBEARER"},
                             {"sasl.jaas.config", R"(x.L required unsecuredLoginStringClaim_sub="me";)"}})));
}

TEST(Sasl, SaysWhatIsMissingWithoutThePassword) {
  EXPECT_THAT(security_refusal({{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}}),
              HasSubstr("sasl.jaas.config is not set"));
  EXPECT_THAT(security_refusal({{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "AWS_MSK_IAM"}}),
              HasSubstr("supported are PLAIN"));
  const std::string text = security_refusal({{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"},
                                             {"sasl.jaas.config", R"(x.P required password="geheim";)"}});
  EXPECT_THAT(text, HasSubstr("option 'username' is missing"));
  EXPECT_THAT(text, Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace millrace::kafka
