#include "core/memory_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace millrace {
namespace {

TEST(MemoryFileTest, IsReadByItsPathAndByItsOwnerOnly) {
  const auto file = MemoryFile::of("secret");
  ASSERT_TRUE(file);
  std::ifstream in{file->path()};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{in}, {}}), "secret");
  EXPECT_EQ(std::filesystem::status(file->path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(MemoryFileTest, IsGoneWithItsOwner) {
  std::string path;
  {
    const auto file = MemoryFile::of("secret");
    ASSERT_TRUE(file);
    path = file->path();
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::ifstream{path});
}

}  // namespace
}  // namespace millrace
