// What a real server sent (tests/golden/mongo-server-events, whose README says how it was recorded): every event is read, every
// refusal is told for what it is. The records of such events are compared in src/connect/mongo_corpus_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sources/mongodb/client.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/serialization_corpus.h"
#include "sources/mongodb/split_events.h"

namespace millrace::mongodb {
namespace {

using nlohmann::json;

std::vector<json> recorded(const std::string& file) { return lines_of("../mongo-server-events/" + file + ".jsonl"); }

// Very large ones are cut where one byte repeats: [hex of a byte, count].
std::vector<std::uint8_t> bytes_of(const json& line) {
  if (line.contains("event_hex")) return bytes_of_hex(line["event_hex"].get<std::string>());
  std::vector<std::uint8_t> out;
  for (const json& part : line["event_hex_parts"]) {
    if (part.is_array()) {
      out.insert(out.end(), part[1].get<std::size_t>(), bytes_of_hex(part[0].get<std::string>()).front());
    } else {
      const auto bytes = bytes_of_hex(part.get<std::string>());
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
  }
  return out;
}

bool is_event(const json& line) { return line.contains("event") && (line["event"].contains("operationType") || line["event"].contains("splitEvent")); }

// As the recorder saw it, with a library of its own.
void expect_same(const ChangeEvent& event, const json& seen) {
  EXPECT_EQ(event.operation_name, seen["operationType"].get<std::string>());
  const json names = seen.value("ns", json::object());
  EXPECT_EQ(event.database, names.value("db", ""));
  EXPECT_EQ(event.collection, names.value("coll", ""));
  ASSERT_TRUE(event.cluster_time);
  EXPECT_EQ(event.cluster_time->seconds, seen["clusterTime"]["$timestamp"]["t"].get<std::uint32_t>());
  EXPECT_EQ(event.cluster_time->increment, seen["clusterTime"]["$timestamp"]["i"].get<std::uint32_t>());
  EXPECT_EQ(time_of_token(event.token), event.cluster_time);
  EXPECT_TRUE(event.wall_time_ms);
  EXPECT_EQ(event.txn_number.has_value(), seen.contains("txnNumber"));
  EXPECT_EQ(!event.lsid.empty(), seen.contains("lsid"));
  for (const auto& [name, document] : {std::pair{"documentKey", event.document_key}, {"fullDocument", event.full_document},
                                       {"fullDocumentBeforeChange", event.full_document_before},
                                       {"updateDescription", event.update_description}})
    EXPECT_EQ(!document.empty(), seen.contains(name) && !seen[name].is_null()) << name;
}

TEST(MongoServerEvents, AllAreRead) {
  std::map<std::string, int> counts;
  for (const char* file : {"01-updates", "02-transactions", "03-ddl", "04-invalidate", "05-types", "06-images-split"}) {
    for (const json& line : recorded(file)) {
      if (!is_event(line) || line["event"].contains("splitEvent")) continue;
      SCOPED_TRACE(line["op"].get<std::string>());
      const auto bytes = bytes_of(line);
      const auto event = decode_change_event(bytes);
      ASSERT_TRUE(event) << event.error().text;
      expect_same(*event, line["event"]);
      ++counts[std::string{event->operation_name}];
    }
  }
  EXPECT_EQ(counts["insert"], 236);
  EXPECT_EQ(counts["update"], 146);
  EXPECT_EQ(counts["delete"], 62);
  EXPECT_EQ(counts["invalidate"], 7);
}

// Only these become records or end a stream; what else there is passes.
TEST(MongoServerEvents, OperationsAreTold) {
  const std::map<std::string, Operation> known{{"insert", Operation::insert}, {"update", Operation::update}, {"replace", Operation::replace},
                                               {"delete", Operation::remove}, {"invalidate", Operation::invalidate}};
  int others = 0;
  for (const char* file : {"02-transactions", "03-ddl", "04-invalidate"}) {
    for (const json& line : recorded(file)) {
      if (!is_event(line)) continue;
      const std::string name = line["event"]["operationType"];
      const auto found = known.find(name);
      const Operation wanted = found == known.end() ? Operation::other : found->second;
      others += wanted == Operation::other;
      EXPECT_EQ(decode_change_event(bytes_of(line))->operation, wanted) << name;
    }
  }
  EXPECT_EQ(others, 72);
}

TEST(MongoServerEvents, FragmentsBecomeOneEvent) {
  SplitEvents split;
  int fragments = 0, whole = 0;
  for (const json& line : recorded("06-images-split")) {
    if (!is_event(line) || !line["event"].contains("splitEvent")) continue;
    if (line["op"].get<std::string>().starts_with("resumeAfter")) continue;   // the rest of one, below
    ++fragments;
    const auto bytes = bytes_of(line);
    const auto event = split.take(bytes);
    ASSERT_TRUE(event) << event.error().text;
    if (!*event) continue;
    ++whole;
    EXPECT_EQ((*event)->operation, Operation::update);
    EXPECT_EQ((*event)->collection, "p");
    EXPECT_FALSE((*event)->document_key.empty());
    EXPECT_GT((*event)->full_document.size(), 9'000'000u);
    EXPECT_GT((*event)->full_document_before.size(), 9'000'000u);
    EXPECT_GT((*event)->update_description.size(), 9'000'000u);
    const BsonView token = token_of(bytes);
    EXPECT_EQ(time_of_token((*event)->token), (*event)->cluster_time);
    EXPECT_TRUE(std::ranges::equal((*event)->token, token));   // the last one's: there the stream goes on
  }
  EXPECT_EQ(fragments, 3);
  EXPECT_EQ(whole, 1);
  EXPECT_FALSE(split.pending());
}

// A stored token of a fragment: the rest alone is no event, and says so.
TEST(MongoServerEvents, TheRestOfASplitEventAloneIsAnError) {
  for (const json& line : recorded("06-images-split")) {
    if (!is_event(line) || !line["op"].get<std::string>().starts_with("resumeAfter the token of fragment")) continue;
    SplitEvents split;
    const auto event = split.take(bytes_of(line));
    ASSERT_FALSE(event);
    EXPECT_THAT(event.error().text, testing::HasSubstr("Missing event fragment"));
  }
}

TEST(MongoServerEvents, RepliesOfCursorsAreRead) {
  int replies = 0;
  for (const char* file : {"04-invalidate", "07-replies", "08-auth-topology", "09-history-lost"}) {
    for (const json& line : recorded(file)) {
      if (!line.contains("event") || !line["event"].contains("cursor")) continue;
      SCOPED_TRACE(line["op"].get<std::string>());
      const auto bytes = bytes_of(line);
      const auto reply = parse_cursor_reply(std::make_unique<Document>(BsonView{bytes}));
      ASSERT_TRUE(reply);
      const json& seen = line["event"]["cursor"];
      EXPECT_EQ(reply->id, seen["id"].get<std::int64_t>());
      EXPECT_EQ(reply->count, seen.contains("firstBatch") ? seen["firstBatch"].size() : seen["nextBatch"].size());
      EXPECT_EQ(!reply->resume_token.empty(), seen.contains("postBatchResumeToken"));
      ++replies;
    }
  }
  EXPECT_GT(replies, 70);
}

// One reply of each code, with the labels that a real failure has.
TEST(MongoServerEvents, RefusalsAreToldApart) {
  using Kind = ServerError::Kind;
  std::map<int, Kind> wanted;
  for (const int code : {6, 7, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13435}) wanted[code] = Kind::network;
  for (const int code : {43, 63, 237}) wanted[code] = Kind::cursor_lost;
  for (const int code : {9, 136, 260, 280, 286, 40647, 50811}) wanted[code] = Kind::position_lost;
  std::set<int> seen;
  for (const char* file : {"04-invalidate", "06-images-split", "07-replies", "08-auth-topology", "09-history-lost"}) {
    for (const json& line : recorded(file)) {
      if (!line.contains("event") || !line["event"].contains("code")) continue;
      const int code = line["event"]["code"];
      SCOPED_TRACE(line["op"].get<std::string>());
      const auto bytes = bytes_of(line);
      const Document reply{BsonView{bytes}};
      const ServerError error = error_of_reply(*reply.get(), "h:1");
      const auto at = wanted.find(code);
      EXPECT_EQ(error.kind, at == wanted.end() ? Kind::refused : at->second) << code;
      EXPECT_EQ(error.code, code);
      EXPECT_THAT(error.error.text, testing::StartsWith("Command failed with error " + std::to_string(code) + " (" +
                                                        line["event"]["codeName"].get<std::string>() + "): '" +
                                                        line["event"]["errmsg"].get<std::string>().substr(0, 40)));
      EXPECT_EQ(error.error.attempts_max > 0, error.kind == Kind::refused || error.kind == Kind::position_lost);
      seen.insert(code);
    }
  }
  for (const auto& [code, kind] : wanted) EXPECT_TRUE(seen.contains(code)) << code;
}

}  // namespace
}  // namespace millrace::mongodb
