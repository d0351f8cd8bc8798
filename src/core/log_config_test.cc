#include "core/log_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// As Strimzi 0.50 writes it, with two loggers of the user.
constexpr std::string_view k_strimzi = R"(name = ConnectConfig
appender.console.type = Console
appender.console.name = STDOUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %-5p [%t] %c{1}:%L - %m%n
rootLogger.level = WARN
rootLogger.appenderRefs = console
rootLogger.appenderRef.console.ref = STDOUT
logger.reflections.name = org.reflections
logger.reflections.level = ERROR
logger.pg.name = io.debezium.connector.postgresql
logger.pg.level = debug
monitorInterval=30
)";

TEST(LogConfig, IsReadAsStrimziWritesIt) {
  const LogConfig config = parse_log_config(k_strimzi).value();
  EXPECT_THAT(config.levels, ElementsAre(Pair("", spdlog::level::warn), Pair("io.debezium.connector.postgresql", spdlog::level::debug),
                                         Pair("org.reflections", spdlog::level::err)));
  EXPECT_EQ(config.monitor_interval, std::chrono::seconds{30});
  EXPECT_THAT(config.problems, testing::IsEmpty());
}

TEST(LogConfig, TakesShortFormsAndProperties) {
  const LogConfig config = parse_log_config("property.level=ERROR\nrootLogger=${level}, console\nlogger.a.name=x.y\nlogger.a=TRACE, console\n").value();
  EXPECT_THAT(config.levels, ElementsAre(Pair("", spdlog::level::err), Pair("x.y", spdlog::level::trace)));
  EXPECT_EQ(config.monitor_interval, std::chrono::seconds{0});
}

TEST(LogConfig, TakesLog4j1) {
  const LogConfig config = parse_log_config("connect.root.logger.level=INFO\nlog4j.rootLogger=${connect.root.logger.level}, CONSOLE\n"
                                            "log4j.logger.org.reflections=ERROR\nlog4j.additivity.x=false\nlog4j.logger.x=OFF, CONSOLE\n").value();
  EXPECT_THAT(config.levels, ElementsAre(Pair("", spdlog::level::info), Pair("org.reflections", spdlog::level::err), Pair("x", spdlog::level::off)));
}

TEST(LogConfig, SaysWhatHasNoEffect) {
  const LogConfig config = parse_log_config("rootLogger.level=LOUD\nlogger.a.name=a\nlogger.a.level=${unknown}\nmonitorInterval=soon\n").value();
  EXPECT_THAT(config.levels, testing::IsEmpty());
  EXPECT_THAT(config.problems, ElementsAre(HasSubstr("rootLogger.level=LOUD"), HasSubstr("logger.a.level=${unknown}"), HasSubstr("monitorInterval=soon")));
  EXPECT_FALSE(parse_log_config("rootLogger.level=\\u00zz"));
  EXPECT_TRUE(parse_log_config("a=${a}\nrootLogger.level=${a}").value().levels.empty());
}

TEST(LogConfig, IsFoundInTheJvmsOptions) {
  EXPECT_EQ(log_config_path("-Dx=y -Dlog4j2.configurationFile=file:/etc/a.properties -Dz"), "/etc/a.properties");
  EXPECT_EQ(log_config_path("-Dlog4j.configuration=file:///etc/b.properties"), "/etc/b.properties");
  EXPECT_EQ(log_config_path("-Dlog4j.configurationFile=c.properties"), "c.properties");
}

// The registry of loggers is one for the program: the names are this test's, and the root goes back.
class LogLevelsTest : public testing::Test {
 protected:
  void TearDown() override {
    set_log_levels({{"", root_}});
    std::filesystem::remove(path());
  }
  static std::string path() {   // tests run side by side
    return testing::TempDir() + "log_config." + testing::UnitTest::GetInstance()->current_test_info()->name() + ".properties";
  }
  static void write(const std::string& text) {
    std::ofstream{path() + ".new"} << text;
    std::filesystem::rename(path() + ".new", path());
  }
  const LogLevel root_ = spdlog::default_logger()->level();
};

TEST_F(LogLevelsTest, AreInheritedByLoggersThatAreMadeLater) {
  set_log_level("levels.a", spdlog::level::debug);
  EXPECT_EQ(logger("levels.a.b.c")->level(), spdlog::level::debug);
  EXPECT_EQ(logger("levels.ab")->level(), root_);
  set_log_level("levels.a.b", spdlog::level::err);
  EXPECT_EQ(logger("levels.a.b.c")->level(), spdlog::level::err);
  EXPECT_EQ(logger("levels.a.b.d")->level(), spdlog::level::err);
  EXPECT_EQ(logger("levels.a.x")->level(), spdlog::level::debug);
  set_log_level("levels.a", spdlog::level::warn);   // the nearer one is gone
  EXPECT_EQ(logger("levels.a.b.e")->level(), spdlog::level::warn);
  set_log_level("", spdlog::level::critical);
  EXPECT_EQ(logger("levels.a.b.c")->level(), spdlog::level::critical);
  EXPECT_EQ(logger("levels.new")->level(), spdlog::level::critical);
}

TEST_F(LogLevelsTest, FollowTheFileOnlyWhenItsContentChanges) {
  write("rootLogger.level=INFO\nlogger.a.name=levels.file\nlogger.a.level=DEBUG\nmonitorInterval=1\n");
  const auto file = LogConfigFile::open(path()).value();
  EXPECT_EQ(logger("levels.file.x")->level(), spdlog::level::debug);
  set_log_level("levels.file", spdlog::level::err);   // as REST does; the file is the same
  write("rootLogger.level=INFO\nlogger.a.name=levels.other\nlogger.a.level=TRACE\nmonitorInterval=1\n");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (logger("levels.other.x")->level() != spdlog::level::trace && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(logger("levels.other.x")->level(), spdlog::level::trace);
  EXPECT_EQ(logger("levels.file.x")->level(), spdlog::level::info);   // no longer named: the root's
}

TEST_F(LogLevelsTest, NeedAFileOfProperties) {
  EXPECT_THAT(LogConfigFile::open(path()).error().text, HasSubstr("cannot read " + path()));
  EXPECT_THAT(LogConfigFile::open("/etc/connect-log4j2.yaml").error().text, HasSubstr("properties form"));
}

}  // namespace
}  // namespace millrace
