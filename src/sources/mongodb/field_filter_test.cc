// Against Debezium's own FieldSelector (tests/golden/mongo-serialization/fields.jsonl), and what it does not do.
#include "sources/mongodb/field_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sources/mongodb/serialization_corpus.h"
#include "sources/mongodb/test_documents.h"

namespace millrace::mongodb {
namespace {

using nlohmann::json;
using testing::HasSubstr;

FieldFilter field_filter(const std::string& exclude, const std::string& renames) {
  const auto selector = FieldSelector::create(Config{{{"field.exclude.list", exclude}, {"field.renames", renames}}});
  EXPECT_TRUE(selector) << selector.error().text;
  return selector->filter_for("db", "coll");
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    out += k_digits[static_cast<unsigned char>(byte) >> 4];
    out += k_digits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

using Filtering = Result<void> (FieldFilter::*)(BsonView, std::string&) const;

// What Debezium gave, or that it failed.
void expect_filtered(const FieldFilter& made, Filtering filtering, const json& input, const json* wanted, const json* error) {
  std::string out;
  const auto filtered = (made.*filtering)(bytes_of_hex(input.get<std::string>()), out);
  if (error != nullptr) {
    ASSERT_FALSE(filtered);
    EXPECT_THAT(filtered.error().text, HasSubstr(error->get<std::string>()));
    return;
  }
  ASSERT_TRUE(filtered) << filtered.error().text;
  EXPECT_EQ(hex_of(out), *wanted);
}

const json* member_or_null(const json& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

TEST(MongoFieldFilter, IsDebeziums) {
  std::ifstream in{MILLRACE_SOURCE_DIR "/tests/golden/mongo-serialization/fields.jsonl"};
  int cases = 0;
  for (std::string line; std::getline(in, line); ++cases) {
    const json wanted = json::parse(line);
    SCOPED_TRACE(line);
    const FieldFilter made = field_filter(wanted["exclude"], wanted["renames"]);
    expect_filtered(made, &FieldFilter::filter_document, wanted["document"], member_or_null(wanted, "filtered"), member_or_null(wanted, "document_error"));
    expect_filtered(made, &FieldFilter::filter_updates, wanted["updates"], member_or_null(wanted, "filtered_updates"), member_or_null(wanted, "updates_error"));
    const auto kept = made.removed_field(wanted["removed"].get<std::string>());
    EXPECT_EQ(kept ? json(*kept) : json(), wanted["kept"]);
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_EQ(cases, 700);
}

TEST(MongoFieldFilter, AShortenedArrayStaysUnlessItIsExcludedItself) {
  const FieldFilter made = field_filter("db.coll.items.name,db.coll.secret", "db.coll.list:l");
  EXPECT_EQ(made.truncated_array("items"), "items");
  EXPECT_EQ(made.truncated_array("secret"), std::nullopt);
  EXPECT_EQ(made.truncated_array("list"), "l");
  EXPECT_EQ(made.truncated_array("other"), "other");
}

TEST(MongoFieldFilter, NamesThatRepeatAreOneField) {
  const auto document = DocumentOf{}.int32("a", 1).int32("b", 2).int32("a", 3).bytes();
  std::string out;
  ASSERT_TRUE(field_filter("", "db.coll.a:c").filter_document(document, out));
  EXPECT_EQ(out, DocumentOf{}.int32("b", 2).int32("c", 3).string());
}

TEST(MongoFieldFilter, OtherCollectionsAreNotTouched) {
  const auto selector = FieldSelector::create(Config{{{"field.exclude.list", "db.coll.a"}}});
  ASSERT_TRUE(selector);
  EXPECT_TRUE(selector->filter_for("db", "coll2").empty());
  EXPECT_FALSE(selector->filter_for("DB", "Coll").empty());
  EXPECT_TRUE(FieldSelector::create(Config{})->filter_for("db", "coll").empty());
}

TEST(MongoFieldFilter, ListsThatCannotBeRead) {
  for (const auto& [option, text] : {std::pair{"field.exclude.list", "a.b"}, {"field.exclude.list", "a..b.c"}, {"field.renames", "a.b.c"},
                                     {"field.renames", "a.b.c:"}, {"field.exclude.list", "a.b.c,,"}}) {
    const auto selector = FieldSelector::create(Config{{{option, text}}});
    if (std::string_view{text} == "a.b.c,,") EXPECT_TRUE(selector);   // empty items at the end do not count
    else EXPECT_FALSE(selector) << text;
  }
}

}  // namespace
}  // namespace millrace::mongodb
