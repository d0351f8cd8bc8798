// The compiled path against the general one: any schema, shape and datums give the same bytes or the same error.
#include "format/json_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <deque>
#include <limits>

#include "core/numbers.h"
#include "format/json_converter.h"

namespace millrace {
namespace {

int pick(int count) { return *rc::gen::inRange(0, count); }
bool rarely() { return pick(40) == 0; }

std::string some_text() {
  static const std::vector<std::string> k_parts{"a", "plain text of some length ", "\"", "\\", "\n", "\x01", "ë", "\U0001F600", "\xFF"};
  std::string text;
  for (int i = pick(8); i > 0; --i) text += k_parts[static_cast<std::size_t>(pick(static_cast<int>(k_parts.size())))];
  return text;
}

std::int64_t some_integer() {
  return *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::cast<std::int64_t>(rc::gen::inRange(-1000, 1000)));
}

double some_double() {
  return *rc::gen::oneOf(rc::gen::arbitrary<double>(),
                         rc::gen::element(std::numeric_limits<double>::quiet_NaN(), 1e7, 0.001,
                                          -std::numeric_limits<double>::infinity(), -0.0));
}

Value some_value(const Schema& schema, bool nulls);
SchemaPtr some_schema(int depth);

// Structures are what events consist of.
Type some_type(int depth) {
  if (depth > 0 && pick(3) == 0) return Type::structure;
  return static_cast<Type>(pick(static_cast<int>(depth == 0 ? Type::bytes : Type::map) + 1));
}

void name_logically(Schema& schema) {
  if (schema.type == Type::bytes && pick(2) == 0) {
    schema.name = k_decimal;
    schema.parameters = {{"scale", std::to_string(pick(12) - 2)}};
  } else if (schema.type == Type::int32) {
    schema.name = *rc::gen::element<std::string>("", "org.apache.kafka.connect.data.Date", "io.debezium.time.Date");
  } else if (schema.type == Type::int64) {
    schema.name = *rc::gen::element<std::string>("", "org.apache.kafka.connect.data.Timestamp");
  }
  if (!schema.name.empty()) schema.version = 1;
}

std::vector<Field> some_fields(int count, int depth) {
  std::vector<Field> fields;
  for (int i = 0; i < count; ++i) fields.push_back({some_text() + std::to_string(i), some_schema(depth)});
  return fields;
}

SchemaPtr some_structure(int fields, int depth) {
  return std::make_shared<const Schema>(
      Schema{.type = Type::structure, .optional = pick(2) == 0, .fields = some_fields(fields, depth)});
}

SchemaPtr some_schema(int depth) {
  Schema schema;
  schema.type = some_type(depth);
  schema.optional = pick(2) == 0;
  name_logically(schema);
  if (rarely()) schema.doc = some_text();
  if (schema.type == Type::map) schema.keys = some_schema(0);
  if (schema.type == Type::map || schema.type == Type::array) schema.values = some_schema(depth - 1);
  if (schema.type == Type::structure) schema.fields = some_fields(pick(5), depth - 1);
  if (pick(4) == 0) schema.default_value = std::make_shared<const Value>(some_value(schema, false));
  return std::make_shared<const Schema>(std::move(schema));
}

Value some_value(const Schema& schema, bool nulls) {
  if (nulls && (schema.optional ? pick(3) == 0 : rarely())) return {};
  if (nulls && rarely()) return Value{some_text()};   // of a wrong type, mostly
  switch (schema.type) {
    case Type::boolean: return Value{pick(2) == 0};
    case Type::int8: case Type::int16: case Type::int32: case Type::int64: return Value{some_integer()};
    case Type::float32: return Value{static_cast<float>(some_double())};
    case Type::float64: return Value{some_double()};
    case Type::string: return Value{some_text()};
    case Type::bytes: return Value{Bytes{unscaled_bytes(std::to_string(some_integer()), pick(6)).value()}};
    case Type::array: {
      Value::Array array;
      for (int i = pick(4); i > 0; --i) array.push_back(some_value(*schema.values, nulls));
      return Value{std::move(array)};
    }
    case Type::map: {
      Value::Map map;
      for (int i = pick(4); i > 0; --i) map.emplace_back(some_value(*schema.keys, nulls), some_value(*schema.values, nulls));
      return Value{std::move(map)};
    }
    case Type::structure: {
      Value::Struct structure;
      for (const Field& field : schema.fields) structure.fields.push_back(some_value(*field.schema, nulls));
      return Value{std::move(structure)};
    }
  }
  return {};
}

// Makes shapes and the datums of their slots; owns what the datums point to.
class Plan {
 public:
  Shape shape_of(const SchemaPtr& schema) {
    const int way = pick(6);
    if (way == 0) return Shape::of_constant(schema, some_value(*schema, true));
    if (schema->type != Type::structure || way == 1) return Shape::of_slot(schema, slot(some_datum(*schema)));
    std::vector<Shape> fields;
    for (const Field& field : schema->fields) fields.push_back(shape_of(field.schema));
    std::uint16_t presence = k_no_slot;
    if (pick(2) == 0) presence = slot(pick(2) == 0 ? Datum::null() : Datum::of(true));
    return Shape::of_structure(schema, std::move(fields), presence);
  }

  const std::vector<Datum>& slots() const { return slots_; }

 private:
  std::uint16_t slot(Datum datum) {
    slots_.push_back(datum);
    return static_cast<std::uint16_t>(slots_.size() - 1);
  }

  Datum some_datum(const Schema& schema) {
    const Value& value = values_.emplace_back(some_value(schema, true));
    if (pick(4) == 0) return Datum::of(value);   // a tree, which may be null
    if (value.is_null()) return Datum::null();
    if (const bool* truth = value.boolean()) return Datum::of(*truth);
    if (const float* number = value.float32()) return Datum::of(*number);
    if (const double* number = value.float64()) return Datum::of(*number);
    if (const std::string* text = value.string()) return Datum::string(*text);
    if (const Bytes* bytes = value.bytes()) return Datum::bytes(bytes->data);
    if (const std::int64_t* number = value.integer())
      return pick(2) == 0 ? Datum::of(*number) : Datum::digits(texts_.emplace_back(std::to_string(*number)));
    return Datum::of(value);
  }

  std::vector<Datum> slots_;
  std::deque<Value> values_;
  std::deque<std::string> texts_;
};

std::string outcome(const Result<bool>& result, const StringOutput& out) {
  if (!result) return "error: " + result.error().text;
  return *result ? std::string{out.written()} : "(null)";
}

std::string compiled_outcome(const Converter& converter, const Shape& shape, const std::vector<Datum>& slots) {
  StringOutput out;
  auto compiled = converter.compile(shape);
  if (!compiled) return "error: " + compiled.error().text;
  return outcome((*compiled)->write(slots, out), out);
}

std::string general_outcome(const Converter& converter, const Shape& shape, const std::vector<Datum>& slots) {
  RecordPlan plan;
  plan.value = shape;
  const ConnectRecord tree = to_tree({.plan = &plan, .slots = slots});
  StringOutput out;
  return outcome(converter.convert(tree.value_schema, tree.value, out), out);
}

RC_GTEST_PROP(JsonProgram, EqualsTheGeneralPath, ()) {
  const JsonConverter converter{{.schemas = *rc::gen::arbitrary<bool>(),
                                 .null_to_default = pick(4) != 0,
                                 .decimal = pick(2) == 0 ? DecimalFormat::base64 : DecimalFormat::numeric}};
  Plan plan;
  const auto root = pick(4) == 0 ? some_schema(3) : some_structure(1 + pick(5), 2);
  const Shape shape = plan.shape_of(root);
  const std::string general = general_outcome(converter, shape, plan.slots());
  RC_TAG(general.starts_with("error") ? "error" : general.size() < 20 ? "few bytes" : "bytes");
  RC_ASSERT(compiled_outcome(converter, shape, plan.slots()) == general);
}

TEST(JsonProgram, WritesSchemalessSlots) {
  const JsonConverter converter{{.schemas = true}};
  const Shape shape = Shape::of_slot(nullptr, 0);
  EXPECT_EQ(compiled_outcome(converter, shape, {Datum::string("x")}), R"({"schema":null,"payload":"x"})");
  EXPECT_EQ(compiled_outcome(converter, shape, {Datum::digits("12")}), R"({"schema":null,"payload":12})");
  EXPECT_EQ(compiled_outcome(converter, shape, {Datum::null()}), "(null)");
  EXPECT_EQ(compiled_outcome(converter, Shape::of_constant(nullptr), {}), "(null)");
}

SchemaPtr structure_of(Type type, bool optional) {
  const auto field = std::make_shared<const Schema>(Schema{.type = type, .optional = optional});
  return std::make_shared<const Schema>(Schema{.type = Type::structure, .optional = true, .fields = {{"f", field}}});
}

TEST(JsonProgram, FailsOnlyRecordsThatReachAMissingConstant) {
  const JsonConverter converter{{.schemas = false}};
  const auto schema = structure_of(Type::int32, false);
  const Shape shape = Shape::of_structure(schema, {Shape::of_constant(schema->fields[0].schema)}, 0);
  EXPECT_EQ(compiled_outcome(converter, shape, {Datum::null()}), "null");
  EXPECT_EQ(compiled_outcome(converter, shape, {Datum::of(true)}),
            "error: Conversion error: null value for field that is required and has no default value (f)");
}

TEST(JsonProgram, WritesADefaultOfAnyLengthForNull) {
  const JsonConverter converter{{.schemas = false}};
  for (const std::size_t size : {0, 1, 30, 32, 33, 34, 35, 1000}) {
    const std::string text(size, 'd');
    const auto schema = std::make_shared<const Schema>(
        Schema{.type = Type::string, .default_value = std::make_shared<const Value>(text)});
    EXPECT_EQ(compiled_outcome(converter, Shape::of_slot(schema, 0), {Datum::null()}), '"' + text + '"');
  }
}

TEST(JsonProgram, CopiesDigitsOfEveryLength) {
  const JsonConverter converter{{.schemas = false}};
  const auto schema = std::make_shared<const Schema>(Schema{.type = Type::int64});
  const std::string digits = "-9223372036854775808";
  for (std::size_t size = 2; size <= digits.size(); ++size)
    EXPECT_EQ(compiled_outcome(converter, Shape::of_slot(schema, 0), {Datum::digits(digits.substr(0, size))}),
              digits.substr(0, size));
  EXPECT_EQ(compiled_outcome(converter, Shape::of_slot(schema, 0), {Datum::digits("7")}), "7");
}

}  // namespace
}  // namespace millrace
