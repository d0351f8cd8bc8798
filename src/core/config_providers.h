// Config providers resolve "${provider:path:key}" references: secrets stay out of configs, topics and REST.
// Syntax and failure rules: Kafka Connect's. A reference that nothing answers stays as it is.
// Threads: resolve() from any thread; files are read anew each time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"

namespace millrace {

class ConfigProviders {
 public:
  // Reads config.providers and config.providers.<alias>.{class,param.*}. Errors: unknown class, bad parameter.
  static Result<ConfigProviders> create(const Config& worker);
  ConfigProviders();
  ~ConfigProviders();
  ConfigProviders(ConfigProviders&&) noexcept;
  ConfigProviders& operator=(ConfigProviders&&) noexcept;

  // Every value with its references replaced. Errors never contain resolved values.
  Result<Config> resolve(const Config& raw) const;
  Result<std::string> resolve(std::string_view text) const;
  static bool has_reference(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace
