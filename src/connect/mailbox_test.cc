#include "connect/mailbox.h"

#include <gtest/gtest.h>

#include <memory>

namespace millrace {
namespace {

TEST(Mailbox, GivesWorksInTheirOrder) {
  Mailbox mailbox;
  std::string seen;
  mailbox.post([&] { seen += 'a'; });
  mailbox.post([&] { seen += 'b'; });
  while (auto work = mailbox.take(std::chrono::steady_clock::now())) work();
  EXPECT_EQ(seen, "ab");
}

TEST(Mailbox, DropsWhatIsLeftWhenItIsClosed) {
  Mailbox mailbox;
  const auto owner = std::make_shared<int>();
  mailbox.post([owner] {});
  mailbox.close();
  EXPECT_EQ(owner.use_count(), 1);
  EXPECT_FALSE(mailbox.post([] {}));
  EXPECT_FALSE(mailbox.take(std::chrono::steady_clock::time_point::max()));
}

}  // namespace
}  // namespace millrace
