// Reads the files of tests/golden/mongo-serialization, for the tests that go through them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::mongodb {

inline std::int64_t time_of_the_recording() { return 1'700'000'000'123; }

inline std::vector<std::uint8_t> bytes_of_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
  return bytes;
}

inline std::vector<nlohmann::json> lines_of(const std::string& file) {
  std::ifstream in{std::string{MILLRACE_SOURCE_DIR "/tests/golden/mongo-serialization/"} + file};
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  EXPECT_FALSE(lines.empty()) << file;
  return lines;
}

}  // namespace millrace::mongodb
