#include "core/properties.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <fstream>

namespace millrace {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

Entries parsed(std::string_view text, PropertiesEncoding encoding = PropertiesEncoding::latin1) {
  const auto config = parse_properties(text, encoding);
  EXPECT_TRUE(config) << config.error().text;
  return config ? config->entries() : Entries{};
}

TEST(Properties, TakesEqualsColonOrBlankAsSeparator) {
  EXPECT_EQ(parsed("a=1\nb:2\nc 3\nd\t=\t4\ne : = 5\nf"),
            (Entries{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "= 5"}, {"f", ""}}));
}

TEST(Properties, LastOfDuplicateKeysWins) {
  EXPECT_EQ(parsed("a=1\nb=2\na=3\n"), (Entries{{"a", "3"}, {"b", "2"}}));
}

TEST(Properties, LeavesOutCommentsAndBlankLines) {
  EXPECT_EQ(parsed("# a=1\n  ! b=2 \\\nc=3\n\n \t\f\nd=#4\r\n\r\n#last"), (Entries{{"c", "3"}, {"d", "#4"}}));
}

TEST(Properties, JoinsContinuedLinesWithoutTheirLeadingBlanks) {
  EXPECT_EQ(parsed("a=1,\\\n   2,\\\r\n\t3\nb=4\\\\\nc=5\\\n# not a comment\nd=6\\\n\ne=7\\"),
            (Entries{{"a", "1,2,3"}, {"b", "4\\"}, {"c", "5# not a comment"}, {"d", "6"}, {"e", "7"}}));
}

TEST(Properties, KeepsTrailingBlanksOfAValue) { EXPECT_EQ(parsed("a =  1  \n"), (Entries{{"a", "1  "}})); }

TEST(Properties, ReadsEscapes) {
  EXPECT_EQ(parsed("a\\=b\\:c\\ d=\\t\\n\\r\\f\\\\\\=\\:\\#\\z\n"),
            (Entries{{"a=b:c d", "\t\n\r\f\\=:#z"}}));
  EXPECT_EQ(parsed("a=\\u00e9\\uD83D\\uDE00\\ud83d\n"), (Entries{{"a", "\u00e9\U0001F600?"}}));
}

TEST(Properties, NamesTheLineOfAMalformedEscape) {
  for (const char* text : {"x=1\n#\ny=\\u12\n", "x=1\r\n\r\ny=\\uzzzz"}) {
    const auto config = parse_properties(text, PropertiesEncoding::latin1);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().text, "line 3: Malformed \\uxxxx encoding.");
  }
}

TEST(Properties, ReadsLatin1OrUtf8) {
  EXPECT_EQ(parsed("a=\xe9"), (Entries{{"a", "\u00e9"}}));
  EXPECT_EQ(parsed("a=\u00e9\U0001F600", PropertiesEncoding::utf8), (Entries{{"a", "\u00e9\U0001F600"}}));
  const auto config = parse_properties("x=1\na=\xe9\n", PropertiesEncoding::utf8);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text, "line 2 is not UTF-8");
}

TEST(Properties, ABackslashAndALineEndAtTheFilesEndMakeAnEmptyEntry) {
  EXPECT_EQ(parsed("a=1\n\\\n"), (Entries{{"a", "1"}, {"", ""}}));
  EXPECT_EQ(parsed("\\"), (Entries{{"", ""}}));
  EXPECT_EQ(parsed(""), Entries{});
}

TEST(Properties, ReadsBackWhatIsWrittenEscaped) {
  rc::check([](const std::string& key, const std::string& value) {
    const auto escaped = [](const std::string& text) {
      std::string out;
      for (const unsigned char c : text) {
        char unit[8];
        std::snprintf(unit, sizeof unit, "\\u%04x", c);
        out += unit;
      }
      return out;
    };
    const auto config = parse_properties(escaped(key) + "=" + escaped(value), PropertiesEncoding::latin1);
    RC_ASSERT(config.has_value());
    const auto latin1 = [](const std::string& text) {
      std::string out;
      for (const unsigned char c : text) {
        if (c < 0x80) {
          out += static_cast<char>(c);
        } else {
          out += static_cast<char>(0xC0 | c >> 6);
          out += static_cast<char>(0x80 | (c & 0x3F));
        }
      }
      return out;
    };
    RC_ASSERT(config->get(latin1(key), "?") == latin1(value));
  });
}

TEST(PropertiesFile, NamesThePathOfWhatItCannotRead) {
  const auto absent = read_properties_file("/no/such/file", PropertiesEncoding::utf8);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().text, "cannot read /no/such/file: No such file or directory");
  const auto directory = read_properties_file(testing::TempDir(), PropertiesEncoding::utf8);
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().text.find("cannot read " + testing::TempDir()), std::string::npos);
}

TEST(PropertiesFile, ReadsAFileAndNamesItInErrors) {
  const std::string path = testing::TempDir() + "properties_test.properties";
  std::ofstream{path} << "";
  EXPECT_EQ(read_properties_file(path, PropertiesEncoding::latin1).value(), Config{});
  std::ofstream{path} << "a=1\nb=\\u1\n";
  const auto config = read_properties_file(path, PropertiesEncoding::latin1);
  std::filesystem::remove(path);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text, path + ", line 2: Malformed \\uxxxx encoding.");
}

}  // namespace
}  // namespace millrace
