// The list of converters, with the options of each.
#include <algorithm>
#include <array>
#include <string>

#include "core/config_values.h"
#include "core/letters.h"
#include "format/converter.h"
#include "format/json_converter.h"
#include "format/simple_converters.h"

namespace millrace {
namespace {

constexpr std::string_view k_connect_version = "4.0.0";
constexpr std::string_view k_debezium_version = "2.7.0.Final";

ConfigKey converter_type() {
  return {.name = "converter.type", .required = true, .importance = Importance::low,
          .documentation = "How this converter will be used.", .width = Width::none, .display_name = "converter.type"};
}

const ConfigDef& json_keys() {
  static const ConfigDef definition{{
      converter_type(),
      {.name = "schemas.enable", .type = ConfigType::boolean, .default_text = "true", .importance = Importance::high,
       .documentation = "Include schemas within each of the serialized values and keys.", .group = "Schemas",
       .order = 0, .display_name = "Enable Schemas"},
      {.name = "schemas.cache.size", .type = ConfigType::int32, .default_text = "1000",
       .importance = Importance::high,
       .documentation = "The maximum number of schemas that can be cached in this converter instance.",
       .group = "Schemas", .order = 1, .display_name = "Schema Cache Size"},
      {.name = "decimal.format", .default_text = "BASE64", .importance = Importance::low,
       .documentation = "Controls which format this converter will serialize decimals in. This value is case "
                        "insensitive and can be either 'BASE64' (default) or 'NUMERIC'",
       .group = "Serialization", .order = 0, .display_name = "Decimal Format",
       .validator = one_of_any_case({"BASE64", "NUMERIC"})},
      {.name = "replace.null.with.default", .type = ConfigType::boolean, .default_text = "true",
       .importance = Importance::low,
       .documentation = "Whether to replace fields that have a default value and that are null to the default "
                        "value. When set to true, the default value is used, otherwise null is used.",
       .group = "Serialization", .order = 1, .display_name = "Replace null with default"},
  }};
  return definition;
}

const ConfigDef& string_keys() {
  static const ConfigDef definition{
      {converter_type(),
       {.name = "converter.encoding", .default_text = "UTF-8", .importance = Importance::high,
        .documentation = "The name of the Java character set to use for encoding strings as byte arrays.",
        .width = Width::medium, .display_name = "Encoding"}}};
  return definition;
}

const ConfigDef& type_key() {
  static const ConfigDef definition{{converter_type()}};
  return definition;
}

const ConfigDef& delegate_keys() {
  static const ConfigDef definition{
      {converter_type(),
       {.name = "delegate.converter.type", .importance = Importance::low,
        .documentation = "Full class name of the converter for everything that is not binary. Its options follow this name and a dot.",
        .width = Width::none, .display_name = "delegate.converter.type"}}};
  return definition;
}

const ConfigDef& no_keys() {
  static const ConfigDef definition{{}};
  return definition;
}

constexpr std::array k_classes{
    ConverterClass{"io.debezium.converters.BinaryDataConverter", k_debezium_version, false, delegate_keys, create_binary_data_converter},
    ConverterClass{"io.debezium.converters.ByteArrayConverter", k_debezium_version, false, delegate_keys, create_debezium_byte_array_converter},
    ConverterClass{"org.apache.kafka.connect.converters.BooleanConverter", k_connect_version, false, type_key, create_boolean_converter},
    ConverterClass{"org.apache.kafka.connect.converters.ByteArrayConverter", k_connect_version, false, type_key, create_byte_array_converter},
    ConverterClass{"org.apache.kafka.connect.converters.DoubleConverter", k_connect_version, false, type_key, create_double_converter},
    ConverterClass{"org.apache.kafka.connect.converters.FloatConverter", k_connect_version, false, type_key, create_float_converter},
    ConverterClass{"org.apache.kafka.connect.converters.IntegerConverter", k_connect_version, false, type_key, create_integer_converter},
    ConverterClass{"org.apache.kafka.connect.converters.LongConverter", k_connect_version, false, type_key, create_long_converter},
    ConverterClass{"org.apache.kafka.connect.converters.ShortConverter", k_connect_version, false, type_key, create_short_converter},
    ConverterClass{"org.apache.kafka.connect.json.JsonConverter", k_connect_version, false, json_keys, JsonConverter::create},
    ConverterClass{"org.apache.kafka.connect.storage.SimpleHeaderConverter", k_connect_version, true, no_keys, create_simple_header_converter},
    ConverterClass{"org.apache.kafka.connect.storage.StringConverter", k_connect_version, false, string_keys, create_string_converter},
};

std::string_view without_end(std::string_view name, std::string_view end) {
  return name.ends_with(end) && name.size() > end.size() ? name.substr(0, name.size() - end.size()) : name;
}

bool has_short_name(const ConverterClass& candidate, std::string_view name) {
  const std::string_view simple = candidate.class_name.substr(candidate.class_name.rfind('.') + 1);
  return name == simple || name == without_end(simple, candidate.headers_only ? "HeaderConverter" : "Converter");
}

const ConverterClass* find(std::string_view name, bool for_headers) {
  const ConverterClass* found = nullptr;
  for (const ConverterClass& candidate : k_classes) {
    if (candidate.headers_only && !for_headers) continue;
    if (candidate.class_name == name) return &candidate;
  }
  for (const ConverterClass& candidate : k_classes) {
    if ((candidate.headers_only && !for_headers) || !has_short_name(candidate, name)) continue;
    if (found != nullptr) return nullptr;
    found = &candidate;
  }
  return found;
}

Result<std::unique_ptr<Converter>> make(std::string_view class_name, const Config& options, bool for_headers) {
  if (const ConverterClass* found = find(trimmed(class_name), for_headers)) return found->create(options);
  std::string available;
  for (const ConverterClass& candidate : k_classes) {
    if (candidate.headers_only && !for_headers) continue;
    if (!available.empty()) available += ", ";
    available += candidate.class_name;
  }
  return fail((for_headers ? "header converter class '" : "converter class '") + std::string{class_name} +
                  "' is not known; available: " + available,
              Retry::no, k_config_exception);
}

}  // namespace

std::span<const ConverterClass> converter_classes() { return k_classes; }
const ConverterClass* find_converter(std::string_view name) { return find(name, false); }
const ConverterClass* find_header_converter(std::string_view name) { return find(name, true); }

Result<std::unique_ptr<Converter>> make_converter(std::string_view class_name, const Config& options) {
  return make(class_name, options, false);
}

Result<std::unique_ptr<Converter>> make_header_converter(std::string_view class_name, const Config& options) {
  return make(class_name, options, true);
}

}  // namespace millrace
