// point, and PostGIS' geometry and geography.
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "core/envelope.h"
#include "core/letters.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

constexpr std::size_t k_point_wkb_bytes = 21;
constexpr std::uint32_t k_srid_flag = 0x2000'0000;

// Well-known binary of a point: little endian mark, kind 1, x, y.
std::string point_wkb(double x, double y) {
  static_assert(std::endian::native == std::endian::little);
  std::string wkb(k_point_wkb_bytes, '\0');
  wkb[0] = 1;
  wkb[1] = 1;
  std::memcpy(wkb.data() + 5, &x, sizeof x);
  std::memcpy(wkb.data() + 13, &y, sizeof y);
  return wkb;
}

Value point_value(const SchemaPtr& schema, double x, double y) {
  return Value{Value::Struct{schema, {Value{x}, Value{y}, Value{Bytes{point_wkb(x, y)}}, Value{}}}};
}

bool take_double(std::string_view& text, double& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

// (1.5,-2.25)
Result<Datum> decode_point(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string_view rest = text;
  double x = 0;
  double y = 0;
  const bool open = rest.starts_with('(');
  if (open) rest.remove_prefix(1);
  const bool first = open && take_double(rest, x) && rest.starts_with(',');
  if (first) rest.remove_prefix(1);
  if (!first || !take_double(rest, y) || rest != ")") return unreadable(codec, "point", text);
  return Datum::of(scratch.tree(point_value(codec.schema, x, y)));
}

bool append_hex(std::string_view text, std::string& bytes) {
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

// The SRID of extended well-known binary; false when the bytes are cut.
bool read_srid(std::string_view wkb, Value& srid) {
  if (wkb.size() < 5) return false;
  const bool little = wkb.front() == 1;
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8 | static_cast<unsigned char>(wkb[at + (little ? 3 - i : i)]);
    return value;
  };
  if ((number(1) & k_srid_flag) == 0) return true;
  if (wkb.size() < 9) return false;
  srid = Value{std::int64_t{static_cast<std::int32_t>(number(5))}};
  return true;
}

Result<Datum> decode_geometry(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string wkb;
  Value srid;
  if (!append_hex(text, wkb) || !read_srid(wkb, srid)) return unreadable(codec, "geometry", text);
  return Datum::of(scratch.tree(Value{Value::Struct{codec.schema, {Value{Bytes{std::move(wkb)}}, std::move(srid)}}}));
}

Schema point_schema(bool optional) {
  Schema schema = envelope::semantic_schema(Type::structure, "io.debezium.data.geometry.Point", optional);
  schema.doc = "Geometry (POINT)";
  schema.fields = {{"x", envelope::plain_schema(Type::float64, false)},
                   {"y", envelope::plain_schema(Type::float64, false)},
                   {"wkb", envelope::plain_schema(Type::bytes, true)},
                   {"srid", envelope::plain_schema(Type::int32, true)}};
  return schema;
}

Schema geometry_schema(std::string_view name, std::string_view doc, bool optional) {
  Schema schema = envelope::semantic_schema(Type::structure, name, optional);
  schema.doc = doc;
  schema.fields = {{"wkb", envelope::plain_schema(Type::bytes, false)},
                   {"srid", envelope::plain_schema(Type::int32, true)}};
  return schema;
}

}  // namespace

bool draft_geometry(const ColumnType& column, CodecDraft& draft) {
  if (column.type.oid == oid::point) {
    draft.schema = point_schema(column.optional);
    draft.codec.decode = decode_point;
    draft.fallback = draft.keep(point_value(std::make_shared<const Schema>(draft.schema), 0, 0));
    return true;
  }
  const bool geography = column.type.name == "geography";
  if (!geography && column.type.name != "geometry") return false;
  // Debezium's builder makes a geometry optional whatever the column says.
  draft.schema = geography ? geometry_schema("io.debezium.data.geometry.Geography", "Geography", column.optional)
                           : geometry_schema("io.debezium.data.geometry.Geometry", "Geometry", true);
  draft.codec.decode = decode_geometry;
  // GEOMETRYCOLLECTION EMPTY
  constexpr std::string_view k_empty_collection{"\x01\x07\0\0\0\0\0\0\0", 9};
  draft.fallback = draft.keep(Value{Value::Struct{std::make_shared<const Schema>(draft.schema),
                                                  {Value{Bytes{std::string{k_empty_collection}}}, Value{}}}});
  return true;
}

}  // namespace millrace::postgres
