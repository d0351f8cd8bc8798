#include "connect/plan_folding.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "core/envelope.h"
#include "sources/registry.h"

namespace millrace {
namespace {

namespace slots {
enum : std::uint16_t { before, after, op, id_before, name_before, id_after, name_after, transaction, count };
}

SchemaPtr row_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(envelope::structure_schema(
      "t.Value", true, {{"id", envelope::plain_schema(Type::int64, false)}, {"name", envelope::plain_schema(Type::string, true)}}));
  return schema;
}

RecordPlan plan_of_rows() {
  const auto row = [](std::uint16_t presence, std::uint16_t id, std::uint16_t name) {
    return Shape::of_structure(row_schema(), {Shape::of_slot(row_schema()->fields[0].schema, id),
                                              Shape::of_slot(row_schema()->fields[1].schema, name)}, presence);
  };
  const SchemaPtr value = std::make_shared<const Schema>(envelope::structure_schema(
      "t.Envelope", false, {{"before", row_schema()}, {"after", row_schema()}, {"transaction", envelope::transaction_block()},
                            {"op", envelope::plain_schema(Type::string, false)}}));
  RecordPlan plan;
  plan.topic = "t";
  plan.slot_count = slots::count;
  plan.key = Shape::of_slot(row_schema()->fields[0].schema, slots::id_after);
  plan.value = Shape::of_structure(
      value, {row(slots::before, slots::id_before, slots::name_before), row(slots::after, slots::id_after, slots::name_after),
              Shape::of_slot(envelope::transaction_block(), slots::transaction),
              Shape::of_slot(value->fields[3].schema, slots::op)});
  return plan;
}

// An insert, or a delete.
std::array<Datum, slots::count> datums(char const* op) {
  std::array<Datum, slots::count> all{};
  all[slots::op] = Datum::string(op);
  const bool removal = *op == 'd';
  all[removal ? slots::before : slots::after] = Datum::of(true);
  all[removal ? slots::id_before : slots::id_after] = Datum::of(std::int64_t{7});
  return all;
}

TransformChain chain_of(std::map<std::string, std::string, std::less<>> entries) {
  auto chain = TransformChain::create(Config{std::move(entries)}, source_registry().front());
  EXPECT_TRUE(chain) << (chain ? "" : chain.error().text);
  return std::move(*chain);
}

TEST(PlanCases, DifferByOpAndByWhatIsNull) {
  const RecordPlan plan = plan_of_rows();
  const PlanCases cases{plan};
  auto insert = datums("c");
  const Record record{.plan = &plan, .slots = insert};
  const auto of_insert = cases.of(record);
  ASSERT_TRUE(of_insert);
  insert[slots::id_after] = Datum::of(std::int64_t{8});
  insert[slots::name_after] = Datum::string("x");
  EXPECT_EQ(cases.of(record), of_insert) << "a column's value makes no case";
  insert[slots::before] = Datum::of(true);
  EXPECT_NE(cases.of(record), of_insert);
  const auto removal = datums("d");
  EXPECT_NE(cases.of({.plan = &plan, .slots = removal}), of_insert);
  EXPECT_NE(cases.of({.plan = &plan, .slots = removal, .tombstone = true}), cases.of({.plan = &plan, .slots = removal}));
}

TEST(PlanCases, ATransactionBlockIsNotFolded) {
  const RecordPlan plan = plan_of_rows();
  auto insert = datums("c");
  const Value block{Value::Struct{.schema = envelope::transaction_block(), .fields = {}}};
  insert[slots::transaction] = Datum::of(block);
  EXPECT_FALSE(PlanCases{plan}.of({.plan = &plan, .slots = insert}));
}

TEST(Folding, AnEmptyChainGivesTheSameRecord) {
  const RecordPlan plan = plan_of_rows();
  const auto insert = datums("c");
  const Record record{.plan = &plan, .slots = insert};
  const auto folded = fold(chain_of({}), record);
  ASSERT_TRUE(folded);
  const ConnectRecord mine = to_tree({.plan = &folded->plan, .slots = insert});
  const ConnectRecord plain = to_tree(record);
  EXPECT_EQ(mine.topic, plain.topic);
  EXPECT_EQ(mine.key, plain.key);
  EXPECT_EQ(mine.value, plain.value);
  EXPECT_EQ(mine.value_schema, plain.value_schema);
}

}  // namespace
}  // namespace millrace
