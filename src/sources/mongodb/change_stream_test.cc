#include "sources/mongodb/change_stream.h"

#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

std::string text_of(const bson_t& document) {
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
  EXPECT_EQ(text_of(*match.get()), R"({ "operationType" : { "$in" : [ "insert", "delete" ] } })");
}

TEST(ChangeStreamMatch, SingleCollectionsAreNamed) {
  Document one, two;
  append_match({.operations = {"insert"}}, filter_of("commerce\\.events"), one.get());
  const std::string name = R"("ns.db" : { "$regularExpression" : { "pattern" : "^commerce$", "options" : "i" } }, )"
                           R"("ns.coll" : { "$regularExpression" : { "pattern" : "^events$", "options" : "i" } })";
  const std::string operations = R"("operationType" : { "$in" : [ "insert" ] }, )";
  EXPECT_EQ(text_of(*one.get()), "{ " + operations + name + " }");
  append_match({.operations = {"insert"}}, filter_of("commerce.events, a.b"), two.get());
  EXPECT_TRUE(text_of(*two.get()).starts_with("{ " + operations + R"("$or" : [ { )" + name + " }, {")) << text_of(*two.get());
}

TEST(ChangeStreamMatch, TheServerLeavesOutOtherCollections) {
  Document match;
  const CollectionFilter filter = filter_of("commerce.ev.*");
  append_match({.operations = {"insert"}}, filter, match.get());
  const std::string text = text_of(*match.get());
  EXPECT_NE(text.find(R"("$concat" : [ "$ns.db", ".", "$ns.coll" ])"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("options" : "i")"), std::string::npos) << text;
  EXPECT_FALSE(filter.server_namespace_regex().empty());
}

TEST(ChangeStreamMatch, ANarrowScopeLetsItsEndThrough) {
  Document match;
  append_match({.scope = CaptureScope::collection, .database = "a", .collection = "b", .operations = {"insert"}}, filter_of(""),
               match.get());
  EXPECT_EQ(text_of(*match.get()),
            R"({ "$or" : [ { "operationType" : { "$in" : [ "insert" ] } }, { "operationType" : "invalidate" } ] })");
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
