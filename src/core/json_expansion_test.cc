#include "core/json_expansion.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

namespace millrace {
namespace {

struct Expanded {
  SchemaPtr schema;
  Value value;
  const Value::Struct* structure() const { return value.structure(); }
  const Value* field(std::string_view name) const {
    const Value::Struct& held = *structure();
    for (std::size_t i = 0; i < held.fields.size(); ++i)
      if (held.schema->fields[i].name == name) return &held.fields[i];
    return nullptr;
  }
};

class JsonExpansionTest : public testing::Test {
 protected:
  Expanded expanded(std::string text) {
    Expanded out{.schema = text_schema_, .value = Value{std::move(text)}};
    expansion_.expand("payload", out.schema, out.value);
    return out;
  }
  static std::vector<std::string> names(const Schema& schema) {
    std::vector<std::string> out;
    for (const Field& field : schema.fields) out.push_back(field.name);
    return out;
  }

  const SchemaPtr text_schema_ = std::make_shared<const Schema>(Schema{.type = Type::string});
  JsonExpansion expansion_{JsonExpansion::Nulls::left_out, NameAdjustment::none};
};

using Names = std::vector<std::string>;

TEST_F(JsonExpansionTest, OfTwoFieldsWithOneNameTheLaterValueAtTheFormersPlace) {
  const Expanded out = expanded(R"({"a":1,"b":2,"a":{"x":1,"x":"later"},"c":3})");
  EXPECT_EQ(names(*out.schema), (Names{"a", "b", "c"}));
  EXPECT_EQ(*out.field("a")->structure()->fields.at(0).string(), "later");
  EXPECT_EQ(*out.field("c")->integer(), 3);
}

TEST_F(JsonExpansionTest, FieldsOfNullAreLeftOutAndTheOthersKeepTheirValues) {
  const Expanded out = expanded(R"({"a":null,"b":1,"c":[],"d":"x"})");
  EXPECT_EQ(names(*out.schema), (Names{"b", "d"}));
  EXPECT_EQ(*out.field("b")->integer(), 1);
  EXPECT_EQ(*out.field("d")->string(), "x");
}

TEST_F(JsonExpansionTest, TheItemsOfAListShareTheFieldsOfAll) {
  const Expanded out = expanded(R"({"list":[{"a":1,"b":2},{"c":3,"a":4},null,{"b":5}]})");
  const Schema& items = *out.schema->fields.at(0).schema->values;
  EXPECT_EQ(names(items), (Names{"a", "b", "c"}));
  EXPECT_EQ(items.name, "payload.list");
  EXPECT_FALSE(items.optional);
  // A null does not fit items that are required, so the text stays, under the new schema.
  EXPECT_NE(out.value.string(), nullptr);
  const Expanded fitting = expanded(R"({"list":[{"a":1,"b":2},{"c":3,"a":4}]})");
  const Value::Array& list = *fitting.field("list")->array();
  EXPECT_TRUE(list.at(0).structure()->fields.at(2).is_null());
  EXPECT_EQ(*list.at(1).structure()->fields.at(0).integer(), 4);
  EXPECT_TRUE(list.at(1).structure()->fields.at(1).is_null());
}

TEST_F(JsonExpansionTest, EqualSchemasAreTheSame) {
  const Expanded first = expanded(R"({"a":{"x":1},"b":[{"y":"z"}]})");
  EXPECT_EQ(first.schema, expanded(R"({"a":{"x":2},"b":[{"y":"other"},{"y":"one"}]})").schema);
  EXPECT_NE(first.schema, expanded(R"({"a":{"x":"2"},"b":[{"y":"z"}]})").schema);
  EXPECT_NE(first.schema, expanded(R"({"b":[{"y":"z"}],"a":{"x":1}})").schema);
}

// Of this thread, so that the others of a busy machine do not count. In time that is in proportion to the text each test takes
// some tenths of a second; where it is not, minutes.
constexpr double k_seconds_max = 5;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

TEST_F(JsonExpansionTest, AnObjectOfManyFieldsTakesTimeInProportion) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":" + (i % 2 == 0 ? "null" : "1");
  text += ",\"f0\":0}";
  const double began = cpu_seconds();
  const Expanded out = expanded(text);
  EXPECT_LT(cpu_seconds() - began, k_seconds_max);
  ASSERT_NE(out.structure(), nullptr);
  EXPECT_EQ(out.schema->fields.size(), 50'001U);
  EXPECT_EQ(*out.field("f0")->integer(), 0);
  EXPECT_EQ(*out.field("f99999")->integer(), 1);
}

// The second item has the fields in the other order.
TEST_F(JsonExpansionTest, ItemsOfManyFieldsTakeTimeInProportion) {
  std::string forth, back;
  const auto append = [](std::string& out, int i) { out += (out.empty() ? "\"f" : ",\"f") + std::to_string(i) + "\":" + std::to_string(i); };
  for (int i = 0; i < 100'000; ++i) append(forth, i), append(back, 99'999 - i);
  const std::string text = "{\"list\":[{" + forth + "},{" + back + "}]}";
  const double began = cpu_seconds();
  const Expanded out = expanded(text);
  EXPECT_LT(cpu_seconds() - began, k_seconds_max);
  ASSERT_NE(out.structure(), nullptr);
  for (const Value& item : *out.field("list")->array()) EXPECT_EQ(*item.structure()->fields.at(77'777).integer(), 77'777);
}

// All orders of eight fields.
TEST_F(JsonExpansionTest, ItemsOfManySchemasTakeTimeInProportion) {
  std::string text = "{\"list\":[";
  std::string fields = "abcdefgh";
  do {
    for (std::size_t i = 0; i < fields.size(); ++i) text += std::string{i == 0 ? "{" : ","} + '"' + fields[i] + "\":0";
    text += "},";
  } while (std::ranges::next_permutation(fields).found);
  text.back() = ']';
  const double began = cpu_seconds();
  const Expanded out = expanded(text + "}");
  EXPECT_LT(cpu_seconds() - began, k_seconds_max);
  ASSERT_NE(out.structure(), nullptr);
  EXPECT_EQ(out.field("list")->array()->size(), 40'320U);
  EXPECT_EQ(names(*out.schema->fields.at(0).schema->values), (Names{"a", "b", "c", "d", "e", "f", "g", "h"}));
}

// n items of n different fields are n x n values, nearly all of them null.
TEST_F(JsonExpansionTest, WhatWouldGrowBeyondMeasureStaysAText) {
  std::string items = "{\"list\":[", path = "{\"" + std::string(1'000'000, 'x') + "\":{";
  for (int i = 0; i < 10'000; ++i) {
    items += (i == 0 ? "{\"f" : ",{\"f") + std::to_string(i) + "\":0}";
    path += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":{}";
  }
  for (const std::string& text : {items + "]}", path + "}}"}) {
    const Expanded out = expanded(text);
    EXPECT_EQ(out.schema, text_schema_);
    ASSERT_NE(out.value.string(), nullptr);
    EXPECT_EQ(*out.value.string(), text);
  }
}

}  // namespace
}  // namespace millrace
