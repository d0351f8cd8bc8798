#include "core/kubernetes_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "core/config_providers.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A key and a certificate of our own making that holds for 127.0.0.1.
struct Identity {
  Identity() : key{EVP_EC_gen("P-256")}, certificate{X509_new()} {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("kubernetes"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    extend(NID_basic_constraints, "critical,CA:TRUE");
    extend(NID_subject_alt_name, "IP:127.0.0.1");
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  void write(const fs::path& path) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "w"), &std::fclose};
    PEM_write_X509(file.get(), certificate);
  }

  EVP_PKEY* key;
  X509* certificate;

 private:
  void extend(int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
};

class KubernetesObjectsTest : public testing::Test {
 protected:
  void SetUp() override {
    account_ = fs::path{testing::TempDir()} /
               ("service_account." + std::string{testing::UnitTest::GetInstance()->current_test_info()->name()});
    fs::remove_all(account_);
    fs::create_directories(account_);
    identity_.write(account_ / "ca.crt");
    write("token", "token-1\n");
    write("namespace", "kafka");
    server_.Get(R"(/api/v1/namespaces/([^/]+)/(secrets|configmaps)/([^/]+))",
                [this](const httplib::Request& request, httplib::Response& response) { answer(request, response); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    serving_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::yield();
    ::setenv("MILLRACE_SERVICE_ACCOUNT", account_.c_str(), 1);
    ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    ::setenv("KUBERNETES_SERVICE_PORT", std::to_string(port_).c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"MILLRACE_SERVICE_ACCOUNT", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"}) ::unsetenv(name);
    server_.stop();
    serving_.join();
    fs::remove_all(account_);
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock{mutex_};
    authorization_ = request.get_header_value("Authorization");
    path_ = request.path;
    if (authorization_ != expected_) {
      response.status = 401;
      return response.set_content(R"({"kind":"Status","message":"Unauthorized"})", "application/json");
    }
    if (path_.ends_with("/locked")) {
      response.status = 403;
      return response.set_content(R"({"kind":"Status","message":"secrets \"locked\" is forbidden: User \"u\" cannot get"})",
                                  "application/json");
    }
    if (path_ == "/api/v1/namespaces/kafka/secrets/db")
      return response.set_content(R"({"kind":"Secret","data":{"user":"YWxpY2U=","key":"AP8K","bad":"%%%%","empty":""}})", "application/json");
    if (path_ == "/api/v1/namespaces/kafka/secrets/none") return response.set_content(R"({"kind":"Secret"})", "application/json");
    if (path_ == "/api/v1/namespaces/other/configmaps/cm")
      return response.set_content(R"({"kind":"ConfigMap","data":{"text":"a=b\n"}})", "application/json");
    response.status = 404;
  }

  void write(const std::string& name, const std::string& text) { std::ofstream{account_ / name, std::ios::binary} << text; }

  static std::string value(std::string_view path, std::string_view key, KubernetesObject object = KubernetesObject::secret) {
    const auto found = kubernetes_value(object, path, key);
    if (!found) return (found.error().retriable() ? "later: " : "error: ") + found.error().text;
    return found->value_or("(none)");
  }

  fs::path account_;
  Identity identity_;
  httplib::SSLServer server_{identity_.certificate, identity_.key};
  int port_ = 0;
  std::thread serving_;
  std::mutex mutex_;   // of the rest
  std::string expected_ = "Bearer token-1", authorization_, path_;
};

TEST_F(KubernetesObjectsTest, ReadsASecretOfTheNamedOrTheOwnNamespace) {
  EXPECT_EQ(value("kafka/db", "user"), "alice");
  EXPECT_EQ(value("db", "user"), "alice");
  EXPECT_EQ(value("db", "key"), (std::string{"\0\xFF\n", 3}));
  EXPECT_EQ(value("db", "empty"), "");
}

TEST_F(KubernetesObjectsTest, ReadsAConfigMapAsItStands) {
  EXPECT_EQ(value("other/cm", "text", KubernetesObject::config_map), "a=b\n");
}

TEST_F(KubernetesObjectsTest, HasNothingForAKeyThatIsNotThere) {
  EXPECT_EQ(value("db", "absent"), "(none)");
  EXPECT_EQ(value("none", "user"), "(none)");
}

TEST_F(KubernetesObjectsTest, ReadsTheTokenAnewEachTime) {
  EXPECT_EQ(value("db", "user"), "alice");
  write("token", "token-2");
  {
    const std::lock_guard lock{mutex_};
    expected_ = "Bearer token-2";
  }
  EXPECT_EQ(value("db", "user"), "alice");
}

TEST_F(KubernetesObjectsTest, SaysWhatIsMissingAndWhereButNoValue) {
  EXPECT_THAT(value("kafka/absent", "user"), HasSubstr("error: Secret absent in namespace kafka not found"));
  EXPECT_THAT(value("locked", "user"),
              AllOf(HasSubstr("Secret locked in namespace kafka for key user"), HasSubstr("answered 403"),
                    HasSubstr("is forbidden"), HasSubstr("Role with verb get")));
  EXPECT_EQ(value("db", "bad"), "error: Key bad of Secret db in namespace kafka is not base64");
  EXPECT_THAT(value("a/b/c", "user"), HasSubstr("error: 'a/b/c' names no Secret"));
  EXPECT_THAT(value("UPPER", "user"), HasSubstr("names no Secret"));
  EXPECT_THAT(value("", "user"), HasSubstr("names no Secret"));
  write("token", "wrong-token");
  EXPECT_THAT(value("db", "user"), AllOf(HasSubstr("answered 401: Unauthorized"), Not(HasSubstr("wrong-token"))));
}

TEST_F(KubernetesObjectsTest, SaysWhatThePodLacks) {
  fs::remove(account_ / "token");
  EXPECT_THAT(value("kafka/db", "user"), AllOf(HasSubstr("Secret db in namespace kafka for key user"), HasSubstr("/token cannot be read")));
  write("token", "token-1");
  fs::remove(account_ / "ca.crt");
  EXPECT_THAT(value("kafka/db", "user"), HasSubstr("/ca.crt cannot be read"));
  ::setenv("KUBERNETES_SERVICE_PORT", "https", 1);
  EXPECT_THAT(value("kafka/db", "user"), HasSubstr("KUBERNETES_SERVICE_PORT=https is no port"));
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_THAT(value("kafka/db", "user"), HasSubstr("KUBERNETES_SERVICE_HOST is not set"));
}

TEST_F(KubernetesObjectsTest, TrustsNoOtherCertificate) {
  Identity{}.write(account_ / "ca.crt");
  EXPECT_THAT(value("db", "user"), AllOf(HasSubstr("later: "), HasSubstr("no answer from the Kubernetes API")));
  const std::lock_guard lock{mutex_};
  EXPECT_EQ(authorization_, "");   // the token was not sent
}

TEST_F(KubernetesObjectsTest, AServerThatIsAwayMayComeBack) {
  server_.stop();
  EXPECT_THAT(value("db", "user"), AllOf(HasSubstr("later: "), HasSubstr("127.0.0.1:" + std::to_string(port_))));
}

TEST_F(KubernetesObjectsTest, AnswersReferencesOfAWorkerFile) {
  const Config worker{{{"config.providers", "strimzisecrets,cm"},
                       {"config.providers.strimzisecrets.class", "io.strimzi.kafka.KubernetesSecretConfigProvider"},
                       {"config.providers.cm.class", "io.strimzi.kafka.KubernetesConfigMapConfigProvider"}}};
  const auto providers = ConfigProviders::create(worker).value();
  EXPECT_EQ(providers.resolve("u=${strimzisecrets:kafka/db:user} c=${cm:other/cm:text}").value(), "u=alice c=a=b\n");
  EXPECT_EQ(providers.resolve("${strimzisecrets:kafka/db:absent}").value(), "${strimzisecrets:kafka/db:absent}");
}

TEST(Base64, IsDecodedOrRefused) {
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("YQ=="), "a");
  EXPECT_EQ(base64_decoded("YWI="), "ab");
  EXPECT_EQ(base64_decoded("YWJj"), "abc");
  EXPECT_EQ(base64_decoded("+/+/"), "\xFB\xFF\xBF");
  for (const char* bad : {"Y", "YQ", "YQ=", "Y===", "YQ=a", "Y Q=", "YQ==YQ=="}) EXPECT_EQ(base64_decoded(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace millrace
