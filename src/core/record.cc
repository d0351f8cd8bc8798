#include "core/record.h"

#include <cassert>
#include <charconv>

namespace millrace {

Value to_value(const Datum& datum) {
  switch (datum.kind) {
    case Datum::Kind::null: return {};
    case Datum::Kind::boolean: return Value{datum.boolean};
    case Datum::Kind::int64: return Value{datum.int64};
    case Datum::Kind::float32: return Value{datum.float32};
    case Datum::Kind::float64: return Value{datum.float64};
    case Datum::Kind::string: return Value{datum.text()};
    case Datum::Kind::bytes: return Value{Bytes{std::string{datum.text()}}};
    case Datum::Kind::digits: {
      std::int64_t number = 0;
      const std::string_view digits = datum.text();
      [[maybe_unused]] const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      assert(read.ec == std::errc{} && read.ptr == digits.data() + digits.size());
      return Value{number};
    }
    case Datum::Kind::tree: return *datum.tree;
  }
  return {};
}

namespace {

const Datum& at(std::span<const Datum> slots, std::uint16_t slot) {
  assert(slot < slots.size());
  return slots[slot];
}

Value expand(const Shape& shape, std::span<const Datum> slots) {
  switch (shape.from) {
    case Shape::From::constant: return shape.constant;
    case Shape::From::slot: return to_value(at(slots, shape.slot));
    case Shape::From::structure: break;
  }
  if (shape.slot != k_no_slot && at(slots, shape.slot).is_null()) return {};
  Value::Struct structure{.schema = shape.schema, .fields = {}};
  structure.fields.reserve(shape.fields.size());
  for (const Shape& field : shape.fields) structure.fields.push_back(expand(field, slots));
  return Value{std::move(structure)};
}

}  // namespace

ConnectRecord to_tree(const Record& record) {
  const RecordPlan& plan = *record.plan;
  ConnectRecord tree;
  tree.topic = plan.topic;
  tree.partition = record.partition;
  if (plan.key) {
    tree.key_schema = plan.key->schema;
    tree.key = expand(*plan.key, record.slots);
  }
  if (plan.value && !record.tombstone) {
    tree.value_schema = plan.value->schema;
    tree.value = expand(*plan.value, record.slots);
  }
  tree.headers.assign(record.headers.begin(), record.headers.end());
  tree.timestamp_ms = record.timestamp_ms;
  return tree;
}

void add_shared_header(ConnectRecord& record, Header header) {
  if (record.tombstone_headers != nullptr) record.tombstone_headers->push_back(header);
  record.headers.push_back(std::move(header));
}

}  // namespace millrace
