#include "sources/mongodb/mongo_offset.h"

#include <gtest/gtest.h>

#include <array>

#include "core/java_hash.h"

namespace millrace::mongodb {
namespace {

// {"_data": "8265531B90000000012B042C0100296E5A1004A1463C6F6964"}
constexpr std::string_view k_token = "QwAAAAJfZGF0YQAzAAAAODI2NTUzMUI5MDAwMDAwMDAxMkIwNDJDMDEwMDI5NkU1QTEwMDRBMTQ2M0M2RjY5NjQAAA==";

std::string with_token(std::string_view before, std::string_view after) {
  return std::string{before} + R"("resume_token":")" + std::string{k_token} + '"' + std::string{after};
}

// Each text but the token in it was stored by the real connector or printed by its classes.
TEST(MongoOffset, ReadsAndWritesWhatDebeziumStored) {
  for (const std::string& text :
       {with_token(R"({"sec":1700000000,"ord":1,)", "}"), with_token(R"({"sec":1700000000,"ord":1,)", R"(,"initsync":true})"),
        std::string{R"({"sec":0,"ord":-1,"initsync":true})"}, std::string{R"({"sec":0,"ord":0,"initsync":true})"},
        with_token(R"({"sec":1700000000,"ord":1,"lsid":"{\"id\": {\"$binary\": \"ABEiM0RVZneImaq7zN3u/w==\",\"$type\": \"04\"}}",)",
                   R"(,"txnNumber":1099511627776})")}) {
    const auto offset = parse_mongo_offset(text);
    ASSERT_TRUE(offset) << offset.error().text;
    EXPECT_EQ(offset->text(), text);
  }
}

TEST(MongoOffset, SecondsPastJavasIntAreNegative) {
  const MongoOffset offset{.time = ClusterTime{2'147'483'648, 4'294'967'295}};
  EXPECT_EQ(offset.text(), R"({"sec":-2147483648,"ord":-1})");
  EXPECT_EQ(parse_mongo_offset(offset.text())->time, offset.time);
  EXPECT_EQ(parse_mongo_offset(R"({"sec":2147483648,"ord":4294967295})")->time, offset.time);
}

TEST(MongoOffset, AnUnknownTimeIsNone) {
  for (const std::string_view text : {R"({"sec":0,"ord":-1})", R"({"sec":-1,"ord":-1})", R"({"initsync":true})", "{}",
                                      R"({"sec":null,"ord":null})"}) {
    const auto offset = parse_mongo_offset(text);
    ASSERT_TRUE(offset) << text;
    EXPECT_EQ(offset->time, std::nullopt) << text;
  }
  EXPECT_EQ(MongoOffset{}.text(), R"({"sec":0,"ord":-1})");
}

TEST(MongoOffset, NumbersMayBeTexts) {
  const auto offset = parse_mongo_offset(R"({"sec":"1700000000","ord":"+7"})");
  ASSERT_TRUE(offset) << offset.error().text;
  EXPECT_EQ(offset->time, (ClusterTime{1'700'000'000, 7}));
}

TEST(MongoOffset, ATokenMayBeTheBareHexTextOfOldOffsets) {
  const auto bare = parse_mongo_offset(R"({"sec":1,"ord":2,"resume_token":"8265531B90000000012B042C0100296E5A1004A1463C6F6964"})");
  ASSERT_TRUE(bare) << bare.error().text;
  EXPECT_EQ(bare->token, parse_mongo_offset(with_token("{", "}"))->token);
}

TEST(MongoOffset, KeysOfOtherFeaturesArePassedOver) {
  const auto offset = parse_mongo_offset(
      R"({"sec":5,"ord":6,"transaction_data_collection_order_a.b":3,"incremental_snapshot_collections":"[]"})");
  ASSERT_TRUE(offset);
  EXPECT_EQ(offset->text(), R"({"sec":5,"ord":6})");
}

TEST(MongoOffset, ATransactionIsKept) {
  constexpr std::string_view k_text = R"({"sec":5,"ord":6,"lsid":"l","transaction_id":"l:1","transaction_data_collection_order_a.b":3,"txnNumber":1})";
  auto offset = parse_mongo_offset(k_text);
  ASSERT_TRUE(offset);
  EXPECT_EQ(offset->transaction, (TransactionState{.id = "l:1", .counts = {{"a.b", 3}}}));
  EXPECT_EQ(offset->text(), k_text);
  offset->snapshot_unfinished = true;
  EXPECT_EQ(offset->text(), R"({"sec":5,"ord":6,"lsid":"l","initsync":true,"txnNumber":1})");
}

TEST(MongoOffset, WhatCannotBeUsedNamesTheKeyAndTheRemedy) {
  for (const std::string_view text :
       {"[1]", R"({"sec":1)", R"({"sec":"1x","ord":1})", R"({"sec":1.5,"ord":1})", R"({"sec":4294967296})",
        R"({"ord":18446744073709551615})", R"({"ord":true})", R"({"sec":""})", R"({"sec":"+-1"})", R"({"resume_token":5})",
        R"({"resume_token":"no token"})", R"({"resume_token":""})", R"({"initsync":"true"})", R"({"lsid":1})",
        R"({"txnNumber":"x"})", R"({"transaction_id":5})",
        R"({"transaction_id":"x","transaction_data_collection_order_a.b":"y"})"}) {
    EXPECT_FALSE(parse_mongo_offset(text)) << text;
  }
  const auto wrong = parse_mongo_offset(R"({"sec":"soon"})");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text.find(R"("sec" is "soon")"), std::string::npos) << wrong.error().text;
  EXPECT_NE(wrong.error().text.find("DELETE"), std::string::npos);
}

// text() has the keys in a fixed order: that of Java's map, whichever of them are there.
TEST(MongoOffset, TheOrderOfTheKeysIsJavas) {
  MongoOffset offset{.time = ClusterTime{1, 2}, .token = parse_mongo_offset(with_token("{", "}"))->token,
                     .snapshot_unfinished = true, .lsid = "l", .txn_number = 3};
  const std::array<std::string, 6> keys{"sec", "ord", "initsync", "lsid", "txnNumber", "resume_token"};
  std::size_t last = 0;
  for (const std::size_t key : java_hash_map_order(keys)) {
    const std::size_t at = offset.text().find('"' + keys[key] + "\":");
    ASSERT_NE(at, std::string::npos) << keys[key];
    EXPECT_GT(at, last) << keys[key];
    last = at;
  }
}

}  // namespace
}  // namespace millrace::mongodb
