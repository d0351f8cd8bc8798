// builtin_types is the part of PostgreSQL 15's pg_type that tests and fuzz targets need, without a server.
// Threads: any. Lifetime: the registry is the caller's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "sources/postgres/types.h"

namespace millrace::postgres {

struct BuiltinType {
  std::uint32_t oid;
  std::uint32_t array_oid;
  const char* name;
};

inline constexpr std::array k_builtin_types = std::to_array<BuiltinType>({
    {16, 1000, "bool"}, {17, 1001, "bytea"}, {18, 1002, "char"}, {19, 1003, "name"}, {20, 1016, "int8"},
    {21, 1005, "int2"}, {23, 1007, "int4"}, {25, 1009, "text"}, {26, 1028, "oid"}, {114, 199, "json"},
    {142, 143, "xml"}, {600, 1017, "point"}, {603, 1020, "box"}, {650, 651, "cidr"}, {700, 1021, "float4"},
    {701, 1022, "float8"}, {718, 719, "circle"}, {774, 775, "macaddr8"}, {790, 791, "money"}, {829, 1040, "macaddr"},
    {869, 1041, "inet"}, {1042, 1014, "bpchar"}, {1043, 1015, "varchar"}, {1082, 1182, "date"}, {1083, 1183, "time"},
    {1114, 1115, "timestamp"}, {1184, 1185, "timestamptz"}, {1186, 1187, "interval"}, {1266, 1270, "timetz"},
    {1560, 1561, "bit"}, {1562, 1563, "varbit"}, {1700, 1231, "numeric"}, {1790, 2201, "refcursor"}, {2950, 2951, "uuid"}, {3614, 3643, "tsvector"},
    {3802, 3807, "jsonb"}, {3904, 3905, "int4range"}, {3906, 3907, "numrange"}, {3908, 3909, "tsrange"},
    {3910, 3911, "tstzrange"}, {3912, 3913, "daterange"}, {3926, 3927, "int8range"},
});

// Types of extensions and of users, under oids of our own.
namespace test_oid {
enum : std::uint32_t {
  citext = 16'401, hstore, ltree, geometry, geography, mood, mood_array, composite, composite_array, numeric_domain,
  numeric_domain_domain, hstore_array, geometry_array,
  mood_domain, hstore_domain, text_array_domain, isbn, isbn_array
};
}

inline TypeRegistry builtin_types() {
  TypeRegistry types;
  const auto add = [&](std::uint32_t oid, std::string name, char kind = 'b', std::uint32_t element = 0) {
    TypeInfo type{.oid = oid, .name = std::move(name), .schema = "pg_catalog", .kind = kind,
                  .category = element == 0 ? 'U' : 'A', .element = element};
    if (type.name == "box") type.delimiter = ';';
    if (type.name == "geometry" || type.name == "geography") type.delimiter = ':';
    if (kind == 'e') type.labels = {"sad", "ok", "very \"happy\"", "na\xC3\xAFve"};
    types.add(std::move(type));
  };
  for (const BuiltinType& type : k_builtin_types) {
    add(type.oid, type.name);
    add(type.array_oid, std::string{"_"} + type.name, 'b', type.oid);
  }
  add(test_oid::citext, "citext");
  add(test_oid::hstore, "hstore");
  add(test_oid::ltree, "ltree");
  add(test_oid::geometry, "geometry");
  add(test_oid::geography, "geography");
  add(test_oid::mood, "mood", 'e');
  add(test_oid::mood_array, "_mood", 'b', test_oid::mood);
  add(test_oid::composite, "comp", 'c');
  add(test_oid::composite_array, "_comp", 'b', test_oid::composite);
  add(test_oid::hstore_array, "_hstore", 'b', test_oid::hstore);
  add(test_oid::geometry_array, "_geometry", 'b', test_oid::geometry);
  types.add({.oid = test_oid::numeric_domain, .name = "dnum", .schema = "public", .kind = 'd', .base = 1700,
             .base_typmod = (8 << 16 | 3) + 4});
  types.add({.oid = test_oid::numeric_domain_domain, .name = "ddnum", .schema = "public", .kind = 'd',
             .base = test_oid::numeric_domain});
  types.add({.oid = test_oid::mood_domain, .name = "dmood", .schema = "public", .kind = 'd', .category = 'E',
             .base = test_oid::mood});
  types.add({.oid = test_oid::hstore_domain, .name = "dhstore", .schema = "public", .kind = 'd', .base = test_oid::hstore});
  types.add({.oid = test_oid::text_array_domain, .name = "dtexts", .schema = "public", .kind = 'd', .category = 'A',
             .base = 1009});
  add(test_oid::isbn, "isbn");
  add(test_oid::isbn_array, "_isbn", 'b', test_oid::isbn);
  return types;
}

}  // namespace millrace::postgres
