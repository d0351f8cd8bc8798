// Arrays of one dimension. What pgjdbc makes of nested ones is copied: the numbers become nulls.
#include <algorithm>

#include "sources/postgres/array_text.h"
#include "sources/postgres/codec_draft.h"
#include "sources/postgres/name_uuid.h"

namespace millrace::postgres {
namespace {

// Arrays that Debezium 2.7 has no converter for, although their elements have one.
bool has_no_converter(const TypeInfo& element) {
  switch (element.oid) {
    case oid::money: case oid::name: case oid::interval: case oid::bit: case oid::varbit: case oid::xml:
    case oid::point: case oid::refcursor:
      return true;
    default:
      return false;
  }
}

// A nested array: strings keep the server's text of it, everything else becomes null.
Value nested(const ColumnCodec& element, std::string_view text) {
  return element.schema->type == Type::string && element.schema->name.empty() ? Value{text} : Value{};
}

// Whether a NULL among the elements fails in Debezium's converter, although the schema would allow it.
bool fails_on_null(const ColumnCodec& element) {
  return !element.schema->optional || element.schema->name == "io.debezium.data.Ltree";
}

Result<Datum> decode_array(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  const ColumnCodec& element = *codec.element;
  ArrayText walk{text, static_cast<char>(codec.detail)};
  Value::Array items;
  items.reserve(std::min<std::size_t>(text.size() / 2, 16));
  ArrayText::Item item;
  while (walk.next(item)) {
    if (item.is_null) {
      if (fails_on_null(element)) return unconvertible(codec, "an element is NULL, which does not convert");
      items.emplace_back();
      continue;
    }
    if (item.is_array) {
      items.push_back(nested(element, item.text));
      continue;
    }
    const auto datum = element.decode(element, item.text, scratch);
    if (!datum) return unconvertible(codec, datum.error().text);
    items.push_back(value_of(*datum, *element.schema));
  }
  if (!walk.ok()) return unreadable(codec, "array", text);
  return Datum::of(scratch.tree(Value{std::move(items)}));
}

Result<Datum> decode_bit_array(const ColumnCodec& codec, std::string_view, Scratch&) {
  return unconvertible(codec, "arrays of bit do not convert");
}

// int2vector and oidvector print without braces, in which pgjdbc finds no element.
Result<Datum> decode_vector(const ColumnCodec&, std::string_view, Scratch& scratch) {
  return Datum::of(scratch.tree(Value{Value::Array{}}));
}

// The bytes of the placeholder as numbers: what Debezium makes of it for arrays of integers and dates.
Value::Array codes_of(std::string_view text) {
  Value::Array codes;
  for (const char c : text) codes.emplace_back(std::int64_t{static_cast<signed char>(c)});
  return codes;
}

void set_unavailable(const ColumnType& column, const TypeInfo& element, CodecDraft& draft) {
  const std::string& placeholder = column.modes.unavailable;
  switch (element.oid) {
    case oid::text: case oid::varchar: case oid::json: case oid::jsonb:
      draft.codec.unavailable = draft.keep(Value{Value::Array{Value{placeholder}}});
      return;
    case oid::bytea:   // as texts they have none
      if (column.modes.binary == BinaryMode::bytes)
        draft.codec.unavailable = draft.keep(Value{Value::Array{Value{Bytes{placeholder}}}});
      return;
    case oid::date:   // as java.util.Date they have none
      if (column.modes.time == TimePrecision::connect) return;
      [[fallthrough]];
    case oid::int4: case oid::int8:
      draft.codec.unavailable = draft.keep(Value{codes_of(placeholder)});
      return;
    case oid::uuid:
      draft.codec.unavailable = draft.keep(Value{Value::Array{Value{name_uuid(placeholder)}}});
      return;
    default:
      return;
  }
}

}  // namespace

bool draft_array(const ColumnType& column, const TypeInfo& element_type, CodecDraft* element, CodecDraft& draft) {
  if (element_type.oid == oid::bit) {
    draft_binary({.type = element_type, .typmod = column.typmod, .optional = column.optional, .phase = column.phase,
                  .modes = column.modes},
                 draft);
    draft.codec.decode = decode_bit_array;
    return true;
  }
  if (element == nullptr || has_no_converter(element_type)) return false;
  // Debezium 2.7 forgets to make the elements of enums, isbn and vectors optional.
  const bool vector = column.type.oid == oid::int2vector || column.type.oid == oid::oidvector;
  if (element_type.kind == 'e' || element_type.name == "isbn" || vector) element->schema.optional = false;
  element->codec.schema = std::make_shared<const Schema>(std::move(element->schema));
  draft.schema = {.type = Type::array, .optional = column.optional};
  draft.schema.values = element->codec.schema;
  draft.codec.element = std::make_shared<const ColumnCodec>(std::move(element->codec));
  draft.codec.detail = element_type.delimiter;
  draft.codec.decode = vector ? decode_vector : decode_array;
  draft.fallback = draft.keep(Value{Value::Array{}});
  set_unavailable(column, element_type, draft);
  return true;
}

}  // namespace millrace::postgres
