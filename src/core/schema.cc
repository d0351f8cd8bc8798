#include "core/schema.h"

#include <bit>
#include <type_traits>

namespace millrace {

namespace {

// As Java's Float.equals and Double.equals: NaN equals itself, 0.0 and -0.0 differ.
bool same(float a, float b) {
  return (a != a && b != b) || std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}
bool same(double a, double b) {
  return (a != a && b != b) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

template <typename T>
bool same(const std::shared_ptr<T>& a, const std::shared_ptr<T>& b) {
  return a == b || *a == *b;
}

template <typename T>
bool same(const T& a, const T& b) {
  return a == b;
}

}  // namespace

bool Value::Struct::operator==(const Struct& other) const { return fields == other.fields; }

bool Value::operator==(const Value& other) const {
  if (data_.index() != other.data_.index()) return false;
  return std::visit(
      [&](const auto& mine) { return same(mine, std::get<std::decay_t<decltype(mine)>>(other.data_)); }, data_);
}

}  // namespace millrace
