#include "sources/mongodb/change_stream.h"

#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

std::string relaxed_json(const bson_t& document) {
  char* const json = bson_as_relaxed_extended_json(&document, nullptr);
  std::string out = json;
  bson_free(json);
  return out;
}

CollectionFilter filter_of(const char* include) {
  Config config;
  if (*include != '\0') config.set("collection.include.list", include);
  return CollectionFilter::create(config).value();
}

TEST(ChangeStreamMatch, WithoutAFilterOnlyTheOperationsCount) {
  Document match;
  append_match({.operations = {"insert", "delete"}}, filter_of(""), match.get());
  EXPECT_EQ(relaxed_json(*match.get()), R"({ "operationType" : { "$in" : [ "insert", "delete" ] } })");
}

TEST(ChangeStreamMatch, SingleCollectionsAreNamed) {
  Document one, two;
  append_match({.operations = {"insert"}}, filter_of("commerce\\.events"), one.get());
  const std::string name = R"("ns.db" : { "$regularExpression" : { "pattern" : "^commerce$", "options" : "i" } }, )"
                           R"("ns.coll" : { "$regularExpression" : { "pattern" : "^events$", "options" : "i" } })";
  const std::string operations = R"("operationType" : { "$in" : [ "insert" ] }, )";
  EXPECT_EQ(relaxed_json(*one.get()), "{ " + operations + name + " }");
  append_match({.operations = {"insert"}}, filter_of("commerce.events, a.b"), two.get());
  EXPECT_TRUE(relaxed_json(*two.get()).starts_with("{ " + operations + R"("$or" : [ { )" + name + " }, {")) << relaxed_json(*two.get());
}

TEST(ChangeStreamMatch, TheServerLeavesOutOtherCollections) {
  Document match;
  const CollectionFilter filter = filter_of("commerce.ev.*");
  append_match({.operations = {"insert"}}, filter, match.get());
  const std::string text = relaxed_json(*match.get());
  EXPECT_NE(text.find(R"("$concat" : [ "$ns.db", ".", "$ns.coll" ])"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("options" : "i")"), std::string::npos) << text;
  EXPECT_FALSE(filter.server_namespace_regex().empty());
}

TEST(ChangeStreamMatch, ANarrowScopeLetsItsEndThrough) {
  Document match;
  append_match({.scope = CaptureScope::collection, .database = "a", .collection = "b", .operations = {"insert"}}, filter_of(""),
               match.get());
  EXPECT_EQ(relaxed_json(*match.get()),
            R"({ "$or" : [ { "operationType" : { "$in" : [ "insert" ] } }, { "operationType" : "invalidate" } ] })");
}

CaptureOptions piped(Config config) {
  config.set("skipped.operations", "u,d");
  return capture_options(config).value();
}

std::string stages_of(Config config) {
  Document stages;
  append_stages(piped(std::move(config)), filter_of(""), stages.get());
  return relaxed_json(*stages.get());
}

TEST(ChangeStreamStages, StandInTheirOrder) {
  const std::string own = R"({ "$match" : { "operationType" : { "$in" : [ "insert" ] } } })", users = R"({ "$match" : { "a" : 1 } })";
  EXPECT_EQ(stages_of(Config{}), R"({ "0" : )" + own + " }");
  EXPECT_EQ(stages_of(Config{{{"cursor.pipeline", "[{$match: {a: 1}}]"}}}), R"({ "0" : )" + own + R"(, "1" : )" + users + " }");
  EXPECT_EQ(stages_of(Config{{{"cursor.pipeline", "[{$match: {a: 1}}]"}, {"cursor.pipeline.order", "USER_FIRST"}}}),
            R"({ "0" : )" + users + R"(, "1" : )" + own + " }");
  EXPECT_EQ(stages_of(Config{{{"cursor.pipeline", "[{$match: {a: 1}}]"}, {"cursor.pipeline.order", "user_only"}}}), R"({ "0" : )" + users + " }");
  EXPECT_EQ(stages_of(Config{{{"cursor.oversize.handling.mode", "split"}}}),
            R"({ "0" : )" + own + R"(, "1" : { "$changeStreamSplitLargeEvent" : {  } } })");
  EXPECT_EQ(stages_of(Config{{{"cursor.oversize.handling.mode", "skip"}, {"cursor.oversize.skip.threshold", "900"}}}),
            R"({ "0" : { "$match" : { "$and" : [ { "$expr" : { "$lte" : [ { "$bsonSize" : "$fullDocument" }, 900 ] } }, )"
            R"({ "$expr" : { "$lte" : [ { "$bsonSize" : "$fullDocumentBeforeChange" }, 900 ] } } ] } }, "1" : )" + own + " }");
}

TEST(ChangeStreamStages, WhatCannotBeReadIsRefused) {
  for (const auto& [option, value] : {std::pair{"cursor.pipeline", "{}"}, {"cursor.pipeline", "[{"}, {"cursor.oversize.handling.mode", "skip"}})
    EXPECT_FALSE(capture_options(Config{{{option, value}}})) << option;
}

TEST(CursorReply, GivesBatchAndToken) {
  auto reply = std::make_unique<Document>();
  bson_t* const made = BCON_NEW("cursor", "{", "nextBatch", "[", "{", "a", BCON_INT32(1), "}", "]", "id", BCON_INT64(77),
                                "postBatchResumeToken", "{", "_data", BCON_UTF8("82"), "}", "}",
                                "operationTime", BCON_TIMESTAMP(9, 4));
  reply->assign(view_of(*made));
  bson_destroy(made);
  const auto content = parse_cursor_reply(std::move(reply));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->id, 77);
  bson_iter_t at;
  ASSERT_TRUE(iterate(content->batch, at) && bson_iter_next(&at));
  EXPECT_FALSE(document_at(at).empty());
  EXPECT_FALSE(content->resume_token.empty());
  EXPECT_EQ(content->count, 1U);
  EXPECT_EQ(operation_time(*content->reply), (ClusterTime{9, 4}));
}

TEST(CursorReply, AnAnswerWithoutACursorIsAnError) {
  EXPECT_FALSE(parse_cursor_reply(std::make_unique<Document>()));
  EXPECT_FALSE(operation_time(Document{}));
}

}  // namespace
}  // namespace millrace::mongodb
