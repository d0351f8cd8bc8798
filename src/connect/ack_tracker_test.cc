#include "connect/ack_tracker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace millrace {
namespace {

TEST(AckTracker, HoldsBackWhileAnEarlierRecordIsOpen) {
  AckTracker acks{4};
  const auto first = acks.add();
  acks.checkpoint({"10"});
  const auto second = acks.add();
  acks.checkpoint({"20"});
  acks.ack(second);
  EXPECT_EQ(acks.take_committable(), std::nullopt);
  acks.ack(first);
  EXPECT_EQ(acks.take_committable(), Checkpoint{"20"});
  EXPECT_TRUE(acks.empty());
}

TEST(AckTracker, AcknowledgedRecordsWithoutACheckpointAreNotCommittable) {
  AckTracker acks{4};
  acks.ack(acks.add());
  EXPECT_EQ(acks.take_committable(), std::nullopt);
  EXPECT_FALSE(acks.empty());
  acks.checkpoint({"10"});
  EXPECT_EQ(acks.take_committable(), Checkpoint{"10"});
}

TEST(AckTracker, ACheckpointWithoutRecordsCountsAtOnceWhenNothingIsInFlight) {
  AckTracker acks{4};
  acks.checkpoint({"10"});
  EXPECT_EQ(acks.take_committable(), Checkpoint{"10"});
}

TEST(AckTracker, ACheckpointWithoutNewRecordsReplacesTheOneBefore) {
  AckTracker acks{4};
  const auto record = acks.add();
  acks.checkpoint({"10"});
  acks.checkpoint({"11"});
  EXPECT_EQ(acks.take_committable(), std::nullopt);
  acks.ack(record);
  EXPECT_EQ(acks.take_committable(), Checkpoint{"11"});
}

TEST(AckTracker, IsFullAtItsCapacityAndFreeAgainAfterAcks) {
  AckTracker acks{2};
  const auto first = acks.add();
  acks.checkpoint({"1"});
  acks.add();
  EXPECT_TRUE(acks.full());
  acks.ack(first);
  EXPECT_FALSE(acks.full());
}

// Whatever the order of acknowledgements: what is committable never passes an open record, and in the end
// everything up to the last checkpoint is committed.
RC_GTEST_PROP(AckTrackerProperty, NeverPassesAnOpenRecord, ()) {
  const auto sizes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5));
  AckTracker acks{sizes.size() + 1};
  std::vector<std::pair<std::uint64_t, int>> open;   // entry, checkpoint number
  for (int checkpoint = 0; checkpoint < static_cast<int>(sizes.size()); ++checkpoint) {
    for (int i = 0; i < sizes[static_cast<std::size_t>(checkpoint)]; ++i) open.emplace_back(acks.add(), checkpoint);
    acks.checkpoint({std::to_string(checkpoint)});
  }
  int committed = -1;
  while (!open.empty()) {
    const auto at = *rc::gen::inRange<std::size_t>(0, open.size());
    acks.ack(open[at].first);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    if (const auto place = acks.take_committable()) committed = std::stoi(place->offset);
    int oldest_open = static_cast<int>(sizes.size());
    for (const auto& record : open) oldest_open = std::min(oldest_open, record.second);
    RC_ASSERT(committed == oldest_open - 1);
  }
  RC_ASSERT(acks.empty());
}

}  // namespace
}  // namespace millrace
