// CodecDraft is a column's codec in the making: each family of types fills it or says that the type is not its own.
// Threads: one. Lifetime: a draft ends in make_codec, which freezes its schema.
#pragma once

#include <string>
#include <string_view>

#include "sources/postgres/types.h"

namespace millrace::postgres {

// The oids of pg_type.dat that never change.
namespace oid {
enum : std::uint32_t {
  boolean = 16, bytea = 17, qchar = 18, name = 19, int8 = 20, int2 = 21, int2vector = 22, int4 = 23, text = 25, oid = 26,
  oidvector = 30, json = 114,
  xml = 142, point = 600, lseg = 601, path = 602, box = 603, polygon = 604, line = 628, circle = 718,
  cidr = 650, float4 = 700, float8 = 701, macaddr8 = 774, money = 790, macaddr = 829,
  inet = 869, bpchar = 1042, varchar = 1043, date = 1082, time = 1083, timestamp = 1114, timestamptz = 1184,
  interval = 1186, timetz = 1266, bit = 1560, bit_array = 1561, varbit = 1562, refcursor = 1790, numeric = 1700,
  uuid = 2950, jsonb = 3802, int4range = 3904, numrange = 3906, tsrange = 3908, tstzrange = 3910, daterange = 3912,
  int8range = 3926
};
}

// A column's type with domains resolved to their root.
struct ColumnType {
  const TypeInfo& type;
  std::int32_t typmod;
  bool optional;
  Phase phase;
  const ValueModes& modes;
};

struct CodecDraft {
  ColumnCodec codec;
  Schema schema;
  Datum fallback{};   // for null in a required column without a default

  Scratch& owned() {
    if (!codec.owned) codec.owned = std::make_shared<Scratch>();
    return *codec.owned;
  }
  // Texts and trees that live as long as the codec.
  std::string_view keep(std::string_view text);
  Datum keep(Value value);
};

// True: the type belongs to the family and the draft is filled.
bool draft_number(const ColumnType& column, CodecDraft& draft);     // bool, integers, floats, oid
bool draft_decimal(const ColumnType& column, CodecDraft& draft);    // numeric, money
bool draft_text(const ColumnType& column, CodecDraft& draft);       // texts, json, uuid, enums, networks, ranges
bool draft_binary(const ColumnType& column, CodecDraft& draft);     // bytea, bit, varbit
bool draft_temporal(const ColumnType& column, CodecDraft& draft);
bool draft_geometry(const ColumnType& column, CodecDraft& draft);   // point, PostGIS
bool draft_hstore(const ColumnType& column, CodecDraft& draft);
void draft_unknown(const ColumnType& column, CodecDraft& draft);    // include.unknown.datatypes
// Arrays: `element` is the draft of the element type, none when that has no converter. False: left out.
bool draft_array(const ColumnType& column, const TypeInfo& element_type, CodecDraft* element, CodecDraft& draft);

// Text that is none of the type: names column, type and the first 40 characters.
std::unexpected<Error> unreadable(const ColumnCodec& codec, std::string_view type, std::string_view text);
// A value that Debezium cannot convert either: null, counted and one WARN per column; inside an array or in a default
// an error.
Result<Datum> unconvertible(const ColumnCodec& codec, std::string_view reason);

// Between the two forms of a value. A Datum made of a Value is a view into it.
Value value_of(const Datum& datum, const Schema& schema);
Datum datum_of(const Value& value);

// Appends the default that a default expression gives to the schema (none: leaves it alone).
void apply_default(const ColumnFacts& facts, const ColumnType& column, CodecDraft& draft);

}  // namespace millrace::postgres
