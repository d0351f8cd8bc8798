#include "connect/plan_folding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <memory>

#include "core/envelope.h"
#include "format/converter.h"
#include "sources/registry.h"

namespace millrace {
namespace {

namespace slots {
enum : std::uint16_t { before, after, op, id_before, name_before, id_after, name_after, transaction, count };
}

SchemaPtr name_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(
      Schema{.type = Type::string, .optional = true, .default_value = std::make_shared<const Value>("nobody")});
  return schema;
}

SchemaPtr row_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(envelope::structure_schema(
      "t.Value", true, {{"id", envelope::plain_schema(Type::int64, false)}, {"name", name_schema()}}));
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
  const SchemaPtr key = std::make_shared<const Schema>(
      envelope::structure_schema("t.Key", false, {{"id", row_schema()->fields[0].schema}}));
  plan.key = Shape::of_structure(key, {Shape::of_slot(key->fields[0].schema, slots::id_after)});
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

TransformChain chain_with(std::map<std::string, std::string, std::less<>> entries) {
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
  const auto folded = fold(chain_with({}), record);
  ASSERT_TRUE(folded);
  const ConnectRecord mine = to_tree({.plan = &folded->plan, .slots = insert});
  const ConnectRecord plain = to_tree(record);
  EXPECT_EQ(mine.topic, plain.topic);
  EXPECT_EQ(mine.key, plain.key);
  EXPECT_EQ(mine.value, plain.value);
  EXPECT_EQ(mine.value_schema, plain.value_schema);
}

using Settings = std::map<std::string, std::string, std::less<>>;

const std::vector<Settings>& chains() {
  static const std::string connect = "org.apache.kafka.connect.transforms.";
  static const Settings unwrap{{"transforms", "u"}, {"transforms.u.type", "io.debezium.transforms.ExtractNewRecordState"},
                               {"transforms.u.add.fields", "op"}};
  static const auto with = [](Settings settings, const Settings& more) {
    settings.insert(more.begin(), more.end());
    return settings;
  };
  static const std::vector<Settings> all{
      {{"transforms", "r"}, {"transforms.r.type", connect + "RegexRouter"}, {"transforms.r.regex", "(.*)"}, {"transforms.r.replacement", "x.$1"}},
      unwrap,
      with(unwrap, {{"transforms.u.delete.tombstone.handling.mode", "rewrite"}}),
      with(unwrap, {{"transforms.u.delete.tombstone.handling.mode", "tombstone"}}),
      with(unwrap, {{"transforms.u.delete.tombstone.handling.mode", "rewrite-with-tombstone"}}),
      {{"transforms", "l"}, {"transforms.l.type", "io.debezium.transforms.ByLogicalTableRouter"}, {"transforms.l.topic.regex", "t"},
       {"transforms.l.topic.replacement", "all"}},
      {{"transforms", "u,i,v,e,p"}, {"transforms.u.type", "io.debezium.transforms.ExtractNewRecordState"},
       {"transforms.i.type", connect + "InsertField$Value"}, {"transforms.i.static.field", "s"}, {"transforms.i.static.value", "1"},
       {"transforms.v.type", connect + "ReplaceField$Value"}, {"transforms.v.exclude", "id"}, {"transforms.v.renames", "name:n"},
       {"transforms.e.type", connect + "ExtractField$Key"}, {"transforms.e.field", "id"},
       {"transforms.p.type", connect + "Filter"}, {"transforms.p.predicate", "none"}, {"predicates", "none"},
       {"predicates.none.type", connect + "predicates.RecordIsTombstone"}},
      {{"transforms", "f"}, {"transforms.f.type", connect + "Flatten$Value"}},
      {{"transforms", "h,k,m"}, {"transforms.h.type", connect + "HoistField$Key"}, {"transforms.h.field", "k"},
       {"transforms.k.type", connect + "SetSchemaMetadata$Value"}, {"transforms.k.schema.name", "n"}, {"transforms.k.predicate", "t"},
       {"transforms.k.negate", "true"}, {"transforms.m.type", connect + "RegexRouter"}, {"transforms.m.regex", "t"},
       {"transforms.m.replacement", "z"}, {"predicates", "t"}, {"predicates.t.type", connect + "predicates.RecordIsTombstone"}},
  };
  return all;
}

struct WrittenTexts {
  std::string topic;
  std::optional<std::string> key, value;
  bool operator==(const WrittenTexts&) const = default;
};

WrittenTexts general(const TransformChain& chain, const Converter& json, const Record& record) {
  auto out = chain.apply(to_tree(record));
  RC_ASSERT(out.has_value());
  if (!*out) return {};
  StringOutput key, value;
  const auto has_key = json.convert((*out)->key_schema, (*out)->key, key);
  const auto has_value = json.convert((*out)->value_schema, (*out)->value, value);
  RC_ASSERT(has_key.has_value() && has_value.has_value());
  return {.topic = (*out)->topic, .key = *has_key ? std::optional{std::string{key.written()}} : std::nullopt,
          .value = *has_value ? std::optional{std::string{value.written()}} : std::nullopt};
}

std::optional<std::string> by_plan(const Converter& json, const std::optional<Shape>& shape, const Record& record) {
  if (!shape) return std::nullopt;
  const auto compiled = json.compile(*shape);
  RC_ASSERT(compiled.has_value());
  StringOutput out;
  const auto written = (*compiled)->write(record.slots, out);
  RC_ASSERT(written.has_value());
  return *written ? std::optional{std::string{out.written()}} : std::nullopt;
}

// The oracle of every folding: the same record on the general path.
TEST(Folding, GivesTheBytesOfTheGeneralPath) {
  const RecordPlan plan = plan_of_rows();
  const auto json = make_converter("org.apache.kafka.connect.json.JsonConverter", Config{});
  ASSERT_TRUE(json);
  int folded_chains = 0;
  for (const Settings& settings : chains()) {
    const TransformChain chain = chain_with(settings);
    EXPECT_TRUE(chain.follows_plan()) << settings.at("transforms");
    bool any = false;
    EXPECT_TRUE(rc::check([&] {
      const char op = *rc::gen::element('c', 'u', 'd', 'r', 't');
      auto all = datums(op == 'd' ? "d" : "c");
      all[slots::op] = Datum::string({&op, 1});
      if (op == 'u' && *rc::gen::arbitrary<bool>()) all[slots::before] = Datum::of(true);
      if (*rc::gen::arbitrary<bool>()) all[slots::name_after] = all[slots::name_before] = Datum::string("n");
      all[slots::id_after] = all[slots::id_before] = Datum::of(*rc::gen::arbitrary<std::int64_t>());
      const Record record{.plan = &plan, .slots = all, .tombstone = op == 'd' && *rc::gen::arbitrary<bool>()};
      const auto folded = fold(chain, record);
      if (!folded) return;
      any = true;
      WrittenTexts mine;
      if (!folded->dropped)
        mine = {.topic = folded->plan.topic, .key = by_plan(**json, folded->plan.key, record),
                .value = by_plan(**json, folded->plan.value, record)};
      RC_ASSERT(mine == general(chain, **json, record));
    }));
    folded_chains += any ? 1 : 0;
  }
  EXPECT_EQ(folded_chains, static_cast<int>(chains().size())) << "a chain is never folded";
}

}  // namespace
}  // namespace millrace
