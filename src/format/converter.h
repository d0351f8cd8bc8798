// Converter turns keys and values into bytes. Two paths, equal byte for byte: compile() + write() for records
// that follow a plan, convert() for the general tree. Source: Kafka Connect 4.0's Converter and HeaderConverter.
// Threads: one task's thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/output.h"
#include "core/record.h"

namespace millrace {

class CompiledShape {
 public:
  virtual ~CompiledShape() = default;
  // Appends the bytes. False: Kafka's null, nothing was appended.
  // Errors: a Datum that does not fit its schema (a missing required value): the task fails with the text.
  virtual Result<bool> write(std::span<const Datum> slots, Output& out) const = 0;
};

class Converter {
 public:
  virtual ~Converter() = default;
  virtual Result<std::unique_ptr<CompiledShape>> compile(const Shape& shape) const = 0;
  // Schema null: schemaless. False: Kafka's null (schema and value are null).
  virtual Result<bool> convert(const SchemaPtr& schema, const Value& value, Output& out) const = 0;
};

// One class that key.converter, value.converter or header.converter can name.
struct ConverterClass {
  std::string_view class_name;               // Java's
  std::string_view version;
  bool headers_only;                         // SimpleHeaderConverter
  const ConfigDef& (*config_def)();          // without the prefix, in REST's order
  // `options`: without the prefix. Errors name the option.
  Result<std::unique_ptr<Converter>> (*create)(const Config& options);
};
std::span<const ConverterClass> converter_classes();   // by class name

// By class name, simple name ("JsonConverter") or that without its kind ("Json"), as Connect's plugins are named; a short
// name of several classes names none ("ByteArrayConverter": Connect has one and Debezium has one). Null: unknown.
const ConverterClass* find_converter(std::string_view name);
const ConverterClass* find_header_converter(std::string_view name);

// `options`: without the prefix "key.converter." or "value.converter.". Errors name the class or option.
Result<std::unique_ptr<Converter>> make_converter(std::string_view class_name, const Config& options);
// org.apache.kafka.connect.storage.SimpleHeaderConverter or a converter's class.
Result<std::unique_ptr<Converter>> make_header_converter(std::string_view class_name, const Config& options);

}  // namespace millrace
