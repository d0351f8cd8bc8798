#include "core/record.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace {
namespace {

SchemaPtr scalar(Type type) { return std::make_shared<const Schema>(Schema{.type = type, .optional = true}); }

SchemaPtr pair_schema() {
  return std::make_shared<const Schema>(Schema{.type = Type::structure,
                                               .optional = true,
                                               .fields = {{"a", scalar(Type::int64)}, {"b", scalar(Type::string)}}});
}

RecordPlan plan_of_pairs() {
  const SchemaPtr pair = pair_schema();
  RecordPlan plan;
  plan.topic = "t";
  plan.key = Shape::of_slot(scalar(Type::int64), 0);
  plan.value = Shape::of_structure(
      pair, {Shape::of_slot(pair->fields[0].schema, 0), Shape::of_constant(pair->fields[1].schema, Value{"c"})}, 1);
  return plan;
}

TEST(ToTree, FillsSlotsAndConstants) {
  const RecordPlan plan = plan_of_pairs();
  const std::array slots{Datum::digits("-42"), Datum::of(true)};
  const std::array headers{Header{.name = "h", .schema = nullptr, .value = Value{"x"}}};
  const ConnectRecord tree =
      to_tree({.plan = &plan, .slots = slots, .partition = 3, .headers = headers, .timestamp_ms = 5});
  EXPECT_EQ(tree.topic, "t");
  EXPECT_EQ(tree.partition, 3);
  EXPECT_EQ(tree.timestamp_ms, 5);
  EXPECT_EQ(tree.key, Value{std::int64_t{-42}});
  ASSERT_NE(tree.value.structure(), nullptr);
  EXPECT_EQ(tree.value.structure()->schema, plan.value->schema);
  EXPECT_EQ(tree.value.structure()->fields, (std::vector{Value{std::int64_t{-42}}, Value{"c"}}));
  EXPECT_EQ(tree.value_schema, plan.value->schema);
  ASSERT_EQ(tree.headers.size(), 1U);
  EXPECT_EQ(tree.headers[0].name, "h");
}

TEST(ToTree, AStructureIsNullWhenItsSlotIs) {
  const RecordPlan plan = plan_of_pairs();
  const std::array slots{Datum::of(std::int64_t{1}), Datum::null()};
  const ConnectRecord tree = to_tree({.plan = &plan, .slots = slots});
  EXPECT_TRUE(tree.value.is_null());
  EXPECT_NE(tree.value_schema, nullptr);
}

TEST(ToTree, ATombstoneHasNeitherValueNorSchema) {
  const RecordPlan plan = plan_of_pairs();
  const std::array slots{Datum::of(std::int64_t{1}), Datum::of(true)};
  const ConnectRecord tree = to_tree({.plan = &plan, .slots = slots, .tombstone = true});
  EXPECT_TRUE(tree.value.is_null());
  EXPECT_EQ(tree.value_schema, nullptr);
  EXPECT_NE(tree.key_schema, nullptr);
}

TEST(ToValue, KeepsEveryKind) {
  const Value tree{Value::Array{Value{true}}};
  const Value null_tree;
  EXPECT_EQ(to_value(Datum::of(true)), Value{true});
  EXPECT_EQ(to_value(Datum::of(1.5F)), Value{1.5F});
  EXPECT_EQ(to_value(Datum::of(2.5)), Value{2.5});
  EXPECT_EQ(to_value(Datum::string("s")), Value{"s"});
  EXPECT_EQ(to_value(Datum::bytes("b")), Value{Bytes{"b"}});
  EXPECT_EQ(to_value(Datum::of(tree)), tree);
  EXPECT_TRUE(Datum::of(null_tree).is_null());
  EXPECT_FALSE(Datum::of(tree).is_null());
}

}  // namespace
}  // namespace millrace
