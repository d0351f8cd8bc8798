#include "sources/postgres/column_source_type.h"

#include <algorithm>
#include <limits>

#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

constexpr std::int32_t k_unknown_length = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t k_no_modifier = -1;
constexpr std::int32_t k_numeric_digits_max = 131'089;

std::int32_t modified(std::int32_t typmod, std::int32_t header = 0) {
  return typmod == k_no_modifier ? k_unknown_length : typmod - header;
}

// Characters of a second with its fraction: ":ss" is in the base, then the point and the digits, of which one means two.
std::int32_t fraction_length(std::int32_t typmod) {
  switch (typmod) {
    case k_no_modifier: return 7;
    case 0: return 0;
    case 1: return 3;
    default: return typmod + 1;
  }
}

// Of arrays the element counts. A numeric without a modifier has the precision 0.
std::int32_t precision(std::uint32_t type, std::int32_t typmod) {
  switch (type) {
    case oid::int2: return 5;
    case oid::oid: case oid::int4: return 10;
    case oid::int8: return 19;
    case oid::float4: return 8;
    case oid::float8: return 17;
    case oid::numeric: return typmod == k_no_modifier ? 0 : static_cast<std::int32_t>((typmod - 4) & 0xFFFF0000) >> 16;
    case oid::qchar: case oid::boolean: return 1;
    case oid::bpchar: case oid::varchar: return modified(typmod, 4);
    case oid::date: return 13;
    case oid::time: return 8 + fraction_length(typmod);
    case oid::timetz: return 14 + fraction_length(typmod);
    case oid::timestamp: return 22 + fraction_length(typmod);
    case oid::timestamptz: return 28 + fraction_length(typmod);
    case oid::interval: return 49;
    case oid::bit: return typmod;
    case oid::varbit: return modified(typmod);
    default: return k_unknown_length;
  }
}

std::int32_t scale_of(std::uint32_t type, std::int32_t typmod) {
  switch (type) {
    case oid::float4: return 8;
    case oid::float8: return 17;
    case oid::numeric: return typmod == k_no_modifier ? 0 : (typmod - 4) & 0xFFFF;
    case oid::time: case oid::timetz: case oid::timestamp: case oid::timestamptz:
      return typmod == k_no_modifier ? 6 : typmod;
    case oid::interval: return typmod == k_no_modifier ? 6 : typmod & 0xFFFF;
    default: return 0;
  }
}

struct Extent {
  std::int32_t length, scale;
};

// The driver does not know of int2vector and oidvector what their elements are until it has read one.
Extent plain_extent(const TypeInfo& type, std::int32_t typmod) {
  const bool vector = type.oid == oid::int2vector || type.oid == oid::oidvector;
  const std::uint32_t base = type.element != 0 && !vector ? type.element : type.oid;
  const std::int32_t length = precision(base, typmod);
  // The width in which it can be shown stands in where there is no precision: only a numeric without a modifier has none.
  return {length == 0 && base == oid::numeric && typmod == k_no_modifier ? k_numeric_digits_max : length, scale_of(base, typmod)};
}

// A domain with a modifier has that of its base type, else what its base type has by default.
Extent default_extent(const TypeInfo& type, const TypeRegistry& types, int depth = 0) {
  const TypeInfo* base = type.kind == 'd' && depth < k_domain_depth_max ? types.known(type.base) : nullptr;
  if (base == nullptr) return plain_extent(type, k_no_modifier);
  if (type.base_typmod == k_no_modifier) return default_extent(*base, types, depth + 1);
  return plain_extent(*base, type.base_typmod);
}

const TypeInfo* base_type_of(const TypeInfo* type, const TypeRegistry& types) {
  for (int depth = 0; type != nullptr && type->kind == 'd' && depth < k_domain_depth_max; ++depth) type = types.known(type->base);
  return type;
}

// The driver calls an integer that counts by a sequence serial.
std::string snapshot_name(const TypeInfo& type, const ColumnFacts& facts) {
  const bool counts = facts.default_expression && facts.default_expression->find("nextval(") != std::string::npos;
  if (counts && type.oid == oid::int4) return "serial";
  if (counts && type.oid == oid::int8) return "bigserial";
  if (counts && type.oid == oid::int2) return "smallserial";
  return type.on_path ? type.name : '"' + type.schema + "\".\"" + type.name + '"';
}

}  // namespace

ColumnSourceType source_type_of(const ColumnFacts& facts, const TypeRegistry& types, Phase phase) {
  const TypeInfo* type = types.known(facts.type_oid);
  if (type == nullptr) return {};
  const bool plain = facts.typmod != k_no_modifier && type->kind != 'd';
  const Extent extent = plain ? plain_extent(*type, facts.typmod) : default_extent(*type, types);
  ColumnSourceType out{.name = type->name, .length = extent.length, .scale = extent.scale};
  if (phase == Phase::snapshot) {
    out.name = snapshot_name(*type, facts);
    if (type->oid == oid::numeric && facts.typmod == k_no_modifier) {
      out.length = 0;
      out.scale.reset();
    }
  }
  if (const TypeInfo* root = base_type_of(type, types)) {
    switch (root->oid) {
      case oid::qchar: case oid::bpchar: case oid::varchar: case oid::text: case oid::name: out.characters = true; break;
      default: out.characters = root->kind == 'e';
    }
  }
  return out;
}

}  // namespace millrace::postgres
