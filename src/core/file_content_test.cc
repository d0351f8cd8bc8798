#include "core/file_content.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace millrace {
namespace {

class FileContent : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string holding(const std::string& bytes) const {
    std::ofstream{folder + "/file", std::ios::binary} << bytes;
    return folder + "/file";
  }
  const std::string folder = std::filesystem::temp_directory_path() / ("file_content_test." + std::to_string(::getpid()));
};

TEST_F(FileContent, IsWholeWhateverItsBytes) {
  for (const std::string& bytes : {std::string{}, std::string{"\0\xFF\r\n", 4}, std::string(4096, 'x'), std::string(100'000, 'y')})
    EXPECT_EQ(read_file(holding(bytes)).value(), bytes);
}

TEST_F(FileContent, EndsAtTheBound) {
  const std::string path = holding(std::string(5000, 'x'));
  EXPECT_TRUE(read_file(path, 5000));
  EXPECT_EQ(read_file(path, 4999).error(), std::errc::file_too_large);
}

TEST_F(FileContent, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(read_file(folder + "/none").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(read_file(folder).error(), std::errc::is_a_directory);
  EXPECT_EQ(read_named_file(folder).error().text, "cannot read " + folder + ": Is a directory");
}

}  // namespace
}  // namespace millrace
