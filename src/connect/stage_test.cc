#include "connect/stage.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Stage, SpeaksConnectsSentences) {
  Stage stage;
  EXPECT_EQ(stage.sentence(), "");
  const Stage::Time began{std::chrono::milliseconds{1795457042436}};
  stage.begin("deleting connector c", began);
  EXPECT_EQ(stage.sentence(), "The worker is currently deleting connector c, which began at "
                              "2026-11-23T18:04:02.436Z.");
  stage.end(began + std::chrono::milliseconds{64});
  EXPECT_EQ(stage.sentence(), "The last operation the worker completed was deleting connector c, which began at "
                              "2026-11-23T18:04:02.436Z and completed at 2026-11-23T18:04:02.500Z.");
}

}  // namespace
}  // namespace millrace
