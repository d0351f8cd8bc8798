#include "connect/plan_folding.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/envelope.h"

namespace millrace {
namespace {

constexpr std::size_t k_presence_max = 32;
constexpr std::size_t k_cases_max = 64;

// What the transforms make of a plan's records, by their case: dropped, written by another plan, or neither (general path).
struct FoldedCases final : PlanAttachment {
  struct Case {
    std::uint64_t key = 0;
    std::optional<FoldedPlan> folded;
  };
  explicit FoldedCases(const RecordPlan& plan) : cases{plan} {}

  PlanCases cases;
  std::vector<std::unique_ptr<Case>> known;
};

bool is_row(std::string_view field) { return field == "before" || field == "after"; }

// The slot's value as the transforms may see it: null where that is part of the case, a mark else.
Value marked(const Shape& shape, const Record& record, bool top, std::string_view name) {
  switch (shape.from) {
    case Shape::From::constant: return shape.constant;
    case Shape::From::structure: {
      if (shape.slot != k_no_slot && record.slots[shape.slot].is_null()) return {};
      Value::Struct structure{.schema = shape.schema, .fields = {}};
      for (std::size_t i = 0; i < shape.fields.size(); ++i)
        structure.fields.push_back(marked(shape.fields[i], record, &shape == &*record.plan->value, shape.schema->fields[i].name));
      return Value{std::move(structure)};
    }
    case Shape::From::slot: break;
  }
  const Datum& datum = record.slots[shape.slot];
  if (top && name == "op" && datum.kind == Datum::Kind::string) return Value{datum.text()};
  if (top && datum.is_null() && (is_row(name) || shape.schema->type == Type::structure)) return {};
  return Value{SlotMark{shape.slot}};
}

bool holds_mark(const Value& value) {
  if (value.mark() != nullptr) return true;
  if (const Value::Array* array = value.array()) return std::ranges::any_of(*array, holds_mark);
  if (const Value::Struct* structure = value.structure()) return std::ranges::any_of(structure->fields, holds_mark);
  if (const Value::Map* map = value.map())
    return std::ranges::any_of(*map, [](const auto& entry) { return holds_mark(entry.first) || holds_mark(entry.second); });
  return false;
}

// Back from the tree. None: marks where a plan has no slots.
std::optional<Shape> shape_of(const SchemaPtr& schema, const Value& value) {
  if (schema == nullptr) return std::nullopt;
  if (const SlotMark* mark = value.mark()) return Shape::of_slot(schema, mark->slot);
  const Value::Struct* structure = value.structure();
  if (structure == nullptr) return holds_mark(value) ? std::nullopt : std::optional{Shape::of_constant(schema, value)};
  if (schema->type != Type::structure || structure->fields.size() != schema->fields.size()) return std::nullopt;
  std::vector<Shape> fields;
  for (std::size_t i = 0; i < structure->fields.size(); ++i) {
    auto field = shape_of(schema->fields[i].schema, structure->fields[i]);
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  }
  return Shape::of_structure(schema, std::move(fields));
}

bool same_headers(const std::vector<Header>& left, std::span<const Header> right) {
  return std::ranges::equal(left, right, [](const Header& a, const Header& b) {
    return a.name == b.name && a.schema == b.schema && a.value == b.value;
  });
}

}  // namespace

PlanCases::PlanCases(const RecordPlan& plan) {
  if (!plan.value || plan.value->from != Shape::From::structure) return;
  for (std::size_t i = 0; i < plan.value->fields.size(); ++i) {
    const Shape& field = plan.value->fields[i];
    const std::string& name = plan.value->schema->fields[i].name;
    if (field.from == Shape::From::structure && field.slot != k_no_slot) presence_.push_back(field.slot);
    if (field.from != Shape::From::slot) continue;
    if (name == "op") op_ = field.slot;
    else if (field.schema->type == Type::structure) must_be_null_.push_back(field.slot);
    else if (is_row(name)) presence_.push_back(field.slot);
  }
  too_many_ = presence_.size() > k_presence_max;
}

std::optional<std::uint64_t> PlanCases::of(const Record& record) const {
  if (too_many_) return std::nullopt;
  for (const std::uint16_t slot : must_be_null_)
    if (!record.slots[slot].is_null()) return std::nullopt;
  std::uint64_t found = record.tombstone ? 1 : 0;
  for (const std::uint16_t slot : presence_) found = found << 1 | (record.slots[slot].is_null() ? 0U : 1U);
  if (op_ == k_no_slot) return found << 8;
  const Datum& op = record.slots[op_];
  if (op.kind != Datum::Kind::string || op.size != 1) return std::nullopt;
  return found << 8 | static_cast<unsigned char>(op.data[0]);
}

std::optional<FoldedPlan> fold(const TransformChain& chain, const Record& record) {
  if (!chain.follows_plan()) return std::nullopt;
  const RecordPlan& plan = *record.plan;
  ConnectRecord tree{.topic = plan.topic, .partition = record.partition, .timestamp_ms = record.timestamp_ms};
  if (plan.key) {
    tree.key_schema = plan.key->schema;
    tree.key = marked(*plan.key, record, false, "");
  }
  if (plan.value && !record.tombstone) {
    tree.value_schema = plan.value->schema;
    tree.value = marked(*plan.value, record, false, "");
  }
  tree.headers.assign(record.headers.begin(), record.headers.end());
  const auto made = chain.apply(std::move(tree));
  if (!made) return std::nullopt;   // the general path tells the error
  if (!*made) return FoldedPlan{.dropped = true, .plan = {}};

  const ConnectRecord& out = **made;
  if (out.partition != record.partition || out.timestamp_ms != record.timestamp_ms || !same_headers(out.headers, record.headers))
    return std::nullopt;
  FoldedPlan folded{.plan = {.topic = out.topic, .slot_count = plan.slot_count}};
  if (out.key_schema != nullptr || !out.key.is_null()) {
    folded.plan.key = shape_of(out.key_schema, out.key);
    if (!folded.plan.key) return std::nullopt;
  }
  if (out.value_schema != nullptr || !out.value.is_null()) {
    folded.plan.value = shape_of(out.value_schema, out.value);
    if (!folded.plan.value) return std::nullopt;
  }
  return folded;
}

const FoldedPlan* folded(const TransformChain& chain, const Record& record) {
  std::unique_ptr<PlanAttachment>& attachment = record.plan->attachment;
  if (!attachment) attachment = std::make_unique<FoldedCases>(*record.plan);
  auto& cases = static_cast<FoldedCases&>(*attachment);
  const auto key = cases.cases.of(record);
  if (!key) return nullptr;
  const auto at = std::ranges::find(cases.known, *key, [](const auto& known) { return known->key; });
  if (at != cases.known.end()) return (*at)->folded ? &*(*at)->folded : nullptr;
  if (cases.known.size() == k_cases_max) return nullptr;
  cases.known.push_back(std::make_unique<FoldedCases::Case>(*key, fold(chain, record)));
  auto& made = cases.known.back()->folded;
  if (made && !made->dropped && !envelope::is_topic_name(made->plan.topic)) made.reset();   // the general path says so of each record
  return made ? &*made : nullptr;
}

}  // namespace millrace
