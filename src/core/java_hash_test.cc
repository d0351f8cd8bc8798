#include "core/java_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace millrace {
namespace {

using testing::ElementsAre;

std::vector<std::string> iterated(const std::vector<std::string>& keys, JavaMapOrigin origin = JavaMapOrigin::inserted) {
  std::vector<std::string> out;
  for (const std::size_t i : java_hash_map_order(keys, origin)) out.push_back(keys[i]);
  return out;
}

TEST(JavaHash, IsStringHashCodeOverUtf16Units) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("a"), 97);
  EXPECT_EQ(java_string_hash("connector.class"), -862'495'593);
  EXPECT_EQ(java_string_hash("Aa"), java_string_hash("BB"));
  EXPECT_EQ(java_string_hash("\u00e9"), 233);
  EXPECT_EQ(java_string_hash("\U0001F600"), 0xD83D * 31 + 0xDE00);
  EXPECT_EQ(java_string_hash("database.hostname"), 1'437'644'614);
}

TEST(JavaHash, OrdersHstoreKeysAsRecorded) {
  EXPECT_THAT(iterated({"a", "aa"}), ElementsAre("aa", "a"));
  EXPECT_THAT(iterated({"key4", "key5"}), ElementsAre("key5", "key4"));
}

// The answer to a PATCH of a connector's configuration, as recorded.
TEST(JavaHash, OrdersAConnectorsSettingsAsRecorded) {
  EXPECT_THAT(iterated({"connector.class", "database.hostname", "database.port", "database.user", "database.password",
                        "database.dbname", "topic.prefix", "plugin.name", "table.include.list", "name",
                        "poll.interval.ms"}),
              ElementsAre("connector.class", "database.user", "database.dbname", "topic.prefix", "database.hostname",
                          "database.password", "poll.interval.ms", "name", "table.include.list", "database.port",
                          "plugin.name"));
}

TEST(JavaHash, KeepsInsertionOrderInsideABucket) {
  EXPECT_THAT(iterated({"BB", "Aa"}), ElementsAre("BB", "Aa"));
  EXPECT_THAT(iterated({"Aa", "BB"}), ElementsAre("Aa", "BB"));
}

// "0" to "?" have the hashes 48 to 63: sixteen and thirty-two buckets differ for "0" and "@".
TEST(JavaHash, GrowsTheTableAtThreeQuarters) {
  std::vector<std::string> keys{"P", "@"};   // 80 and 64: both in bucket 0 of 16, in 16 and 0 of 32
  for (char c = 'a'; c < 'k'; ++c) keys.emplace_back(1, c);
  EXPECT_EQ(iterated(keys).front(), "P");                                       // 12 keys: 16 buckets
  EXPECT_EQ(iterated(keys, JavaMapOrigin::copied).front(), "@");                // sized for 12 at once: 32
  keys.emplace_back("k");
  EXPECT_EQ(iterated(keys).front(), "@");
}

TEST(JavaHash, GivesEveryKeyOnce) {
  rc::check([](const std::set<std::string>& set) {
    const std::vector<std::string> keys(set.begin(), set.end());
    for (const JavaMapOrigin origin : {JavaMapOrigin::inserted, JavaMapOrigin::copied}) {
      std::vector<std::size_t> order = java_hash_map_order(keys, origin);
      std::ranges::sort(order);
      RC_ASSERT(order.size() == keys.size());
      for (std::size_t i = 0; i < order.size(); ++i) RC_ASSERT(order[i] == i);
    }
  });
}

TEST(JavaText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(utf16_of("a\u00e9\U0001F600"), u"a\u00e9\U0001F600");
  EXPECT_EQ(utf16_of("\xff\xc3(\xe2\x82x\xed\xa0\x80"), u"\ufffd\ufffd(\ufffdx\ufffd\ufffd\ufffd");
  EXPECT_EQ(utf8_of(u"\u00e9\U0001F600"), "\u00e9\U0001F600");
  EXPECT_EQ(utf8_of(std::u16string{u'a', char16_t{0xD83D}, u'b', char16_t{0xDE00}}), "a?b?");
}

TEST(JavaText, GoesToUtf16AndBack) {
  rc::check([](const std::vector<std::uint32_t>& points) {
    std::string text;
    for (const std::uint32_t point : points) {
      const char32_t c = point % 0x110000;
      if (c < 0xD800 || c > 0xDFFF) append_utf8(text, c);
    }
    RC_ASSERT(utf8_of(utf16_of(text)) == text);
  });
}

}  // namespace
}  // namespace millrace
