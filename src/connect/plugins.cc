#include "connect/plugins.h"

#include <algorithm>

#include "core/source.h"
#include "format/converter.h"
#include "sources/registry.h"
#include "transform/registry.h"

namespace millrace {
namespace {

std::string_view simple_name(std::string_view class_name) {
  return class_name.substr(class_name.find_last_of('.') + 1);
}

// Connect finds plugins by this short form too; its end is the type's.
std::string_view short_name(const Plugin& plugin) {
  const std::string_view simple = simple_name(plugin.class_name);
  const std::string_view suffix = plugin.type == "source"             ? "Connector"
                                  : plugin.type == "converter"        ? "Converter"
                                  : plugin.type == "header_converter" ? "HeaderConverter"
                                  : plugin.type == "predicate"        ? "Predicate"
                                                                      : "Transformation";
  const std::size_t at = simple.rfind(suffix);
  return at == std::string_view::npos || at == 0 ? simple : simple.substr(0, at);
}

// An inner class ("Cast$Value") has no simple name of its own.
bool has_short_name(const Plugin& plugin, std::string_view name) {
  if (plugin.class_name.find('$') != std::string::npos) return false;
  return simple_name(plugin.class_name) == name || short_name(plugin) == name;
}

void add_transforms(std::vector<Plugin>& out, const std::string& type) {
  std::vector<const TransformClass*> found;
  const auto add = [&](std::span<const TransformClass> classes) {
    for (const TransformClass& candidate : classes)
      if ((type == "predicate") == (candidate.make_predicate != nullptr)) found.push_back(&candidate);
  };
  add(transform_registry());
  for (const SourceRegistration& source : source_registry()) add(source.transforms);
  std::ranges::sort(found, {}, &TransformClass::class_name);
  for (const TransformClass* one : found)
    if (out.back().class_name != one->class_name)
      out.push_back({std::string{one->class_name}, type, std::string{one->version}, one->config_def().keys()});
}

}  // namespace

const std::vector<Plugin>& plugins() {
  static const std::vector<Plugin> list = [] {
    std::vector<Plugin> out;
    for (const SourceRegistration& source : source_registry())
      out.push_back({std::string{source.connector_class}, "source", std::string{source.version}});
    std::ranges::sort(out, {}, &Plugin::class_name);
    add_transforms(out, "transformation");
    add_transforms(out, "predicate");
    for (const std::string type : {"converter", "header_converter"})
      for (const ConverterClass& one : converter_classes())
        if (!one.headers_only || type == "header_converter")
          out.push_back({std::string{one.class_name}, type, std::string{one.version}, one.config_def().keys()});
    return out;
  }();
  return list;
}

const Plugin* find_plugin(std::string_view name) {
  const auto exact = std::ranges::find(plugins(), name, &Plugin::class_name);
  if (exact != plugins().end()) return &*exact;
  const Plugin* found = nullptr;
  for (const Plugin& plugin : plugins()) {
    if (!has_short_name(plugin, name)) continue;
    if (found != nullptr && found->class_name != plugin.class_name) return nullptr;   // Connect drops such a name
    if (found == nullptr) found = &plugin;
  }
  return found;
}

std::string_view without_connector(std::string_view name) {
  constexpr std::string_view k_suffix = "Connector";
  return name.ends_with(k_suffix) ? name.substr(0, name.size() - k_suffix.size()) : name;
}

}  // namespace millrace
