// Options of Connect's own transforms and predicates: how their ConfigDefs are written, and their values once read.
// Threads: plain values. Errors: ConfigException with Kafka's texts, the first that there is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"

namespace millrace {

inline constexpr std::string_view k_connect_version = "4.0.0";

ConfigKey required_option(std::string name, ConfigType type, Importance importance, std::string documentation,
                          ConfigValidator validator = {});
// `fallback` none: null.
ConfigKey option(std::string name, ConfigType type, std::optional<std::string> fallback, Importance importance,
                 std::string documentation, ConfigValidator validator = {});
ConfigKey replace_null_option();   // replace.null.with.default

class ConnectOptions {
 public:
  static Result<ConnectOptions> read(const ConfigDef& def, const Config& given);

  const std::string* find(std::string_view name) const { return values_.find(name); }   // null: Java's null
  std::string text(std::string_view name) const { return values_.get(name); }
  std::vector<std::string> list(std::string_view name) const;   // empty parts count
  bool flag(std::string_view name) const { return values_.boolean(name, false); }
  bool replace_null() const { return flag("replace.null.with.default"); }

 private:
  Config values_;   // parsed, in REST's form
};

}  // namespace millrace
