#include "core/config_providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class ConfigProvidersTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path{testing::TempDir()} / ("config_providers." + std::string{test->name()});
    fs::remove_all(root_);
    fs::create_directories(root_ / "inside" / "deeper");
    fs::create_directories(root_ / "inside2");
    write("inside/db.properties", "password=s3cret\nempty=\numlaut=\u00fc\n");
    write("inside/user", "alice\n");
    write("inside2/user", "bob");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) { std::ofstream{root_ / name, std::ios::binary} << text; }
  std::string path(const std::string& name) const { return (root_ / name).string(); }

  // Providers as Strimzi declares them, the directory one limited to inside/.
  Config worker() const {
    return Config{{{"config.providers", "env, file,dir,k8s,cm"},
                   {"config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider"},
                   {"config.providers.env.param.allowlist.pattern", "MILLRACE_TEST_.*"},
                   {"config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider"},
                   {"config.providers.dir.class", "org.apache.kafka.common.config.provider.DirectoryConfigProvider"},
                   {"config.providers.dir.param.allowed.paths", path("inside")},
                   {"config.providers.k8s.class", "io.strimzi.kafka.KubernetesSecretConfigProvider"},
                   {"config.providers.cm.class", "io.strimzi.kafka.KubernetesConfigMapConfigProvider"}}};
  }

  std::string resolved(const std::string& text) const {
    const auto value = ConfigProviders::create(worker()).value().resolve(text);
    return value ? *value : "error: " + value.error().text;
  }

  fs::path root_;
};

TEST_F(ConfigProvidersTest, ReadAPropertyOfAFile) {
  const std::string file = path("inside/db.properties");
  EXPECT_EQ(resolved("${file:" + file + ":password}"), "s3cret");
  EXPECT_EQ(resolved("a${file:" + file + ":empty}b${file:" + file + ":umlaut}"), "ab\u00fc");
  EXPECT_EQ(resolved("${file:" + file + ":absent}"), "${file:" + file + ":absent}");
  EXPECT_EQ(resolved("${file:password}"), "${file:password}");
  EXPECT_EQ(resolved("${file:/no/such:password}"), "error: Could not read properties from file /no/such");
}

TEST_F(ConfigProvidersTest, ReadAWholeFileOfADirectory) {
  EXPECT_EQ(resolved("${dir:" + path("inside") + ":user}"), "alice\n");
  fs::create_symlink(path("inside/user"), path("inside/link"));
  EXPECT_EQ(resolved("${dir:" + path("inside") + ":link}"), "alice\n");
  for (const std::string& literal :
       {"${dir:" + path("inside") + ":absent}", "${dir:" + path("inside") + ":deeper}", "${dir:" + path("inside") + ":..}",
        "${dir:" + path("inside") + ":../inside2/user}", "${dir:" + path("inside/nowhere") + ":user}",
        "${dir:" + path("inside/user") + ":user}", std::string{"${dir:user}"}})
    EXPECT_EQ(resolved(literal), literal);
}

TEST_F(ConfigProvidersTest, StayInsideTheAllowedPaths) {
  for (const std::string& directory : {path("inside2"), path("inside/../inside2"), path("inside") + "2"}) {
    const std::string literal = "${dir:" + directory + ":user}";
    EXPECT_EQ(resolved(literal), literal);
  }
  EXPECT_EQ(resolved("${dir:" + path("inside2/../inside") + ":user}"), "alice\n");
  EXPECT_EQ(resolved("${dir:" + path("inside/deeper/..") + ":user}"), "alice\n");
}

TEST_F(ConfigProvidersTest, ReadTheEnvironment) {
  ::setenv("MILLRACE_TEST_A", "1", 1);
  ::setenv("MILLRACE_OTHER", "2", 1);
  EXPECT_EQ(resolved("${env:MILLRACE_TEST_A}"), "1");
  EXPECT_EQ(resolved("${env::MILLRACE_TEST_A}"), "1");
  EXPECT_EQ(resolved("${env:MILLRACE_OTHER}"), "${env:MILLRACE_OTHER}");
  EXPECT_EQ(resolved("${env:MILLRACE_TEST_ABSENT}"), "${env:MILLRACE_TEST_ABSENT}");
  EXPECT_EQ(resolved("${env:some:MILLRACE_TEST_A}"),
            "error: Path is not supported for EnvVarConfigProvider, invalid value 'some'");
}

TEST_F(ConfigProvidersTest, FailOnlyWhenAKubernetesReferenceIsUsed) {
  EXPECT_EQ(resolved("plain"), "plain");
  EXPECT_THAT(resolved("${k8s:ns/db:password}"),
              testing::AllOf(HasSubstr("error: Failed to retrieve Secret db in namespace ns for key password"),
                             HasSubstr("DirectoryConfigProvider")));
  EXPECT_THAT(resolved("${cm:ns/db:key}"), HasSubstr("ConfigMap db in namespace ns"));
}

TEST_F(ConfigProvidersTest, LeaveWhatNobodyAnswers) {
  for (const std::string literal : {"${unknown:a:b}", "${no}", "$ {env:X}", "${env", "${}", "${:}", "{env:A}", "$"})
    EXPECT_EQ(resolved(literal), literal);
}

TEST_F(ConfigProvidersTest, ReplaceOnceAndDoNotLookAgain) {
  ::setenv("MILLRACE_TEST_B", "${env:MILLRACE_TEST_C}", 1);
  ::setenv("MILLRACE_TEST_C", "never", 1);
  EXPECT_EQ(resolved("${env:MILLRACE_TEST_B}!"), "${env:MILLRACE_TEST_C}!");
}

// \$\{([^}]*?):(([^}]*?):)?([^}]*?)\} may begin at an earlier "${" than the innermost.
TEST_F(ConfigProvidersTest, MatchReferencesAsTheRegularExpressionDoes) {
  ::setenv("MILLRACE_TEST_A", "1", 1);
  EXPECT_EQ(resolved("${x${env:MILLRACE_TEST_A}"), "${x${env:MILLRACE_TEST_A}");
  EXPECT_EQ(resolved("${x}${env:MILLRACE_TEST_A}"), "${x}1");
  EXPECT_EQ(resolved("${x ${env:MILLRACE_TEST_A} ${env:MILLRACE_TEST_A}"), "${x ${env:MILLRACE_TEST_A} 1");
  EXPECT_TRUE(ConfigProviders::has_reference("a${b:c}d"));
  EXPECT_FALSE(ConfigProviders::has_reference("a${b}d:"));
  write("inside/colon.properties", "a\\:b=7\n");
  EXPECT_EQ(resolved("${file:" + path("inside/colon.properties") + ":a:b}"), "7");
}

TEST_F(ConfigProvidersTest, NameTheSettingButNeverAResolvedValueInAnError) {
  const std::string file = path("inside/db.properties");
  const Config raw{{{"a.password", "${file:" + file + ":password}${k8s:x:y}"}}};
  const auto config = ConfigProviders::create(worker()).value().resolve(raw);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().text, HasSubstr("a.password: "));
  EXPECT_THAT(config.error().text, Not(HasSubstr("s3cret")));
}

TEST_F(ConfigProvidersTest, RefuseAnUnknownClassAndBadParameters) {
  Config config = worker();
  config.set("config.providers.env.class", "com.example.Vault");
  EXPECT_THAT(ConfigProviders::create(config).error().text,
              HasSubstr("Invalid value com.example.Vault for configuration config.providers.env.class: Class "
                        "com.example.Vault could not be found."));
  config = worker();
  config.set("config.providers.dir.param.allowed.paths", "relative");
  EXPECT_THAT(ConfigProviders::create(config).error().text, HasSubstr("Path relative is not absolute"));
  config = worker();
  config.set("config.providers.env.param.allowlist.pattern", "(");
  EXPECT_THAT(ConfigProviders::create(config).error().text, HasSubstr("Could not compile regular expression"));
}

TEST_F(ConfigProvidersTest, IgnoreAnAliasWithoutAClass) {
  const auto providers = ConfigProviders::create(Config{{{"config.providers", "a"}}}).value();
  EXPECT_EQ(providers.resolve("${a:b:c}").value(), "${a:b:c}");
}

}  // namespace
}  // namespace millrace
