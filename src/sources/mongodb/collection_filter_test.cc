#define PCRE2_CODE_UNIT_WIDTH 8
#include <gtest/gtest.h>
#include <pcre2.h>

#include <memory>

#include "sources/mongodb/mongodb_config.h"
#include "sources/mongodb/server_regex.h"

namespace millrace::mongodb {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

CollectionFilter filter(Entries entries) { return CollectionFilter::create(Config{std::move(entries)}).value(); }
bool takes(Entries entries, std::string_view database, std::string_view collection) {
  return filter(std::move(entries)).takes(database, collection);
}

// As a server matches: somewhere in the text, UTF-8, option i. An empty condition takes everything.
bool server_takes(const std::string& regex, std::string_view name) {
  if (regex.empty()) return true;
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code{
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(), PCRE2_UTF | PCRE2_CASELESS, &error, &offset, nullptr),
      pcre2_code_free};
  EXPECT_NE(code, nullptr) << regex << " at " << offset;
  if (!code) return false;
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data{
      pcre2_match_data_create_from_pattern(code.get(), nullptr), pcre2_match_data_free};
  return pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(name.data()), name.size(), 0, 0, data.get(), nullptr) >= 0;
}

TEST(CollectionFilter, TakesEverythingButTheServersOwnDatabases) {
  EXPECT_TRUE(takes({}, "shop", "items"));
  for (const char* database : {"local", "admin", "config"}) {
    EXPECT_FALSE(takes({{"collection.include.list", ".*"}}, database, "c"));
    EXPECT_FALSE(filter({{"database.include.list", ".*"}}).takes_database(database));
  }
  EXPECT_TRUE(takes({{"database.include.list", ""}, {"collection.exclude.list", " , "}}, "shop", "items"));
}

TEST(CollectionFilter, MatchesWholeNamesInAnyCase) {
  const Entries include{{"collection.include.list", "shop\\.items, COMMERCE\\..*"}};
  EXPECT_TRUE(takes(include, "Shop", "ITEMS"));
  EXPECT_TRUE(takes(include, "commerce", "events.of.today"));
  EXPECT_FALSE(takes(include, "shop", "items2"));
  EXPECT_FALSE(takes(include, "workshop", "items"));
  EXPECT_FALSE(takes({{"collection.exclude.list", "shop.items"}}, "shop", "items"));
  EXPECT_TRUE(takes({{"collection.exclude.list", "shop.items"}}, "shop", "items2"));
}

TEST(CollectionFilter, TheDatabaseFilterIsAnchoredAndHoldsForEvents) {
  const Entries include{{"database.include.list", "shop"}};
  EXPECT_TRUE(takes(include, "shop", "x"));
  EXPECT_FALSE(takes(include, "shop2", "x"));
  EXPECT_FALSE(takes({{"database.exclude.list", "shop"}}, "shop", "x"));
  EXPECT_TRUE(takes({{"database.exclude.list", "shop"}}, "shop2", "x"));
  EXPECT_FALSE(takes({{"database.include.list", "shop"}, {"collection.exclude.list", "shop.x"}}, "shop", "x"));
}

TEST(CollectionFilter, LiteralsCompareInAnyCase) {
  const Entries literal{{"filters.match.mode", " Literal "}, {"collection.include.list", "Shop.it*ms, a.b"}};
  EXPECT_TRUE(takes(literal, "shop", "IT*MS"));
  EXPECT_FALSE(takes(literal, "shop", "items"));
  EXPECT_TRUE(takes(literal, "a", "b"));
  EXPECT_FALSE(takes(literal, "axb", "b"));
  EXPECT_FALSE(takes({{"filters.match.mode", "literal"}, {"collection.exclude.list", "a.["}}, "A", "["));
}

TEST(CollectionFilter, AddsTheSignalCollection) {
  const Entries signal{{"database.include.list", "shop"}, {"collection.include.list", "shop.items"}, {"signal.data.collection", "ops.signals"}};
  EXPECT_TRUE(takes(signal, "ops", "signals"));
  EXPECT_TRUE(filter(signal).takes_database("ops"));
  EXPECT_FALSE(takes(signal, "ops", "other"));
  EXPECT_TRUE(server_takes(filter(signal).server_database_regex(), "ops"));
  EXPECT_TRUE(server_takes(filter(signal).server_namespace_regex(), "ops.signals"));
  EXPECT_TRUE(takes({{"signal.data.collection", "ops.signals"}}, "any", "thing"));
}

TEST(CollectionFilter, NamesTheListWhosePatternIsWrong) {
  const auto wrong = CollectionFilter::create(Config{{{"collection.include.list", "a,("}}});
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().text.starts_with("collection.include.list: "));
}

TEST(ServerRegex, LeavesOutWhatAListLeavesOut) {
  const CollectionFilter included = filter({{"collection.include.list", "shop\\.items,a.b"}, {"database.include.list", "shop"}});
  EXPECT_EQ(included.server_namespace_regex(), "^(?:(?:shop\\.items)|(?:a.b))$");
  EXPECT_EQ(included.server_database_regex(), "^(?:(?:shop))$");
  const std::string excluded = filter({{"collection.exclude.list", "shop\\.items,a\\.tmp_.*"}}).server_namespace_regex();
  EXPECT_FALSE(server_takes(excluded, "SHOP.items"));
  EXPECT_FALSE(server_takes(excluded, "a.tmp_1"));
  EXPECT_TRUE(server_takes(excluded, "shop.items2"));
  EXPECT_TRUE(server_takes(excluded, "shop.items\n"));
  EXPECT_EQ(filter({}).server_namespace_regex(), "");
}

TEST(ServerRegex, GivesNoConditionWhereTheEnginesDiffer) {
  for (const char* pattern : {"(?i)a", "\\p{Alpha}", "[a[b]]", "[a&&b]", "\\Qa.b\\E", "a(?=b)", "[^a]", "(?<x>a)", "\\Aa", "a\\b", "\\W", "\\x41",
                              "a^b", "a$b", "\\R", "[^\\w]", "\\1", "[]", "a{,2}", "a\nb"})
    EXPECT_EQ(server_include_regex({"shop.items", pattern}, NameForm::regex), "") << pattern;
  for (const char* pattern : {"^shop\\.items$", "shop\\.(a|b)", "shop\\.[a-z_0-9]+", "shop\\.[^.]*", "a{1,2}", "(?:a|b)\\.\\w+\\d*?"})
    EXPECT_NE(server_include_regex({pattern}, NameForm::regex), "") << pattern;
  for (const char* pattern : {"a|b", "[ab]", "a+", "a?", ".*?x", "\\d", "a{2}", "(a)", "^a", "\xC3\xA4"})
    EXPECT_EQ(server_exclude_regex({pattern}, NameForm::regex), "") << pattern;
}

// Whatever the client takes the server must let through.
TEST(ServerRegex, NeverLosesAName) {
  const std::vector<std::string> names{"shop", "SHOP", "shop2", "s", "\xC5\xBFhop", "shop.items", "shop.ITEMS", "shop.items\n", "shop.items\r", "shop\nitems",
                                       "shop.it*ms", "shop.k", "shop.\xE2\x84\xAA", "shop.\xC3\xA4", "shop.\xC3\x84", "a.b", "a..b", "axb", "shop.a.b", "shop. x", "a.tmp_\xE2\x80\xA8"};
  const std::vector<std::string> lists{"shop", "shop\\.items", "shop.items", "shop\\..*", ".*", "shop\\.k", "shop\\.[^.]*", "^shop\\.items$", "a.b",
                                       "shop\\.\xC3\xA4", "shop\\.(items|k)", "shop\\.\\w+", "shop\\.[k-s]+", "a\\.tmp_.*", "shop\\. x", "shop|a\\.b", "sho(?i)p", "shop.it*ms"};
  for (const char* mode : {"regex", "literal"})
    for (const char* kind : {"collection.include.list", "collection.exclude.list", "database.include.list", "database.exclude.list"})
      for (const std::string& list : lists) {
        const std::string text = list + ", zz\\..*";
        const CollectionFilter both = filter({{"filters.match.mode", mode}, {kind, text}});
        for (const std::string& name : names) {
          const auto dot = name.find('.');
          if (both.takes_database(name)) {
            EXPECT_TRUE(server_takes(both.server_database_regex(), name)) << mode << " " << kind << "=" << text << " " << name;
          }
          if (dot != std::string::npos && both.takes(name.substr(0, dot), name.substr(dot + 1))) {
            EXPECT_TRUE(server_takes(both.server_namespace_regex(), name)) << mode << " " << kind << "=" << text << " " << name;
          }
        }
      }
}

}  // namespace
}  // namespace millrace::mongodb
