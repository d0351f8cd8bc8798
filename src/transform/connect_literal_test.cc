// What lists and maps of a text have in common, as Kafka Connect's own Values finds it; scalars are seen through the table
// of cases in tests/transforms.
#include "transform/connect_literal.h"

#include <gtest/gtest.h>

#include <string>

#include "core/struct_access.h"

namespace millrace {
namespace {

// "ARRAY of INT8", "MAP of STRING to nothing", "STRING".
std::string form_of(std::string_view text) {
  const SchemaPtr schema = parse_connect_literal(text).schema;
  const auto name = [](const SchemaPtr& of) { return of == nullptr ? "nothing" : std::string{type_constant(of->type)}; };
  if (schema == nullptr || schema->type < Type::array) return name(schema);
  return name(schema) + " of " + (schema->type == Type::map ? name(schema->keys) + " to " : "") + name(schema->values);
}

TEST(ConnectLiteral, ElementsOfOneKindShareItsSchema) {
  EXPECT_EQ(form_of("[1,2]"), "ARRAY of INT8");
  EXPECT_EQ(form_of("[1,2.5,3]"), "ARRAY of FLOAT32");
  EXPECT_EQ(form_of("[\"a\",null]"), "STRING");   // a null has no schema to be aligned with
  EXPECT_EQ(form_of("{1:\"a\",2:\"b\"}"), "MAP of INT8 to STRING");
}

TEST(ConnectLiteral, ElementsOfSeveralKindsShareNothingWhateverFollows) {
  EXPECT_EQ(form_of("[1,\"a\",2]"), "ARRAY of nothing");
  EXPECT_EQ(form_of("[1,true,2]"), "ARRAY of nothing");
  EXPECT_EQ(form_of("[1,[2],3]"), "ARRAY of nothing");
  EXPECT_EQ(form_of("[1,99999999999999999999999,2]"), "ARRAY of nothing");
  EXPECT_EQ(form_of("[\"a\",null,1,2]"), "ARRAY of nothing");
  EXPECT_EQ(form_of("{1:\"a\",2:3,4:5}"), "MAP of INT8 to nothing");
  EXPECT_EQ(form_of("{\"a\":1,2:3,3:4}"), "MAP of nothing to nothing");
}

}  // namespace
}  // namespace millrace
