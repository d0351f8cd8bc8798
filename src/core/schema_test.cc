#include "core/schema.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace {
namespace {

Value sample(std::string_view leaf) {
  return Value{Value::Array{Value{std::int64_t{1}}, Value{},
                            Value{Value::Map{{Value{"k"}, Value{Value::Struct{nullptr, {Value{leaf}}}}}}}}};
}

TEST(Value, IsComparedInDepth) {
  EXPECT_EQ(sample("x"), sample("x"));
  EXPECT_NE(sample("x"), sample("y"));
  const Value shared = sample("x");
  EXPECT_EQ(shared, Value{shared});
}

TEST(Value, OfAnotherKindDiffers) {
  EXPECT_NE(Value{"x"}, Value{Bytes{"x"}});
  EXPECT_NE(Value{1.0F}, Value{1.0});
  EXPECT_NE(Value{}, Value{false});
  EXPECT_EQ(Value{}, Value{});
}

TEST(Value, ComparesFloatsAsJava) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value{nan}, Value{nan});
  EXPECT_NE(Value{0.0}, Value{-0.0});
  EXPECT_EQ(Value{1.5F}, Value{1.5F});
}

}  // namespace
}  // namespace millrace
