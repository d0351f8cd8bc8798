// Everything whose record value is PostgreSQL's own text.
#include "core/envelope.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

Result<Datum> decode_text(const ColumnCodec&, std::string_view text, Scratch&) { return Datum::string(text); }

// The streamed `name` is lost by Debezium 2.7: null, or the fallback of a required column. Only where unknown types are
// included it is found again.
Result<Datum> decode_name_streaming(const ColumnCodec& codec, std::string_view, Scratch&) { return codec.fallback; }

std::string allowed_labels(const std::vector<std::string>& labels) {
  std::string text;
  for (const std::string& label : labels) {
    if (!text.empty()) text += ',';
    text += label;
  }
  return text;
}

// The semantic name of a text type; empty: none. False: the type is not one of texts.
bool semantic_name(const TypeInfo& type, std::string_view& name) {
  name = {};
  switch (type.oid) {
    case oid::text: case oid::varchar: case oid::bpchar: case oid::qchar: case oid::name:
    case oid::inet: case oid::cidr: case oid::macaddr: case oid::macaddr8:
    case oid::int4range: case oid::int8range: case oid::numrange:
    case oid::tsrange: case oid::tstzrange: case oid::daterange:
      return true;
    case oid::json: case oid::jsonb:
      name = "io.debezium.data.Json";
      return true;
    case oid::xml:
      name = "io.debezium.data.Xml";
      return true;
    case oid::uuid:
      name = "io.debezium.data.Uuid";
      return true;
    default:
      break;
  }
  if (type.kind == 'e') {
    name = "io.debezium.data.Enum";
    return true;
  }
  if (type.name == "ltree") {
    name = "io.debezium.data.Ltree";
    return true;
  }
  return type.name == "citext" || type.name == "isbn";
}

}  // namespace

bool draft_text(const ColumnType& column, CodecDraft& draft) {
  std::string_view name;
  if (!semantic_name(column.type, name)) return false;
  draft.schema = name.empty() ? Schema{.type = Type::string, .optional = column.optional}
                              : envelope::semantic_schema(Type::string, name, column.optional);
  if (column.type.kind == 'e') draft.schema.parameters = {{"allowed", allowed_labels(column.type.labels)}};
  const bool lost = column.type.oid == oid::name && column.phase == Phase::streaming && !column.modes.include_unknown;
  draft.codec.decode = lost ? decode_name_streaming : decode_text;
  draft.fallback = Datum::string("");
  draft.codec.unavailable = Datum::string(draft.keep(column.modes.unavailable));
  return true;
}

}  // namespace millrace::postgres
