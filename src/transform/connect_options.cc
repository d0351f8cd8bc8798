#include "transform/connect_options.h"

#include <utility>

#include "core/config_values.h"

namespace millrace {

ConfigKey required_option(std::string name, ConfigType type, Importance importance, std::string documentation,
                          ConfigValidator validator) {
  ConfigKey key = option(std::move(name), type, std::nullopt, importance, std::move(documentation), std::move(validator));
  key.required = true;
  return key;
}

ConfigKey option(std::string name, ConfigType type, std::optional<std::string> fallback, Importance importance,
                 std::string documentation, ConfigValidator validator) {
  ConfigKey key;
  key.display_name = name;
  key.name = std::move(name);
  key.type = type;
  key.default_text = std::move(fallback);
  key.importance = importance;
  key.documentation = std::move(documentation);
  key.width = Width::none;
  key.validator = std::move(validator);
  return key;
}

ConfigKey replace_null_option() {
  return option("replace.null.with.default", ConfigType::boolean, "true", Importance::medium,
                "If true, a field that is null and whose schema has a default counts as that default; if false it stays null.");
}

Result<ConnectOptions> ConnectOptions::read(const ConfigDef& def, const Config& given) {
  ConnectOptions options;
  for (const ConfigKey& key : def.keys()) {
    CheckedValue checked = check_value(key, "", given.has(key.name), given.find(key.name));
    if (!checked.errors.empty()) return fail(std::move(checked.errors.front()), Retry::no, k_config_exception);
    if (checked.value) options.values_.set(key.name, std::move(*checked.value));
  }
  return options;
}

std::vector<std::string> ConnectOptions::list(std::string_view name) const { return list_parts(values_.get(name)); }

}  // namespace millrace
