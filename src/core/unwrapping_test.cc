#include "core/unwrapping.h"

#include <gtest/gtest.h>

#include "core/envelope.h"
#include "core/flattened_struct.h"

namespace millrace {
namespace {

Config options(std::map<std::string, std::string, std::less<>> entries) { return Config{std::move(entries)}; }

TEST(Unwrapping, DeletesByEitherFamilyOfOptions) {
  using enum DeleteHandling::OnDelete;
  const auto read = [](Config config) { return UnwrapOptions::read(config)->deletes; };
  EXPECT_EQ(read({}).on_delete, drop);
  EXPECT_FALSE(read({}).keeps_tombstones);
  EXPECT_EQ(read(options({{"delete.handling.mode", "None"}, {"drop.tombstones", "false"}})).on_delete, tombstone);
  EXPECT_TRUE(read(options({{"delete.handling.mode", "None"}, {"drop.tombstones", "false"}})).keeps_tombstones);
  const auto rewritten = read(options({{"delete.handling.mode", "none"}, {"delete.tombstone.handling.mode", "rewrite-with-tombstone"}}));
  EXPECT_TRUE(rewritten.rewrites());
  EXPECT_TRUE(rewritten.keeps_tombstones);
  const auto refused = UnwrapOptions::read(options({{"delete.tombstone.handling.mode", "keep"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "The 'delete.tombstone.handling.mode' value 'keep' is invalid: Value must be one of drop, tombstone, "
                                  "rewrite, rewrite-with-tombstone");
}

TEST(Unwrapping, NamesOfAddedFields) {
  const auto fields = AddedField::list("add.fields", "__", "op, source.ts_ms,source.db:DB,lsid");
  ASSERT_TRUE(fields);
  std::vector<std::string> names;
  for (const AddedField& field : *fields) names.push_back(field.name());
  EXPECT_EQ(names, (std::vector<std::string>{"__op", "__source_ts_ms", "__DB", "__lsid"}));
  EXPECT_FALSE(AddedField::list("add.fields", "__", "a:b:c"));
  EXPECT_FALSE(AddedField::list("add.fields", "__", "."));
}

TEST(FlattenedStruct, PathsBecomeNames) {
  using namespace envelope;
  const auto inner = std::make_shared<const Schema>(structure_schema("t.a", true, {{"b", plain_schema(Type::int32, false)}}));
  const auto outer = std::make_shared<const Schema>(structure_schema("t", false, {{"a", inner}, {"c", plain_schema(Type::string, false)}}));
  const auto flat = flattened_schema(*outer, "_");
  ASSERT_TRUE(flat);
  EXPECT_EQ((*flat)->name, "t");
  ASSERT_EQ((*flat)->fields.size(), 2u);
  EXPECT_EQ((*flat)->fields[0].name, "a_b");
  EXPECT_TRUE((*flat)->fields[0].schema->optional);   // its struct is
  EXPECT_FALSE((*flat)->fields[1].schema->optional);
  const Value value = flattened_value({.schema = outer, .fields = {Value{}, Value{"x"}}}, *flat);
  EXPECT_TRUE(value.structure()->fields[0].is_null());
  EXPECT_EQ(*value.structure()->fields[1].string(), "x");
}

TEST(FlattenedStruct, PathsThatAreOneNameAreRefused) {
  using namespace envelope;
  const auto inner = std::make_shared<const Schema>(structure_schema("t.a", true, {{"b", plain_schema(Type::int32, false)}}));
  const auto refused = flattened_schema(structure_schema("t", false, {{"a", inner}, {"a_b", plain_schema(Type::string, false)}}), "_");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "Cannot create field because of field name duplication a_b");
}

}  // namespace
}  // namespace millrace
