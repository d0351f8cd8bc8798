#include "connect/offset_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "connect/offset_store.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::string k_key = R"(["c",{"server":"p"}])";
const std::string k_other_key = R"(["d",{"server":"q"}])";

// What FileOffsetBackingStore of Kafka Connect 4.0.0 writes: class, sizes, entries.
std::string java_head(std::string_view threshold, std::string_view buckets_and_size) {
  return std::string{"\xAC\xED\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xDA\xC1\xC3\x16\x60\xD1\x03\x00\x02"
                     "F\x00\x0AloadFactorI\x00\x09thresholdxp\x3F\x40\x00\x00", 67} +
         std::string{threshold} + std::string{"w\x08"} + std::string{buckets_and_size};
}
const std::string k_java_one =
    java_head({"\0\0\0\x0C", 4}, {"\0\0\0\x10\0\0\0\x01", 8}) +
    std::string{"ur\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00xp\x00\x00\x00\x14", 23} + k_key +
    std::string{"uq\x00\x7E\x00\x02\x00\x00\x00\x09{\"lsn\":1}x", 20};
const std::string k_java_two =
    java_head({"\0\0\0\x0C", 4}, {"\0\0\0\x10\0\0\0\x02", 8}) +
    std::string{"ur\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00xp\x00\x00\x00\x14", 23} + k_key +
    std::string{"uq\x00\x7E\x00\x02\x00\x00\x00\x09{\"lsn\":1}", 19} +
    std::string{"uq\x00\x7E\x00\x02\x00\x00\x00\x14", 10} + k_other_key + "px";
const std::string k_java_empty = java_head({"\0\0\0\0", 4}, {"\0\0\0\x10\0\0\0\0", 8}) + "x";

class OffsetFile : public testing::Test {
 protected:
  OffsetFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "offset_file_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/connect.offsets";
  }
  ~OffsetFile() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& bytes) { std::ofstream{path_, std::ios::binary} << bytes; }
  std::string got() {
    std::ostringstream out;
    out << std::ifstream{path_, std::ios::binary}.rdbuf();
    return out.str();
  }
  std::unique_ptr<OffsetStore> opened() {
    auto store = open_offset_file(path_);
    EXPECT_TRUE(store.has_value()) << store.error().text;
    return std::move(*store);
  }

  std::string folder_, path_;
};

TEST(OffsetFileBytes, AreJavasForOneEntry) {
  EXPECT_EQ(offset_file_bytes({{k_key, R"({"lsn":1})"}}), k_java_one);
}

TEST(OffsetFileBytes, AreJavasForNoEntry) { EXPECT_EQ(offset_file_bytes({}), k_java_empty); }

TEST(OffsetFileBytes, AreJavasForANullValue) {
  EXPECT_EQ(offset_file_bytes({{k_key, R"({"lsn":1})"}, {k_other_key, std::nullopt}}), k_java_two);
}

TEST(OffsetFileBytes, GrowBucketsAsAHashMapDoes) {
  const auto sizes = [](int entries) {
    OffsetMap map;
    for (int i = 0; i < entries; ++i) map["k" + std::to_string(i)] = "v";
    return offset_file_bytes(map).substr(67, 14);
  };
  EXPECT_EQ(sizes(12), (std::string{"\0\0\0\x0Cw\x08\0\0\0\x10\0\0\0\x0C", 14}));
  EXPECT_EQ(sizes(13), (std::string{"\0\0\0\x18w\x08\0\0\0\x20\0\0\0\x0D", 14}));
  EXPECT_EQ(sizes(24), (std::string{"\0\0\0\x18w\x08\0\0\0\x20\0\0\0\x18", 14}));
  EXPECT_EQ(sizes(25), (std::string{"\0\0\0\x30w\x08\0\0\0\x40\0\0\0\x19", 14}));
}

TEST(OffsetFileBytes, ComeBackFromTheirText) {
  const OffsetMap map{{"a", "1"}, {"b", std::nullopt}, {"c", ""}, {std::string{"\0x", 2}, std::string(70'000, 'y')}};
  const auto parsed = parse_offset_file(offset_file_bytes(map));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(*parsed, map);
}

TEST(OffsetFileBytes, FollowAReferenceToAnEarlierArray) {
  const std::string bytes = java_head({"\0\0\0\x0C", 4}, {"\0\0\0\x10\0\0\0\x01", 8}) +
                            std::string{"ur\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00xp\x00\x00\x00\x01k", 24} +
                            std::string{"q\x00\x7E\x00\x03x", 6};
  const auto parsed = parse_offset_file(bytes);
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(*parsed, (OffsetMap{{"k", "k"}}));
}

TEST(OffsetFileBytes, AreRefusedWhereverTheyEnd) {
  for (std::size_t size = 1; size < k_java_two.size(); ++size)
    EXPECT_FALSE(parse_offset_file(k_java_two.substr(0, size))) << size;
  EXPECT_FALSE(parse_offset_file(k_java_two + "x"));
}

TEST(OffsetFileBytes, AreRefusedWithAForeignReference) {
  for (const char last : {0, 1, 4, 9}) {
    std::string bytes = k_java_one;
    bytes[bytes.rfind(std::string{"\x00\x7E\x00\x02", 4}) + 3] = last;
    EXPECT_FALSE(parse_offset_file(bytes)) << int{last};
  }
}

TEST_F(OffsetFile, StartsEmptyWithoutAFile) {
  const auto store = opened();
  const auto read = store->read(k_key);
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(OffsetFile, StartsEmptyWithAnEmptyFile) {
  put("");
  EXPECT_FALSE(*opened()->read(k_key));
}

TEST_F(OffsetFile, GivesJavasOffsetAsNotWrittenByUs) {
  put(k_java_two);
  const auto store = opened();
  const auto read = store->read(k_key);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->offset, R"({"lsn":1})");
  EXPECT_FALSE((*read)->whole);
  EXPECT_FALSE(*store->read(k_other_key));
}

TEST_F(OffsetFile, IsWrittenWithinTheCall) {
  const auto store = opened();
  bool written = false;
  store->write(k_key, Checkpoint{R"({"lsn":1})"}, [&](Result<void> result) { written = result.has_value(); });
  EXPECT_TRUE(written);
  EXPECT_EQ(got(), k_java_one);
  store->write(k_key, std::nullopt, [](Result<void>) {});
  EXPECT_EQ(got(), k_java_empty);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".tmp"));
}

TEST_F(OffsetFile, KeepsTheLinkThatLeadsToIt) {
  put(k_java_one);
  const std::string link = folder_ + "/link";
  std::filesystem::create_symlink(path_, link);
  auto store = open_offset_file(link);
  ASSERT_TRUE(store);
  (*store)->write(k_key, std::nullopt, [](Result<void>) {});
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(got(), k_java_empty);
}

TEST_F(OffsetFile, IsNamedWhenDamaged) {
  put(k_java_one.substr(0, 100));
  const auto store = open_offset_file(path_);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr("'" + path_ + "'"));
  EXPECT_THAT(store.error().text, HasSubstr("damaged"));
  EXPECT_EQ(got(), k_java_one.substr(0, 100));   // left as it is
}

TEST_F(OffsetFile, IsNamedWhenItsFolderIsMissing) {
  path_ = folder_ + "/nowhere/connect.offsets";
  const auto store = opened();
  std::string text;
  store->write(k_key, Checkpoint{"{}"}, [&](Result<void> result) { text = result ? "" : result.error().text; });
  EXPECT_THAT(text, HasSubstr(path_));
  EXPECT_THAT(text, HasSubstr("No such file or directory"));
}

TEST_F(OffsetFile, ListsTheOffsetsOfOneConnector) {
  const auto store = opened();
  for (const char* key : {R"(["c",{"server":"p"}])", R"(["c2",{"server":"p"}])", R"(["c",["x"]])"})
    store->write(key, Checkpoint{"1"}, [](Result<void>) {});
  const auto listed = store->of_connector("c");
  ASSERT_TRUE(listed);
  EXPECT_THAT(*listed, testing::ElementsAre(testing::Pair(k_key, Checkpoint{.offset = "1", .whole = false})));
}

}  // namespace
}  // namespace millrace
