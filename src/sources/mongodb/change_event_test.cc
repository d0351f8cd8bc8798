#include "sources/mongodb/change_event.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sources/mongodb/test_documents.h"

namespace millrace::mongodb {
namespace {

std::string problem_of(const DocumentOf& document) {
  const auto event = decode_change_event(document.bytes());
  return event ? "" : event.error().text;
}

TEST(ChangeEvent, TakesTheMembersApart) {
  const auto bytes = event_of("update")
                         .date("wallTime", 1'700'000'000'045)
                         .document("fullDocument", DocumentOf{}.int32("_id", 5).int32("a", 1))
                         .null("fullDocumentBeforeChange")
                         .document("updateDescription", DocumentOf{}.document("updatedFields", DocumentOf{}.int32("a", 1)))
                         .document("lsid", DocumentOf{}.int32("id", 9))
                         .int64("txnNumber", std::int64_t{1} << 40)
                         .document("somethingNew", DocumentOf{})
                         .bytes();
  const auto event = decode_change_event(bytes);
  ASSERT_TRUE(event) << event.error().text;
  EXPECT_EQ(event->operation, Operation::update);
  EXPECT_EQ(event->operation_name, "update");
  EXPECT_EQ(event->cluster_time, (ClusterTime{1'700'000'000, 7}));
  EXPECT_EQ(event->wall_time_ms, 1'700'000'000'045);
  EXPECT_EQ(event->database, "commerce");
  EXPECT_EQ(event->collection, "events");
  EXPECT_EQ(event->txn_number, std::int64_t{1} << 40);
  EXPECT_TRUE(event->full_document_before.empty());
  for (const BsonView view : {event->token, event->document_key, event->full_document, event->update_description, event->lsid})
    EXPECT_TRUE(view.data() > bytes.data() && view.data() + view.size() < bytes.data() + bytes.size());
}

// 5.0 and older: no wallTime.
TEST(ChangeEvent, WhatAServerLeavesOutStaysEmpty) {
  const auto bytes = event_of("delete").bytes();
  const auto event = decode_change_event(bytes);
  ASSERT_TRUE(event) << event.error().text;
  EXPECT_EQ(event->operation, Operation::remove);
  EXPECT_EQ(event->wall_time_ms, std::nullopt);
  EXPECT_EQ(event->txn_number, std::nullopt);
  EXPECT_TRUE(event->full_document.empty());
  EXPECT_TRUE(event->update_description.empty());
}

TEST(ChangeEvent, OperationsThatMakeNoRecord) {
  const auto token = DocumentOf{}.text("_data", "82AA01");
  for (const auto& [name, operation] : {std::pair{"invalidate", Operation::invalidate}, {"drop", Operation::other},
                                        {"rename", Operation::other}, {"shardCollection", Operation::other}}) {
    const auto bytes = DocumentOf{}.document("_id", token).text("operationType", name).bytes();
    const auto event = decode_change_event(bytes);
    ASSERT_TRUE(event) << event.error().text;
    EXPECT_EQ(event->operation, operation) << name;
    EXPECT_EQ(event->operation_name, name);
    EXPECT_TRUE(event->collection.empty());
  }
}

TEST(ChangeEvent, AWrongTypeNamesTheMember) {
  EXPECT_NE(problem_of(event_of("insert").text("fullDocument", "x")).find("its \"fullDocument\" is a string and not a document"),
            std::string::npos);
  EXPECT_NE(problem_of(event_of("insert").int32("wallTime", 1)).find("its \"wallTime\" is an int and not a date"), std::string::npos);
  EXPECT_NE(problem_of(event_of("insert").text("txnNumber", "1")).find("not a long"), std::string::npos);
  EXPECT_NE(problem_of(event_of("insert").date("clusterTime", 1)).find("not a timestamp"), std::string::npos);
  EXPECT_NE(problem_of(event_of("insert").document("ns", DocumentOf{}.int32("db", 1))).find("its \"db\" is an int and not a string"),
            std::string::npos);
}

TEST(ChangeEvent, ATokenAndAnOperationAreNeeded) {
  EXPECT_NE(problem_of(DocumentOf{}.text("operationType", "insert")).find("resume token"), std::string::npos);
  EXPECT_NE(problem_of(DocumentOf{}.document("_id", DocumentOf{})).find("operationType"), std::string::npos);
  EXPECT_NE(problem_of(DocumentOf{}.int32("_id", 1)).find("its \"_id\" is an int"), std::string::npos);
  EXPECT_FALSE(decode_change_event({}));
}

RC_GTEST_PROP(ChangeEvent, BrokenBytesNeverCrash, ()) {
  BsonBytes bytes = event_of("update").document("updateDescription", DocumentOf{}.document("updatedFields", DocumentOf{}.int32("a", 1))).bytes();
  for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes)
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<std::uint8_t>();
  if (*rc::gen::arbitrary<bool>()) bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  const auto event = decode_change_event(bytes);
  if (!event) RC_ASSERT(!event.error().text.empty());
}

}  // namespace
}  // namespace millrace::mongodb
