#include "rest/plugins.h"

#include <algorithm>

#include "sources/registry.h"

namespace millrace {
namespace {

constexpr std::string_view k_connect_version = "4.0.0";

ConfigKey converter_type() {
  return {.name = "converter.type", .required = true, .importance = Importance::low,
          .documentation = "How this converter will be used.", .width = Width::none, .display_name = "converter.type"};
}

std::vector<ConfigKey> json_converter_keys() {
  return {
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
       .group = "Serialization", .order = 0, .display_name = "Decimal Format"},
      {.name = "replace.null.with.default", .type = ConfigType::boolean, .default_text = "true",
       .importance = Importance::low,
       .documentation = "Whether to replace fields that have a default value and that are null to the default "
                        "value. When set to true, the default value is used, otherwise null is used.",
       .group = "Serialization", .order = 1, .display_name = "Replace null with default"},
  };
}

std::vector<ConfigKey> string_converter_keys() {
  return {converter_type(),
          {.name = "converter.encoding", .default_text = "UTF-8", .importance = Importance::high,
           .documentation = "The name of the Java character set to use for encoding strings as byte arrays.",
           .display_name = "Encoding"}};
}

std::string_view simple_name(std::string_view class_name) {
  return class_name.substr(class_name.find_last_of(".$") + 1);
}

// Connect finds plugins by this short form too; its end is the type's.
std::string_view short_name(const Plugin& plugin) {
  const std::string_view simple = simple_name(plugin.class_name);
  const std::string_view suffix = plugin.type == "source"      ? "Connector"
                                  : plugin.type == "converter" ? "Converter"
                                                               : "HeaderConverter";
  const std::size_t at = simple.rfind(suffix);
  return at == std::string_view::npos || at == 0 ? simple : simple.substr(0, at);
}

}  // namespace

const std::vector<Plugin>& plugins() {
  static const std::vector<Plugin> list = [] {
    std::vector<Plugin> out;
    for (const SourceRegistration& source : source_registry())
      out.push_back({std::string{source.connector_class}, "source", std::string{source.version}});
    std::ranges::sort(out, {}, &Plugin::class_name);
    const std::string bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";
    const std::string json = "org.apache.kafka.connect.json.JsonConverter";
    const std::string text = "org.apache.kafka.connect.storage.StringConverter";
    const std::string version{k_connect_version};
    for (const std::string type : {"converter", "header_converter"}) {
      out.push_back({bytes, type, version, {converter_type()}});
      out.push_back({json, type, version, json_converter_keys()});
      if (type == "header_converter")
        out.push_back({"org.apache.kafka.connect.storage.SimpleHeaderConverter", type, version});
      out.push_back({text, type, version, string_converter_keys()});
    }
    return out;
  }();
  return list;
}

const Plugin* find_plugin(std::string_view name) {
  for (const Plugin& plugin : plugins())
    if (plugin.class_name == name || simple_name(plugin.class_name) == name || short_name(plugin) == name)
      return &plugin;
  return nullptr;
}

std::string_view without_connector(std::string_view name) {
  constexpr std::string_view k_suffix = "Connector";
  return name.ends_with(k_suffix) ? name.substr(0, name.size() - k_suffix.size()) : name;
}

}  // namespace millrace
