// Schemas and values as short texts, so that expectations of tests are literal.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/numbers.h"
#include "sources/postgres/builtin_types.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {

// Bytes print as base64, as in the recordings; strings in quotes.
inline std::string text_of(const Value& value) {
  if (value.is_null()) return "null";
  if (const bool* boolean = value.boolean()) return *boolean ? "true" : "false";
  if (const std::int64_t* number = value.integer()) return std::to_string(*number);
  if (const float* number = value.float32()) return float_text(*number);
  if (const double* number = value.float64()) return double_text(*number);
  if (const std::string* text = value.string()) return "\"" + *text + "\"";
  if (const Bytes* bytes = value.bytes()) return "b:" + base64(bytes->data);
  std::string out;
  if (const Value::Array* array = value.array()) {
    for (const Value& item : *array) out += (out.empty() ? "" : ",") + text_of(item);
    return "[" + out + "]";
  }
  if (const Value::Map* map = value.map()) {
    for (const auto& [key, item] : *map) out += (out.empty() ? "" : ",") + text_of(key) + ":" + text_of(item);
    return "{" + out + "}";
  }
  const Value::Struct& structure = *value.structure();
  for (std::size_t i = 0; i < structure.fields.size(); ++i)
    out += (out.empty() ? "" : ",") + structure.schema->fields[i].name + "=" + text_of(structure.fields[i]);
  return "(" + out + ")";
}

// int32? io.debezium.time.Date/1 {scale=2} =default; "?" is optional.
inline std::string text_of(const SchemaPtr& schema) {
  if (schema == nullptr) return "none";
  constexpr std::array<const char*, 12> k_names{"boolean", "int8",   "int16", "int32", "int64", "float",
                                                "double",  "string", "bytes", "array", "map",   "struct"};
  std::string out = k_names[static_cast<std::size_t>(schema->type)];
  if (schema->type == Type::array) out += "<" + text_of(schema->values) + ">";
  if (schema->type == Type::map) out += "<" + text_of(schema->keys) + "," + text_of(schema->values) + ">";
  if (schema->type == Type::structure) {
    std::string fields;
    for (const Field& field : schema->fields) fields += (fields.empty() ? "" : ", ") + field.name + " " + text_of(field.schema);
    out += "<" + fields + ">";
  }
  if (schema->optional) out += "?";
  if (!schema->name.empty()) out += " " + schema->name;
  if (schema->version) out += fmt::format("/{}", *schema->version);
  if (!schema->doc.empty()) out += " doc=" + schema->doc;
  for (const auto& [name, text] : schema->parameters) out += fmt::format(" {{{}={}}}", name, text);
  if (schema->default_value) out += " =" + text_of(*schema->default_value);
  return out;
}

// One column and what becomes of its texts.
struct Column {
  std::uint32_t type = 0;
  std::int32_t typmod = -1;
  bool optional = true;
  Phase phase = Phase::streaming;
  ValueModes modes{};
  std::optional<std::string> default_expression{};

  ColumnCodec codec() const {
    static const TypeRegistry types = builtin_types();
    return make_codec({.name = "c", .type_oid = type, .typmod = typmod, .optional = optional,
                       .default_expression = default_expression},
                      types, modes, phase);
  }
  std::string schema() const { return text_of(codec().schema); }
  std::string value(std::string_view text) const {
    const ColumnCodec made = codec();
    if (made.schema == nullptr) return "left out";
    // In memory of its own, so that a read past the end is seen by the address sanitizer.
    const std::unique_ptr<char[]> exact{new char[text.size()]};
    text.copy(exact.get(), text.size());
    Scratch scratch;
    const auto datum = made.decode(made, {exact.get(), text.size()}, scratch);
    return datum ? text_of(value_of(*datum, *made.schema)) : "error: " + datum.error().text;
  }
  std::string fallback() const {
    const ColumnCodec made = codec();
    return text_of(value_of(made.fallback, *made.schema));
  }
  std::string unavailable() const {
    const ColumnCodec made = codec();
    return text_of(value_of(made.unavailable, *made.schema));
  }
};

constexpr std::int32_t numeric_typmod(int precision, int scale) { return (precision << 16 | (scale & 0x7FF)) + 4; }

}  // namespace millrace::postgres
