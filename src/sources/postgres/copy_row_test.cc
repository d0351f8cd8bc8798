#include <gtest/gtest.h>

#include "sources/postgres/snapshot.h"

namespace millrace::postgres {
namespace {

using Kind = pgoutput::TupleValue::Kind;

std::vector<std::string> field_texts(std::string line) {
  std::vector<pgoutput::TupleValue> fields;
  std::vector<std::string> out;
  EXPECT_TRUE(split_copy_row(line, fields));
  for (const auto& field : fields) out.push_back(field.kind == Kind::null ? "<null>" : std::string{field.text});
  return out;
}

TEST(CopyRow, SplitsFieldsAndKnowsNull) {
  EXPECT_EQ(field_texts("1\tAda\t\\N\t\n"), (std::vector<std::string>{"1", "Ada", "<null>", ""}));
}

TEST(CopyRow, UndoesEveryEscape) {
  EXPECT_EQ(field_texts("a\\tb\\nc\\\\d\\re\\bf\\fg\\v\n"), (std::vector<std::string>{"a\tb\nc\\d\re\bf\fg\v"}));
  EXPECT_EQ(field_texts("\\x41\\101\\q\n"), (std::vector<std::string>{"AAq"}));
}

TEST(CopyRow, AnEscapedNullMarkIsText) { EXPECT_EQ(field_texts("\\\\N\n"), (std::vector<std::string>{"\\N"})); }

TEST(CopyRow, AByteaKeepsItsBackslash) { EXPECT_EQ(field_texts("\\\\x00ff\n"), (std::vector<std::string>{"\\x00ff"})); }

TEST(CopyRow, AStrayBackslashIsRefused) {
  std::string line = "a\\";
  std::vector<pgoutput::TupleValue> fields;
  EXPECT_FALSE(split_copy_row(line, fields));
}

}  // namespace
}  // namespace millrace::postgres
