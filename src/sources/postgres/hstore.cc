// hstore: "key"=>"value", "other"=>NULL. The driver puts the pairs into a Java HashMap, whose order shows.
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/envelope.h"
#include "core/java_hash.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

using Pair = std::pair<std::string, std::optional<std::string>>;

// A quoted text with backslash escapes, taken from the front.
bool take_quoted(std::string_view& text, std::string& out) {
  if (!text.starts_with('"')) return false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return true;
    }
    if (text[at] == '\\' && ++at == text.size()) return false;
    out += text[at];
  }
  return false;
}

bool take_token(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

bool read_pairs(std::string_view text, std::vector<Pair>& pairs) {
  while (!text.empty()) {
    Pair pair;
    if (!take_quoted(text, pair.first) || !take_token(text, "=>")) return false;
    if (!take_token(text, "NULL")) {
      pair.second.emplace();
      if (!take_quoted(text, *pair.second)) return false;
    }
    pairs.push_back(std::move(pair));
    if (!text.empty() && (!take_token(text, ", ") || text.empty())) return false;
  }
  return true;
}

void in_java_order(std::vector<Pair>& pairs) {
  if (pairs.size() < 2) return;
  std::vector<std::string> keys;
  for (const Pair& pair : pairs) keys.push_back(pair.first);
  std::vector<Pair> ordered;
  for (const std::size_t index : java_hash_map_order(keys)) ordered.push_back(std::move(pairs[index]));
  pairs = std::move(ordered);
}

// As Jackson writes into a String: only quotes, backslashes and controls are escaped.
void append_json(std::string& out, std::string_view text) {
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += k_hex[static_cast<unsigned char>(c) >> 4];
          out += k_hex[static_cast<unsigned char>(c) & 15];
        }
    }
  }
  out += '"';
}

std::string json_of(const std::vector<Pair>& pairs) {
  std::string out = "{";
  for (const auto& [key, value] : pairs) {
    if (out.size() > 1) out += ',';
    append_json(out, key);
    out += ':';
    if (value) append_json(out, *value);
    else out += "null";
  }
  return out + "}";
}

Value::Map map_of(std::vector<Pair> pairs) {
  Value::Map map;
  for (auto& [key, value] : pairs) map.emplace_back(Value{std::move(key)}, value ? Value{std::move(*value)} : Value{});
  return map;
}

Result<Datum> decode_json(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::vector<Pair> pairs;
  if (!read_pairs(text, pairs)) return unreadable(codec, "hstore", text);
  in_java_order(pairs);
  const std::string json = json_of(pairs);
  char* const place = scratch.bytes(json.size());
  json.copy(place, json.size());
  return Datum::string({place, json.size()});
}

Result<Datum> decode_map(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::vector<Pair> pairs;
  if (!read_pairs(text, pairs)) return unreadable(codec, "hstore", text);
  in_java_order(pairs);
  return Datum::of(scratch.tree(Value{map_of(std::move(pairs))}));
}

}  // namespace

bool draft_hstore(const ColumnType& column, CodecDraft& draft) {
  if (column.type.name != "hstore") return false;
  const std::string& placeholder = column.modes.unavailable;
  const std::vector<Pair> unavailable{{placeholder, placeholder}};
  if (column.modes.hstore_as_map) {
    draft.schema = {.type = Type::map, .optional = column.optional};
    draft.schema.keys = envelope::plain_schema(Type::string, false);
    draft.schema.values = envelope::plain_schema(Type::string, true);
    draft.codec.decode = decode_map;
    draft.fallback = draft.keep(Value{Value::Map{}});
    draft.codec.unavailable = draft.keep(Value{map_of(unavailable)});
    return true;
  }
  draft.schema = envelope::semantic_schema(Type::string, "io.debezium.data.Json", column.optional);
  draft.codec.decode = decode_json;
  draft.fallback = Datum::string("{}");
  draft.codec.unavailable = Datum::string(draft.keep(json_of(unavailable)));
  return true;
}

}  // namespace millrace::postgres
