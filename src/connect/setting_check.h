// A connector's settings while they are validated, in the forms that validation needs; and what REST shows of one of them.
// Threads: plain values.
#pragma once

#include <string>
#include <string_view>

#include "connect/herder.h"
#include "core/config.h"

namespace millrace {

struct CheckedSettings {
  const RawConfig& raw;
  Config given;       // without nulls, unresolved
  Config resolved;

  bool has(std::string_view name) const;   // JSON's null too
  // What `key` is in it, below `prefix` ("transforms.a."). The verdict shows references as they were given.
  ConfigVerdict verdict_of(const ConfigKey& key, const std::string& prefix = "") const;
};

// Why a class cannot be had; the whole error is "Invalid value <class> for configuration <setting>: <this>".
std::string missing_class(const std::string& class_name);

}  // namespace millrace
