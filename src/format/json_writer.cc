#include "format/json_writer.h"

#include <charconv>
#include <utility>

#include "core/json_text.h"
#include "core/struct_access.h"

namespace millrace {

namespace {

constexpr std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean: return "boolean";
    case Type::int8: return "int8";
    case Type::int16: return "int16";
    case Type::int32: return "int32";
    case Type::int64: return "int64";
    case Type::float32: return "float";
    case Type::float64: return "double";
    case Type::string: return "string";
    case Type::bytes: return "bytes";
    case Type::array: return "array";
    case Type::map: return "map";
    case Type::structure: return "struct";
  }
  return "";
}

// The way from the root to a value, for errors; it lives on the stack of the recursion.
struct Where {
  const Where* parent = nullptr;
  std::string_view field;

  std::string text() const {
    std::string path = parent == nullptr ? "" : parent->text();
    if (field.empty()) return path;
    if (!path.empty()) path += '.';
    return path.append(field);
  }
};

// One walk over one value or schema.
class Walk {
 public:
  Walk(const JsonOptions& options, Output& out) : options_{options}, out_{out} {}

  Result<void> schema(const Schema* schema, const std::string* field) const {
    if (schema == nullptr) {
      out_.append("null");
      return {};
    }
    out_.append(R"({"type":")");
    out_.append(type_name(schema->type));
    out_.append('"');
    MR_CHECK(parts(*schema));
    out_.append(schema->optional ? R"(,"optional":true)" : R"(,"optional":false)");
    if (!schema->name.empty()) member("name", schema->name);
    if (schema->version) {
      out_.append(R"(,"version":)");
      integer(*schema->version);
    }
    if (!schema->doc.empty()) member("doc", schema->doc);
    if (!schema->parameters.empty()) parameters(*schema);
    if (schema->default_value != nullptr && !schema->default_value->is_null()) {
      out_.append(R"(,"default":)");
      const Where where{.field = field == nullptr ? std::string_view{"default"} : std::string_view{*field}};
      MR_CHECK(value(schema, *schema->default_value, where));
    }
    if (field != nullptr) member("field", *field);
    out_.append('}');
    return {};
  }

  Result<void> value(const Schema* schema, const Value& value, const Where& where) const {
    if (value.is_null()) return null(schema, where);
    if (schema == nullptr) return schemaless(value, where);
    switch (schema->type) {
      case Type::boolean:
        if (const bool* truth = value.boolean()) return text(*truth ? "true" : "false");
        break;
      case Type::int8: case Type::int16: case Type::int32: case Type::int64:
        if (const std::int64_t* number = value.integer()) return integer(*number);
        break;
      case Type::float32:
        if (const float* number = value.float32()) return floating(*number);
        break;
      case Type::float64:
        if (const double* number = value.float64()) return floating(*number);
        break;
      case Type::string:
        if (const std::string* characters = value.string()) return string(*characters);
        break;
      case Type::bytes:
        if (const Bytes* bytes = value.bytes()) return binary(*schema, bytes->data, where);
        break;
      case Type::array:
        if (const Value::Array* array = value.array()) return elements(schema->values.get(), *array, where);
        break;
      case Type::map:
        if (const Value::Map* map = value.map()) return entries(schema, *map, where);
        break;
      case Type::structure:
        if (const Value::Struct* structure = value.structure()) return fields(*schema, *structure, where);
        break;
    }
    return failed("Invalid type for " + std::string{type_constant(schema->type)}.append(": class ").append(java_class_of(nullptr, value)), where);
  }

  Result<void> null(const Schema* schema, const Where& where) const {
    if (schema == nullptr) return text("null");
    const Value* fallback = schema->default_value.get();
    if (options_.null_to_default && fallback != nullptr && !fallback->is_null()) return value(schema, *fallback, where);
    if (schema->optional) return text("null");
    return failed("Conversion error: null value for field that is required and has no default value", where);
  }

  Result<void> integer(std::int64_t number) const {
    char* to = out_.reserve(k_integer_room);
    out_.advance(static_cast<std::size_t>(write_integer(to, number) - to));
    return {};
  }

  Result<void> string(std::string_view characters) const {
    append_json_string(out_, characters);
    return {};
  }

  Result<void> binary(const Schema& schema, std::string_view bytes, const Where& where) const {
    if (options_.decimal == DecimalFormat::base64 || !is_decimal(schema)) {
      append_json_bytes(out_, bytes);
      return {};
    }
    auto scale = decimal_scale(schema);
    if (!scale) return failed(scale.error().text, where);
    return text(decimal_text(bytes, *scale));
  }

  std::unexpected<Error> failed(std::string problem, const Where& where) const {
    if (const std::string path = where.text(); !path.empty()) problem += " (" + path + ")";
    return fail(std::move(problem), Retry::no, k_data_exception);
  }

 private:
  Result<void> text(std::string_view characters) const {
    out_.append(characters);
    return {};
  }

  template <typename Float>
  Result<void> floating(Float number) const {
    char* to = out_.reserve(k_float_room);
    out_.advance(static_cast<std::size_t>(write_json_float(to, number) - to));
    return {};
  }

  void member(std::string_view name, std::string_view text_value) const {
    out_.append(R"(,")");
    out_.append(name);
    out_.append(R"(":)");
    append_json_string(out_, text_value);
  }

  // What a schema consists of: items, keys and values, fields.
  Result<void> parts(const Schema& schema) const {
    switch (schema.type) {
      case Type::array:
        out_.append(R"(,"items":)");
        return this->schema(schema.values.get(), nullptr);
      case Type::map:
        out_.append(R"(,"keys":)");
        MR_CHECK(this->schema(schema.keys.get(), nullptr));
        out_.append(R"(,"values":)");
        return this->schema(schema.values.get(), nullptr);
      case Type::structure: {
        out_.append(R"(,"fields":[)");
        bool first = true;
        for (const Field& field : schema.fields) {
          if (!std::exchange(first, false)) out_.append(',');
          MR_CHECK(this->schema(field.schema.get(), &field.name));
        }
        out_.append(']');
        return {};
      }
      default: return {};
    }
  }

  void parameters(const Schema& schema) const {
    out_.append(R"(,"parameters":{)");
    bool first = true;
    for (const auto& [name, parameter] : schema.parameters) {
      if (!std::exchange(first, false)) out_.append(',');
      append_json_string(out_, name);
      out_.append(':');
      append_json_string(out_, parameter);
    }
    out_.append('}');
  }

  Result<void> schemaless(const Value& value, const Where& where) const {
    if (const bool* truth = value.boolean()) return text(*truth ? "true" : "false");
    if (const std::int64_t* number = value.integer()) return integer(*number);
    if (const float* number = value.float32()) return floating(*number);
    if (const double* number = value.float64()) return floating(*number);
    if (const std::string* characters = value.string()) return string(*characters);
    if (const Bytes* bytes = value.bytes()) {
      append_json_bytes(out_, bytes->data);
      return {};
    }
    if (const Value::Array* array = value.array()) return elements(nullptr, *array, where);
    if (const Value::Map* map = value.map()) return entries(nullptr, *map, where);
    return failed("Mismatching schema.", where);   // a struct is refused, though it knows its schema
  }

  Result<void> elements(const Schema* items, const Value::Array& array, const Where& where) const {
    out_.append('[');
    bool first = true;
    for (const Value& element : array) {
      if (!std::exchange(first, false)) out_.append(',');
      MR_CHECK(value(items, element, where));
    }
    out_.append(']');
    return {};
  }

  // JSON's objects have text for keys only: other keys make it a list of pairs.
  static bool is_object(const Schema* map_schema, const Value::Map& map) {
    if (map_schema != nullptr && map_schema->keys != nullptr) return map_schema->keys->type == Type::string;
    for (const auto& [key, mapped] : map)
      if (key.string() == nullptr) return false;
    return true;
  }

  Result<void> entries(const Schema* map_schema, const Value::Map& map, const Where& where) const {
    const Schema* keys = map_schema == nullptr ? nullptr : map_schema->keys.get();
    const Schema* values = map_schema == nullptr ? nullptr : map_schema->values.get();
    const bool object = is_object(map_schema, map);
    out_.append(object ? '{' : '[');
    bool first = true;
    for (const auto& [key, mapped] : map) {
      if (!std::exchange(first, false)) out_.append(',');
      if (!object) out_.append('[');
      MR_CHECK(object ? object_key(keys, key, where) : value(keys, key, where));
      out_.append(object ? ':' : ',');
      MR_CHECK(value(values, mapped, where));
      if (!object) out_.append(']');
    }
    out_.append(object ? '}' : ']');
    return {};
  }

  Result<void> object_key(const Schema* keys, const Value& key, const Where& where) const {
    const bool has_default = keys != nullptr && keys->default_value != nullptr && options_.null_to_default;
    if (key.is_null() && keys != nullptr && keys->optional && !has_default) return text(R"("null")");
    return value(keys, key, where);
  }

  Result<void> fields(const Schema& schema, const Value::Struct& structure, const Where& where) const {
    if (structure.fields.size() != schema.fields.size()) return failed("Mismatching schema.", where);
    out_.append('{');
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      if (i != 0) out_.append(',');
      const Field& field = schema.fields[i];
      append_json_string(out_, field.name);
      out_.append(':');
      MR_CHECK(value(field.schema.get(), structure.fields[i], Where{.parent = &where, .field = field.name}));
    }
    out_.append('}');
    return {};
  }

  const JsonOptions& options_;
  Output& out_;
};

}  // namespace

Result<int> decimal_scale(const Schema& schema) {
  for (const auto& [name, text] : schema.parameters) {
    if (name != "scale") continue;
    int scale = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), scale);
    if (problem != std::errc{} || end != text.data() + text.size())
      return fail("Invalid scale parameter found in Decimal schema: " + text, Retry::no, k_data_exception);
    return scale;
  }
  return fail("Invalid Decimal schema: scale parameter not found.", Retry::no, k_data_exception);
}

Result<void> JsonWriter::schema(const Schema* schema, Output& out) const {
  return Walk{options_, out}.schema(schema, nullptr);
}

Result<void> JsonWriter::value(const Schema* schema, const Value& value, Output& out) const {
  return Walk{options_, out}.value(schema, value, Where{});
}

Result<void> JsonWriter::datum(const Schema* schema, const Datum& datum, Output& out, std::string_view where) const {
  const Walk walk{options_, out};
  const Where at{.field = where};
  if (datum.kind == Datum::Kind::tree) return walk.value(schema, *datum.tree, at);
  return walk.value(schema, to_value(datum), at);
}

}  // namespace millrace
