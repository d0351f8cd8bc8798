// The JSON maps of source offsets as REST shows and takes them.
// Threads: plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

// The partition's JSON text of an offset key ["c",{...}]; none: not such a key.
std::optional<std::string> partition_of_key(std::string_view key);
// A partition or offset map as Connect writes what REST gave it: Java's number texts, the order of its HashMap.
// Errors: no map, or values that are neither text, number nor boolean.
Result<std::string> normalized_map(std::string_view json);
// The same members, whatever their order.
bool same_map(std::string_view a, std::string_view b);

}  // namespace millrace
