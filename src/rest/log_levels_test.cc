#include "rest/log_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.h"

namespace millrace {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// Names of their own, as the registry of loggers is one for the program.
TEST(LogLevels, ANamespaceChangesItAndWhatIsBelow) {
  logger("test.space.one")->set_level(spdlog::level::info);
  logger("test.spaceship")->set_level(spdlog::level::info);
  LogLevels levels;
  EXPECT_FALSE(levels.find("test.space"));
  EXPECT_THAT(levels.set("test.space", "warn"), ElementsAre("test.space", "test.space.one"));
  EXPECT_EQ(levels.find("test.space.one")->level, "WARN");
  EXPECT_TRUE(levels.find("test.space.one")->last_modified_ms);
  EXPECT_EQ(levels.find("test.spaceship")->level, "INFO");
  EXPECT_FALSE(levels.find("test.spaceship")->last_modified_ms);
  EXPECT_THAT(levels.set("test.space", "WARN"), IsEmpty());
}

TEST(LogLevels, LoggersThatAreOffAreNotListed) {
  logger("test.silent")->set_level(spdlog::level::info);
  LogLevels levels;
  EXPECT_TRUE(levels.all().contains("test.silent"));
  levels.set("test.silent", "OFF");
  EXPECT_FALSE(levels.all().contains("test.silent"));
  EXPECT_EQ(levels.find("test.silent")->level, "OFF");
}

TEST(LogLevels, ReachLoggersThatAreMadeLater) {
  LogLevels levels;
  levels.set("test.later", "DEBUG");
  EXPECT_EQ(logger("test.later.one")->level(), spdlog::level::debug);
}

TEST(LogLevels, RootIsEverything) {
  const auto before = spdlog::default_logger()->level();
  logger("test.anything")->set_level(spdlog::level::info);
  LogLevels levels;
  const auto changed = levels.set("ROOT", "FATAL");
  EXPECT_THAT(changed, Contains("root"));
  EXPECT_THAT(changed, Contains("test.anything"));
  EXPECT_EQ(levels.find("Root")->level, "FATAL");
  levels.set("root", "INFO");
  spdlog::default_logger()->set_level(before);
}

TEST(LogLevels, KnowsLog4jsLevelsInAnyCase) {
  for (const auto* level : {"TRACE", "debug", "Info", "WARN", "ERROR", "fatal", "off"})
    EXPECT_TRUE(LogLevels::is_level(level));
  for (const auto* level : {"", "NOPE", "WARNING"}) EXPECT_FALSE(LogLevels::is_level(level));
}

}  // namespace
}  // namespace millrace
