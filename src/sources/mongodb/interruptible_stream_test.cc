#include "sources/mongodb/interruptible_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;

mongoc_host_list_t unix_socket(const std::string& path) {
  mongoc_host_list_t host{};
  host.family = AF_UNIX;
  std::copy(path.begin(), path.end(), host.host);
  return host;
}

// A path cut off would lead to another server's socket.
TEST(ConnectToHost, RefusesPathThatNoUnixSocketMayHave) {
  const std::string path = "/tmp/" + std::string(103, 's');      // 108 bytes: no room for its end
  std::string problem;
  EXPECT_EQ(connect_to_host(unix_socket(path), {}, std::chrono::seconds{1}, problem), -1);
  EXPECT_THAT(problem, testing::AllOf(HasSubstr("longer than 107 bytes"), HasSubstr(path)));
}

TEST(ConnectToHost, SaysWhichUnixSocketIsNotThere) {
  std::string problem;
  EXPECT_EQ(connect_to_host(unix_socket("/nowhere/mongodb-27017.sock"), {}, std::chrono::seconds{1}, problem), -1);
  EXPECT_THAT(problem, testing::AllOf(HasSubstr("/nowhere/mongodb-27017.sock"), HasSubstr("No such file")));
}

}  // namespace
}  // namespace millrace::mongodb
