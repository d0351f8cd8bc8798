#include "sources/mongodb/split_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/mongodb/test_documents.h"

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;

DocumentOf part(const char* token, int number, int of) {
  return DocumentOf{}.document("_id", DocumentOf{}.text("_data", token)).document("splitEvent", DocumentOf{}.int32("fragment", number).int32("of", of));
}

TEST(SplitEvents, WholeEventsPass) {
  SplitEvents split;
  const auto bytes = event_of("insert").document("fullDocument", DocumentOf{}.int32("_id", 5)).bytes();
  const auto event = split.take(bytes);
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->token.data(), decode_change_event(bytes)->token.data());   // nothing is copied
}

TEST(SplitEvents, PartsBecomeOneEvent) {
  SplitEvents split;
  const auto first = part("81", 1, 3).text("operationType", "update").timestamp("clusterTime", 7, 1).null("fullDocument").bytes();
  const auto second = part("82", 2, 3).document("fullDocument", DocumentOf{}.int32("_id", 5)).text("operationType", "insert").bytes();
  const auto third = part("83", 3, 3).document("updateDescription", DocumentOf{}.document("updatedFields", DocumentOf{}.int32("a", 1))).bytes();
  for (const auto& bytes : {first, second}) {
    const auto event = split.take(bytes);
    ASSERT_TRUE(event);
    EXPECT_FALSE(*event);
    EXPECT_TRUE(split.pending());
  }
  const auto event = split.take(third);
  ASSERT_TRUE(event && *event);
  EXPECT_FALSE(split.pending());
  EXPECT_FALSE((*event)->fragment);
  EXPECT_EQ((*event)->operation, Operation::update);   // of two the first counts, and null does not
  EXPECT_EQ((*event)->cluster_time, (ClusterTime{7, 1}));
  EXPECT_FALSE((*event)->full_document.empty());
  EXPECT_FALSE((*event)->update_description.empty());
  const auto token = DocumentOf{}.text("_data", "83").bytes();
  EXPECT_TRUE(std::ranges::equal((*event)->token, token));
}

TEST(SplitEvents, PartsThatAreMissingAreAnError) {
  const auto first = part("81", 1, 2).text("operationType", "update").bytes(), second = part("82", 2, 2).bytes(), third = part("83", 3, 2).bytes();
  const auto whole = event_of("insert").bytes();
  for (const auto& [one, other] : {std::pair{first, whole}, {first, first}, {first, third}}) {
    SplitEvents split;
    ASSERT_TRUE(split.take(one));
    const auto taken = split.take(other);
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().text, HasSubstr("Missing event fragment"));
    EXPECT_EQ(taken.error().retry, Retry::yes);
  }
  SplitEvents split;
  EXPECT_FALSE(split.take(second));
}

}  // namespace
}  // namespace millrace::mongodb
