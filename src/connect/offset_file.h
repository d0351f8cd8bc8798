// The bytes of standalone mode's offset file: a Java-serialized java.util.HashMap<byte[], byte[]>, as
// Kafka Connect's FileOffsetBackingStore reads and writes it.
// Threads: plain functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

using OffsetMap = std::map<std::string, std::optional<std::string>>;   // none: Java's null

// An empty text is an empty map. Errors say what is wrong at which byte.
Result<OffsetMap> parse_offset_file(std::string_view bytes);
std::string offset_file_bytes(const OffsetMap& offsets);

// The connector of a key ["<connector>",{...}] equals this one.
bool is_key_of(std::string_view key, std::string_view connector);

}  // namespace millrace
