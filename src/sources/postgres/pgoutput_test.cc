#include "sources/postgres/pgoutput.h"

#include <gtest/gtest.h>

#include <memory>

namespace millrace::postgres::pgoutput {
namespace {

// A message, byte by byte.
class MessageBytes {
 public:
  explicit MessageBytes(char kind) { u8(static_cast<std::uint8_t>(kind)); }
  MessageBytes& u8(std::uint8_t value) { return number(value, 1); }
  MessageBytes& u16(std::uint16_t value) { return number(value, 2); }
  MessageBytes& u32(std::uint32_t value) { return number(value, 4); }
  MessageBytes& u64(std::uint64_t value) { return number(value, 8); }
  MessageBytes& c_string(std::string_view text) {
    text_ += text;
    text_ += '\0';
    return *this;
  }
  MessageBytes& value(std::string_view text) {
    u8('t').u32(static_cast<std::uint32_t>(text.size()));
    text_ += text;
    return *this;
  }
  MessageBytes& raw(std::string_view text) {
    text_ += text;
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  MessageBytes& number(std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) text_ += static_cast<char>(value >> shift);
    return *this;
  }
  std::string text_;
};

MessageBytes relation_message() {
  return MessageBytes{'R'}.u32(16'385).c_string("public").c_string("users").u8('d').u16(2)
      .u8(1).c_string("id").u32(23).u32(0xFFFFFFFF)
      .u8(0).c_string("gr\xC3\xB6\xC3\x9F" "e").u32(1043).u32(104);
}

MessageBytes update_message() {
  return MessageBytes{'U'}.u32(7).u8('K').u16(2).value("1").u8('n').u8('N').u16(2).value("2").u8('u');
}

TEST(Pgoutput, LsnTextIsTwoHexadecimalHalves) {
  EXPECT_EQ(to_string_lsn(0x16B3748), "0/16B3748");
  EXPECT_EQ(to_string_lsn(0xB7'4000'00AB'CDEF), "B74000/ABCDEF");
  EXPECT_EQ(to_string_lsn(0), "0/0");
}

TEST(Pgoutput, BeginAndCommitCountMicrosecondsFrom1970) {
  Decoder decoder;
  const auto begin = decoder.decode(MessageBytes{'B'}.u64(0x10).u64(0).u32(4'000'000'000U).text());
  ASSERT_TRUE(begin) << begin.error().text;
  EXPECT_EQ(std::get<Begin>(*begin).final_lsn, 0x10u);
  EXPECT_EQ(std::get<Begin>(*begin).commit_time, 946'684'800'000'000);
  EXPECT_EQ(std::get<Begin>(*begin).xid, 4'000'000'000U);
  const auto commit = decoder.decode(MessageBytes{'C'}.u8(0).u64(1).u64(2).u64(static_cast<std::uint64_t>(-946'684'800'000'000)).text());
  ASSERT_TRUE(commit) << commit.error().text;
  EXPECT_EQ(std::get<Commit>(*commit).commit_lsn, 1u);
  EXPECT_EQ(std::get<Commit>(*commit).end_lsn, 2u);
  EXPECT_EQ(std::get<Commit>(*commit).commit_time, 0);
}

TEST(Pgoutput, RelationGivesColumnsWithTrueNames) {
  Decoder decoder;
  const std::string bytes = relation_message().text();
  const auto message = decoder.decode(bytes);
  ASSERT_TRUE(message) << message.error().text;
  const auto& relation = std::get<Relation>(*message);
  EXPECT_EQ(relation.oid, 16'385u);
  EXPECT_EQ(relation.schema, "public");
  EXPECT_EQ(relation.table, "users");
  EXPECT_EQ(relation.replica_identity, 'd');
  ASSERT_EQ(relation.columns.size(), 2u);
  EXPECT_TRUE(relation.columns[0].in_key);
  EXPECT_EQ(relation.columns[0].typmod, -1);
  EXPECT_FALSE(relation.columns[1].in_key);
  EXPECT_EQ(relation.columns[1].name, "gr\xC3\xB6\xC3\x9F" "e");
  EXPECT_EQ(relation.columns[1].type_oid, 1043u);
  EXPECT_EQ(relation.columns[1].typmod, 104);
}

TEST(Pgoutput, AnEmptyNamespaceIsPgCatalog) {
  Decoder decoder;
  const auto message = decoder.decode(MessageBytes{'R'}.u32(1).c_string("").c_string("t").u8('n').u16(0).text());
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<Relation>(*message).schema, "pg_catalog");
}

TEST(Pgoutput, RowsOfEachKind) {
  Decoder decoder;
  const auto insert_bytes = MessageBytes{'I'}.u32(7).u8('N').u16(3).value("one").u8('n').value("").text();
  const auto inserted = decoder.decode(insert_bytes);
  ASSERT_TRUE(inserted) << inserted.error().text;
  const auto& insert = std::get<Insert>(*inserted);
  ASSERT_EQ(insert.after.size(), 3u);
  EXPECT_EQ(insert.after[0].text, "one");
  EXPECT_EQ(insert.after[1].kind, TupleValue::Kind::null);
  EXPECT_EQ(insert.after[2].kind, TupleValue::Kind::text);
  EXPECT_EQ(insert.after[2].text, "");

  const std::string update_bytes = update_message().text();
  const auto updated = decoder.decode(update_bytes);
  ASSERT_TRUE(updated) << updated.error().text;
  const auto& update = std::get<Update>(*updated);
  EXPECT_EQ(update.old_kind, OldTuple::key);
  ASSERT_EQ(update.before.size(), 2u);
  EXPECT_EQ(update.before[0].text, "1");
  EXPECT_EQ(update.after[0].text, "2");
  EXPECT_EQ(update.after[1].kind, TupleValue::Kind::unchanged_toast);

  const auto remove_bytes = MessageBytes{'D'}.u32(7).u8('O').u16(1).value("1").text();
  const auto removed = decoder.decode(remove_bytes);
  ASSERT_TRUE(removed) << removed.error().text;
  EXPECT_EQ(std::get<Delete>(*removed).old_kind, OldTuple::full);
  EXPECT_EQ(std::get<Delete>(*removed).before[0].text, "1");
}

TEST(Pgoutput, AnUpdateWithoutAnOldRowForgetsTheOneBefore) {
  Decoder decoder;
  const std::string with_old = update_message().text();
  ASSERT_TRUE(decoder.decode(with_old));
  const auto bytes = MessageBytes{'U'}.u32(7).u8('N').u16(1).value("2").text();
  const auto message = decoder.decode(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<Update>(*message).old_kind, OldTuple::none);
  EXPECT_TRUE(std::get<Update>(*message).before.empty());
}

TEST(Pgoutput, TruncateMessageTypeAndOrigin) {
  Decoder decoder;
  const auto truncated = decoder.decode(MessageBytes{'T'}.u32(2).u8(3).u32(5).u32(6).text());
  ASSERT_TRUE(truncated) << truncated.error().text;
  const auto& truncate = std::get<Truncate>(*truncated);
  EXPECT_EQ(std::vector<std::uint32_t>(truncate.oids.begin(), truncate.oids.end()), (std::vector<std::uint32_t>{5, 6}));
  EXPECT_TRUE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);

  const auto whole_bytes = MessageBytes{'M'}.u8(1).u64(9).c_string("app").u32(3).raw(std::string_view{"a\0b", 3}).text();
  const auto whole = decoder.decode(whole_bytes);
  ASSERT_TRUE(whole) << whole.error().text;
  EXPECT_TRUE(std::get<LogicalMessage>(*whole).transactional);
  EXPECT_EQ(std::get<LogicalMessage>(*whole).prefix, "app");
  EXPECT_EQ(std::get<LogicalMessage>(*whole).content.size(), 3u);

  const auto type = decoder.decode(MessageBytes{'Y'}.u32(99).c_string("public").c_string("mood").text());
  ASSERT_TRUE(type);
  EXPECT_EQ(std::get<Type>(*type).name, "mood");
  const auto origin_bytes = MessageBytes{'O'}.u64(4).c_string("node").text();
  const auto origin = decoder.decode(origin_bytes);
  ASSERT_TRUE(origin);
  EXPECT_EQ(std::get<Origin>(*origin).name, "node");
}

TEST(Pgoutput, EveryCutMessageIsRefusedAndNamesItsKind) {
  Decoder decoder;
  const std::vector<std::pair<std::string, std::string>> whole_messages{
      {relation_message().text(), "Relation"},
      {update_message().text(), "Update"},
      {MessageBytes{'B'}.u64(1).u64(2).u32(3).text(), "Begin"},
      {MessageBytes{'C'}.u8(0).u64(1).u64(2).u64(3).text(), "Commit"},
      {MessageBytes{'T'}.u32(1).u8(0).u32(5).text(), "Truncate"},
      {MessageBytes{'M'}.u8(0).u64(1).c_string("p").u32(2).raw("xy").text(), "Message"}};
  for (const auto& [whole, kind] : whole_messages) {
    ASSERT_TRUE(decoder.decode(whole));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const std::unique_ptr<char[]> exact{new char[size]};
      whole.copy(exact.get(), size);
      const auto message = decoder.decode({exact.get(), size});
      ASSERT_FALSE(message) << kind << " of " << size << " bytes";
      EXPECT_NE(message.error().text.find(kind), std::string::npos) << message.error().text;
    }
    EXPECT_FALSE(decoder.decode(whole + "x")) << kind << " with a byte left over";
  }
}

TEST(Pgoutput, HostileCountsAreRefusedWithoutMemory) {
  Decoder decoder;
  EXPECT_FALSE(decoder.decode(MessageBytes{'I'}.u32(7).u8('N').u16(0xFFFF).u8('n').text()));
  EXPECT_FALSE(decoder.decode(MessageBytes{'T'}.u32(0xFFFFFFFF).u8(0).u32(1).text()));
  EXPECT_FALSE(decoder.decode(MessageBytes{'R'}.u32(1).c_string("a").c_string("b").u8('d').u16(0xFFFF).u8(0).text()));
  EXPECT_FALSE(decoder.decode(MessageBytes{'I'}.u32(7).u8('N').u16(1).u8('t').u32(0xFFFFFFFF).raw("abc").text()));
  EXPECT_FALSE(decoder.decode(MessageBytes{'I'}.u32(7).u8('N').u16(1).u8('?').text()));
  EXPECT_FALSE(decoder.decode(MessageBytes{'I'}.u32(7).u8('K').u16(0).text()));
  EXPECT_FALSE(decoder.decode(""));
  EXPECT_FALSE(decoder.decode("Zzz"));
}

}  // namespace
}  // namespace millrace::postgres::pgoutput
