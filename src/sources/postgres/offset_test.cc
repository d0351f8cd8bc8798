#include "sources/postgres/offset.h"

#include <gtest/gtest.h>

namespace millrace::postgres {
namespace {

// Each text was stored by the real connector.
TEST(PostgresOffset, ReadsAndWritesWhatDebeziumStored) {
  for (const std::string_view text : {
           R"({"lsn_proc":196343696,"messageType":"INSERT","lsn_commit":196343696,"lsn":196343696,"txId":1791,"ts_usec":1795460532447318})",
           R"({"lsn_proc":206802344,"messageType":"DELETE","lsn_commit":206802344,"lsn":206802344,"txId":1226,"ts_usec":1795460964804531})",
           R"({"last_snapshot_record":true,"lsn":202362792,"txId":1217,"ts_usec":1795460957664776,"snapshot":true})",
           R"({"transaction_id":"1310","lsn_proc":239873072,"messageType":"COMMIT","transaction_data_collection_order_public.orders":1,"lsn_commit":239873072,"lsn":239873072,"txId":1310,"ts_usec":1795461013296874})",
           R"({"transaction_id":"896","lsn_proc":78031576,"messageType":"COMMIT","lsn_commit":78031576,"lsn":78031576,"txId":896,"ts_usec":1795460757657448})"}) {
    const auto offset = parse_offset(text);
    ASSERT_TRUE(offset) << offset.error().text;
    EXPECT_EQ(offset->text(), text);
  }
}

TEST(PostgresOffset, AnUnfinishedSnapshotIsKnown) {
  EXPECT_TRUE(parse_offset(R"({"last_snapshot_record":false,"lsn":5,"txId":1,"ts_usec":1,"snapshot":true})")->snapshot_unfinished());
  EXPECT_FALSE(parse_offset(R"({"last_snapshot_record":true,"lsn":5,"snapshot":true})")->snapshot_unfinished());
}

TEST(PostgresOffset, KeysOfOtherFeaturesArePassedOver) {
  const auto offset = parse_offset(R"({"transaction_id":null,"lsn_proc":7,"lsn":7,"incremental_snapshot_collections":"[]"})");
  ASSERT_TRUE(offset);
  EXPECT_EQ(offset->lsn_proc, 7u);
}

TEST(PostgresOffset, WhatCannotBeUsedNamesTheKeyAndTheRemedy) {
  EXPECT_FALSE(parse_offset("[1]"));
  EXPECT_FALSE(parse_offset(R"({"lsn":1)"));
  EXPECT_FALSE(parse_offset("{}"));
  const auto wrong = parse_offset(R"({"lsn":"12"})");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text.find("\"lsn\" is \"12\""), std::string::npos) << wrong.error().text;
  EXPECT_NE(wrong.error().text.find("DELETE"), std::string::npos);
}

TEST(PostgresOffset, AnyMessageTypeThatWasPatchedInIsReadBack) {
  const auto offset = parse_offset(R"({"lsn":1,"messageType":"a\"b"})");
  ASSERT_TRUE(offset);
  EXPECT_EQ(parse_offset(offset->text())->message_type, "a\"b");
}

}  // namespace
}  // namespace millrace::postgres
