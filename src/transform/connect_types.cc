#include "transform/connect_types.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "core/java_hash.h"
#include "core/struct_access.h"

namespace millrace {

std::string schema_text(const Schema& schema) {
  return "Schema{" + (schema.name.empty() ? "" : schema.name + ":") + std::string{type_constant(schema.type)} + "}";
}

Result<int> scale_of(const Schema& schema) {
  for (const auto& [name, text] : schema.parameters) {
    if (name != "scale") continue;
    int scale = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), scale);
    if (problem == std::errc{} && end == text.data() + text.size()) return scale;
    return fail("Invalid scale parameter found in Decimal schema: " + text, Retry::no, k_data_exception);
  }
  return fail("Invalid Decimal schema: scale parameter not found.", Retry::no, k_data_exception);
}

Result<const Value::Map*> require_map(const Value& value, std::string_view purpose) {
  if (const Value::Map* map = value.map()) return map;
  return fail("Only Map objects supported in absence of schema for [" + std::string{purpose} + "], found: " + std::string{java_class_of(nullptr, value)},
              Retry::no, k_data_exception);
}

const Value* find_in(const Value::Map& map, std::string_view key) {
  const auto at = std::ranges::find_if(map, [&](const auto& entry) { return entry.first.string() != nullptr && *entry.first.string() == key; });
  return at == map.end() ? nullptr : &at->second;
}

std::size_t buckets_for_capacity(std::size_t capacity) { return std::bit_ceil(std::max<std::size_t>(capacity, 1)); }

std::size_t buckets_for_copy(std::size_t entries) {
  constexpr std::size_t k_default = 16;
  return entries == 0 ? k_default : std::bit_ceil(static_cast<std::size_t>(static_cast<float>(entries) / 0.75F + 1.0F));
}

Value::Map hash_map(Value::Map entries, std::size_t buckets) {
  while (entries.size() > buckets * 3 / 4) buckets *= 2;
  const auto bucket = [&](const Value::Map::value_type& entry) {
    const auto hash = static_cast<std::uint32_t>(entry.first.string() == nullptr ? 0 : java_string_hash(*entry.first.string()));
    return (hash ^ hash >> 16) & (buckets - 1);
  };
  std::ranges::stable_sort(entries, {}, bucket);
  return entries;
}

void put_in(Value::Map& entries, std::string_view key, Value value) {
  for (auto& entry : entries)
    if (entry.first.string() != nullptr && *entry.first.string() == key) {
      entry.second = std::move(value);
      return;
    }
  entries.emplace_back(Value{key}, std::move(value));
}

}  // namespace millrace
