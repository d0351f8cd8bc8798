// JAAS login configuration as Java's sasl.jaas.config holds it: one login module, its control flag, its options.
// Threads: plain values. Errors never contain option values: they are passwords.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace::kafka {

struct JaasEntry {
  std::string login_module;
  std::map<std::string, std::string, std::less<>> options;

  std::string option(std::string_view name) const {
    const auto at = options.find(name);
    return at == options.end() ? std::string{} : at->second;
  }
};

Result<JaasEntry> parse_jaas(std::string_view text);

}  // namespace millrace::kafka
