#include "sources/mongodb/extended_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "sources/mongodb/test_documents.h"

// Types and numbers are compared with Debezium's own output in src/connect/mongo_corpus_test.cc; here are the rules.
namespace millrace::mongodb {
namespace {

constexpr Dialect k_dialects[] = {Dialect::strict, Dialect::relaxed, Dialect::relaxed_spaced};

std::string text_of(const BsonBytes& document, Dialect dialect) {
  std::string out;
  const auto written = write_json(document, dialect, out);
  return written ? out : "error: " + written.error().text;
}
std::string text_of(const DocumentOf& document, Dialect dialect = Dialect::strict) {
  return text_of(document.bytes(), dialect);
}

TEST(ExtendedJson, ThreeDialects) {
  const auto document = DocumentOf{}.int64("n", 5).date("d", 100).array("a", DocumentOf{}.int32("0", 1).int64("1", 2));
  EXPECT_EQ(text_of(document, Dialect::strict),
            R"({"n": {"$numberLong": "5"},"d": {"$date": 100},"a": [1,{"$numberLong": "2"}]})");
  EXPECT_EQ(text_of(document, Dialect::relaxed), R"({"n": 5,"d": {"$date": "1970-01-01T00:00:00.1Z"},"a": [1,2]})");
  EXPECT_EQ(text_of(document, Dialect::relaxed_spaced), R"({"n": 5, "d": {"$date": "1970-01-01T00:00:00.1Z"}, "a": [1, 2]})");
}

TEST(ExtendedJson, IsAppended) {
  std::string out = "before ";
  ASSERT_TRUE(write_json(DocumentOf{}.bytes(), Dialect::strict, out));
  EXPECT_EQ(out, "before {}");
}

TEST(ExtendedJson, AValueAlone) {
  const auto document = DocumentOf{}.int32("other", 1).int64("_id", 7).bytes();
  bson_iter_t member;
  ASSERT_TRUE(iterate(document, member) && bson_iter_find(&member, "_id"));
  std::string out;
  ASSERT_TRUE(write_json_value(member, Dialect::relaxed, out));
  EXPECT_EQ(out, "7");
}

TEST(ExtendedJson, OfARepeatedNameTheFirstPlaceAndTheLastValueCount) {
  EXPECT_EQ(text_of(DocumentOf{}.int32("a", 1).int32("b", 2).int32("a", 3)), R"({"a": 3,"b": 2})");
  EXPECT_EQ(text_of(DocumentOf{}.array("l", DocumentOf{}.int32("0", 1).int32("0", 2))), R"({"l": [1,2]})");
  EXPECT_EQ(text_of(DocumentOf{}.int32("\xFF", 1).int32("b", 2).int32("\xFE", 3)), "{\"\uFFFD\": 3,\"b\": 2}");
}

DocumentOf nested(int depth) {
  DocumentOf document;
  for (int i = 1; i < depth; ++i) document = i % 2 == 0 ? DocumentOf{}.document("d", document) : DocumentOf{}.array("a", document);
  return document;
}

TEST(ExtendedJson, NestingHasABound) {
  EXPECT_FALSE(text_of(nested(k_nesting_max)).starts_with("error"));
  const std::string text = text_of(nested(k_nesting_max + 1));
  EXPECT_TRUE(text.starts_with("error: field \"")) << text;
  EXPECT_NE(text.find("nested deeper than 200"), std::string::npos) << text;
}

TEST(ExtendedJson, BrokenBytesAreNamedWithTheirField) {
  EXPECT_TRUE(text_of(BsonBytes{}, Dialect::strict).starts_with("error: the bytes are no BSON document"));
  const auto unknown = DocumentOf{}.document("outer", DocumentOf{}.int32("good", 1).element(0x42, "bad", "xxxx"));
  EXPECT_TRUE(text_of(unknown).starts_with("error: field \"outer\": the bytes are no BSON behind position ")) << text_of(unknown);
  const auto early_end = DocumentOf{}.int32("a", 1).element(0, "", "").int32("b", 1);
  EXPECT_TRUE(text_of(early_end).starts_with("error: the bytes are no BSON behind position")) << text_of(early_end);
}

// A level's repeated names, against a map that remembers the order of first insertion.
RC_GTEST_PROP(ExtendedJson, RepeatedNamesAreThoseOfALinkedHashMap, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 200);
  const auto kinds = *rc::gen::inRange(1, 300);
  const auto names = *rc::gen::container<std::vector<int>>(size, rc::gen::inRange(0, kinds));
  DocumentOf document;
  std::vector<std::pair<std::string, int>> kept;
  std::map<std::string, std::size_t> places;
  for (int i = 0; i < static_cast<int>(size); ++i) {
    const std::string name = "a common beginning " + std::to_string(names[static_cast<std::size_t>(i)]);
    document.int32(name, i);
    const auto [place, is_new] = places.try_emplace(name, kept.size());
    if (is_new) kept.emplace_back(name, i);
    else kept[place->second].second = i;
  }
  std::string wanted = "{";
  for (const auto& [name, value] : kept) {
    if (wanted.size() > 1) wanted += ',';
    wanted += "\"" + name + "\": " + std::to_string(value);
  }
  RC_ASSERT(text_of(document) == wanted + "}");
}

// A document made of numbers: what is nested in it takes from the same ones.
DocumentOf document_of(const std::vector<std::uint8_t>& numbers, std::size_t& at, int depth) {
  constexpr std::string_view k_names[] = {"a", "b", "\u00e9", "", "longer than eight"};
  DocumentOf document;
  for (std::size_t end = std::min(at + 8, numbers.size()); at < end;) {
    const std::uint8_t number = numbers[at++];
    const std::string_view name = k_names[number % std::size(k_names)];
    switch (number / 8 % (depth == 0 ? 4 : 6)) {
      case 0: document.int32(name, number); break;
      case 1: document.int64(name, -number); break;
      case 2: document.text(name, std::string(number, static_cast<char>(number))); break;
      case 3: document.date(name, std::int64_t{number} << 40); break;
      case 4: document.document(name, document_of(numbers, at, depth - 1)); break;
      default: document.array(name, document_of(numbers, at, depth - 1)); break;
    }
  }
  return document;
}

BsonBytes any_document() {
  std::size_t at = 0;
  return document_of(*rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>()), at, 3).bytes();
}

// Cut or changed bytes give a text or an error; the sanitizers watch.
RC_GTEST_PROP(ExtendedJson, BrokenDocumentsNeverCrash, ()) {
  BsonBytes bytes = any_document();
  if (*rc::gen::arbitrary<bool>()) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  } else {
    bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
    if (bytes.size() >= 5 && *rc::gen::arbitrary<bool>()) {   // the lengths of the outermost level mended
      bytes[0] = static_cast<std::uint8_t>(bytes.size());
      bytes[1] = static_cast<std::uint8_t>(bytes.size() >> 8);
      bytes[2] = static_cast<std::uint8_t>(bytes.size() >> 16);
      bytes.back() = 0;
    }
  }
  for (const Dialect dialect : k_dialects) RC_ASSERT(!text_of(bytes, dialect).empty());
}

}  // namespace
}  // namespace millrace::mongodb
