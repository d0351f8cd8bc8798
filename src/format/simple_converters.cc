#include "format/simple_converters.h"

#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/letters.h"
#include "core/struct_access.h"
#include "format/java_text.h"
#include "format/json_writer.h"
#include "format/text_encoding.h"
#include "format/tree_converter.h"

namespace millrace {
namespace {

std::unexpected<Error> data_error(std::string text) { return fail(std::move(text), Retry::no, k_data_exception); }

// Connect's check of the schema, which a null value must pass too.
Result<void> check_schema(const Schema* schema, Type type, std::string_view converter) {
  if (schema == nullptr || schema->type == type) return {};
  return data_error("Invalid schema type for " + std::string{converter} + ": " + std::string{type_constant(schema->type)});
}

std::unexpected<Error> not_compatible(const Schema* schema, const Value& value, std::string_view converter) {
  return data_error(std::string{converter} + " is not compatible with objects of type class " +
                    std::string{java_class_of(schema, value)});
}

Result<bool> convert_to_bytes(const SchemaPtr& schema, const Value& value, Output& out) {
  MR_CHECK(check_schema(schema.get(), Type::bytes, "ByteArrayConverter"));
  if (value.is_null()) return false;
  const Bytes* bytes = value.bytes();
  if (bytes == nullptr || (schema != nullptr && is_decimal(*schema))) return not_compatible(schema.get(), value, "ByteArrayConverter");
  out.append(bytes->data);
  return true;
}

Result<bool> convert_boolean(const SchemaPtr& schema, const Value& value, Output& out) {
  MR_CHECK(check_schema(schema.get(), Type::boolean, "BooleanConverter"));
  if (value.is_null()) return false;
  const bool* truth = value.boolean();
  if (truth == nullptr) return not_compatible(schema.get(), value, "BooleanConverter");
  out.append(*truth ? '\x01' : '\x00');
  return true;
}

template <typename Unsigned>
void append_big_endian(Output& out, Unsigned bits) {
  for (int shift = static_cast<int>(sizeof(Unsigned) - 1) * 8; shift >= 0; shift -= 8) out.append(static_cast<char>(bits >> shift & 0xFF));
}

// Java casts by class: only the very same one serializes.
Result<std::unique_ptr<Converter>> number_converter(std::string_view type_name, std::string_view class_name,
                                                    void (*append)(Output& out, const Value& value)) {
  return std::make_unique<TreeConverter>([=](const SchemaPtr& schema, const Value& value, Output& out) -> Result<bool> {
    if (value.is_null()) return false;
    const std::string_view found = java_class_of(schema.get(), value);
    if (found != class_name)
      return data_error("Failed to serialize to " + std::string{type_name} + " (was class " + std::string{found} + "): ");
    append(out, value);
    return true;
  });
}

// The classes of Java in which bytes come: Debezium's BinaryDataConverter takes both, its ByteArrayConverter one.
enum class Taken { arrays_and_buffers, arrays };

Result<std::unique_ptr<Converter>> delegating_converter(const Config& options, Taken taken) {
  constexpr std::string_view k_delegate = "delegate.converter.type";
  std::shared_ptr<Converter> delegate;
  if (const std::string* name = options.find(k_delegate)) {
    // Java loads the class by its name; short names are Connect's.
    const ConverterClass* found = find_converter(*name);
    if (found == nullptr || found->class_name != *name)
      return fail(std::string{k_delegate} + " is '" + *name + "', which is no converter class that millrace knows: give its full name, as "
                  "org.apache.kafka.connect.json.JsonConverter", Retry::no, k_config_exception);
    MR_TRY(delegate, found->create(options.with_prefix_stripped(std::string{k_delegate} + ".")));
  }
  return std::make_unique<TreeConverter>([=](const SchemaPtr& schema, const Value& value, Output& out) -> Result<bool> {
    const std::string_view java_class = value.is_null() ? "" : java_class_of(schema.get(), value);
    const bool bytes = java_class == k_java_byte_array || (java_class == k_java_buffer && taken == Taken::arrays_and_buffers);
    if (schema == nullptr || schema->type == Type::bytes) {
      if (value.is_null()) return false;
      if (bytes) {
        out.append(value.bytes()->data);
        return true;
      }
    }
    if (delegate) return delegate->convert(schema, value, out);
    StringOutput text;
    if (value.is_null()) text.append("null");
    else append_java_text(text, schema.get(), value);
    return data_error("A record of type '" + std::string{text.written()} + "' requires a delegate.converter.type to be configured");
  });
}

}  // namespace

Result<std::unique_ptr<Converter>> create_string_converter(const Config& options) {
  constexpr std::string_view k_encoding = "converter.encoding";
  const std::string name = options.get(k_encoding, "UTF-8");
  const auto encoding = text_encoding(trimmed(name));
  if (!encoding)
    return fail("Unsupported encoding " + name + ": set " + std::string{k_encoding} +
                    " to UTF-8 (the default), UTF-16, UTF-16BE, UTF-16LE, ISO-8859-1 or US-ASCII",
                Retry::no, k_config_exception);
  return std::make_unique<TreeConverter>([=](const SchemaPtr& schema, const Value& value, Output& out) -> Result<bool> {
    if (value.is_null()) return false;
    if (*encoding == TextEncoding::utf8) {
      append_java_text(out, schema.get(), value);
    } else {
      StringOutput text;
      append_java_text(text, schema.get(), value);
      append_encoded(out, text.written(), *encoding);
    }
    return true;
  });
}

Result<std::unique_ptr<Converter>> create_byte_array_converter(const Config&) {
  return std::make_unique<TreeConverter>(convert_to_bytes);
}

Result<std::unique_ptr<Converter>> create_simple_header_converter(const Config&) {
  return std::make_unique<TreeConverter>([](const SchemaPtr& schema, const Value& value, Output& out) -> Result<bool> {
    if (value.is_null()) return false;
    append_header_text(out, schema.get(), value);
    return true;
  });
}

Result<std::unique_ptr<Converter>> create_boolean_converter(const Config&) {
  return std::make_unique<TreeConverter>(convert_boolean);
}

Result<std::unique_ptr<Converter>> create_double_converter(const Config&) {
  // Java has one bit pattern for all that is no number.
  return number_converter("double", "java.lang.Double", [](Output& out, const Value& value) {
    const double number = *value.float64();
    append_big_endian(out, number != number ? 0x7FF8'0000'0000'0000U : std::bit_cast<std::uint64_t>(number));
  });
}

Result<std::unique_ptr<Converter>> create_float_converter(const Config&) {
  return number_converter("float", "java.lang.Float", [](Output& out, const Value& value) {
    const float number = *value.float32();
    append_big_endian(out, number != number ? std::uint32_t{0x7FC0'0000U} : std::bit_cast<std::uint32_t>(number));
  });
}

Result<std::unique_ptr<Converter>> create_integer_converter(const Config&) {
  return number_converter("integer", "java.lang.Integer", [](Output& out, const Value& value) {
    append_big_endian(out, static_cast<std::uint32_t>(*value.integer()));
  });
}

Result<std::unique_ptr<Converter>> create_long_converter(const Config&) {
  return number_converter("long", "java.lang.Long", [](Output& out, const Value& value) {
    append_big_endian(out, static_cast<std::uint64_t>(*value.integer()));
  });
}

Result<std::unique_ptr<Converter>> create_short_converter(const Config&) {
  return number_converter("short", "java.lang.Short", [](Output& out, const Value& value) {
    append_big_endian(out, static_cast<std::uint16_t>(*value.integer()));
  });
}

Result<std::unique_ptr<Converter>> create_binary_data_converter(const Config& options) {
  return delegating_converter(options, Taken::arrays_and_buffers);
}

Result<std::unique_ptr<Converter>> create_debezium_byte_array_converter(const Config& options) {
  return delegating_converter(options, Taken::arrays);
}

}  // namespace millrace
