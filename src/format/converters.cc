// The converters that go by the general tree alone, and the list of all.
#include <array>
#include <memory>

#include "format/converter.h"
#include "format/java_text.h"
#include "format/json_converter.h"
#include "format/json_writer.h"

namespace millrace {

namespace {

constexpr std::string_view k_json = "org.apache.kafka.connect.json.JsonConverter";
constexpr std::string_view k_string = "org.apache.kafka.connect.storage.StringConverter";
constexpr std::string_view k_byte_array = "org.apache.kafka.connect.converters.ByteArrayConverter";
constexpr std::string_view k_simple_header = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

using Convert = Result<bool> (*)(const SchemaPtr& schema, const Value& value, Output& out);

// A compiled form that builds the tree of each record and converts that.
class ShapeThroughTree final : public CompiledShape {
 public:
  ShapeThroughTree(Convert convert, const Shape& shape) : convert_{convert} { plan_.value = shape; }

  Result<bool> write(std::span<const Datum> slots, Output& out) const override {
    const ConnectRecord tree = to_tree(Record{.plan = &plan_, .slots = slots});
    return convert_(tree.value_schema, tree.value, out);
  }

 private:
  Convert convert_;
  RecordPlan plan_;
};

class TreeConverter final : public Converter {
 public:
  explicit TreeConverter(Convert function) : convert_{function} {}

  Result<std::unique_ptr<CompiledShape>> compile(const Shape& shape) const override {
    return std::make_unique<ShapeThroughTree>(convert_, shape);
  }
  Result<bool> convert(const SchemaPtr& schema, const Value& value, Output& out) const override {
    return convert_(schema, value, out);
  }

 private:
  Convert convert_;
};

Result<bool> convert_to_string(const SchemaPtr& schema, const Value& value, Output& out) {
  if (value.is_null()) return false;
  append_java_text(out, schema.get(), value);
  return true;
}

Result<std::unique_ptr<Converter>> create_string_converter(const Config& options) {
  constexpr std::string_view k_encoding = "converter.encoding";
  const std::string encoding = options.get(k_encoding, "UTF-8");
  if (encoding != "UTF-8" && encoding != "UTF8" && encoding != "utf-8" && encoding != "utf8")
    return fail("StringConverter writes UTF-8 only: set " + std::string{k_encoding} +
                    " to UTF-8 or leave it out (it is '" + encoding + "')",
                Retry::no, k_config_exception);
  return std::make_unique<TreeConverter>(convert_to_string);
}

Result<bool> convert_to_bytes(const SchemaPtr& schema, const Value& value, Output& out) {
  if (schema != nullptr && schema->type != Type::bytes)
    return fail("Invalid schema type for ByteArrayConverter: " + std::string{java_type_name(schema->type)}, Retry::no,
                k_data_exception);
  if (value.is_null()) return false;
  const Bytes* bytes = value.bytes();
  const bool decimal = schema != nullptr && is_decimal(*schema);
  if (bytes == nullptr || decimal)
    return fail("ByteArrayConverter is not compatible with objects of type class " +
                    std::string{decimal ? "java.math.BigDecimal" : java_class_name(value)},
                Retry::no, k_data_exception);
  out.append(bytes->data);
  return true;
}

Result<std::unique_ptr<Converter>> create_byte_array_converter(const Config&) {
  return std::make_unique<TreeConverter>(convert_to_bytes);
}

Result<bool> convert_header(const SchemaPtr& schema, const Value& value, Output& out) {
  if (value.is_null()) return false;
  append_header_text(out, schema.get(), value);
  return true;
}

Result<std::unique_ptr<Converter>> create_simple_header_converter(const Config&) {
  return std::make_unique<TreeConverter>(convert_header);
}

struct Registration {
  std::string_view class_name;
  Result<std::unique_ptr<Converter>> (*create)(const Config& options);
  bool headers_only;
};

constexpr std::array k_registrations{
    Registration{k_json, JsonConverter::create, false},
    Registration{k_string, create_string_converter, false},
    Registration{k_byte_array, create_byte_array_converter, false},
    Registration{k_simple_header, create_simple_header_converter, true},
};

Result<std::unique_ptr<Converter>> make(std::string_view class_name, const Config& options, bool for_headers) {
  std::string available;
  for (const Registration& registration : k_registrations) {
    if (registration.headers_only && !for_headers) continue;
    if (registration.class_name == class_name) return registration.create(options);
    if (!available.empty()) available += ", ";
    available += registration.class_name;
  }
  return fail((for_headers ? "header converter class '" : "converter class '") + std::string{class_name} +
                  "' is not known; available: " + available,
              Retry::no, k_config_exception);
}

}  // namespace

Result<std::unique_ptr<Converter>> make_converter(std::string_view class_name, const Config& options) {
  return make(class_name, options, false);
}

Result<std::unique_ptr<Converter>> make_header_converter(std::string_view class_name, const Config& options) {
  return make(class_name, options, true);
}

}  // namespace millrace
