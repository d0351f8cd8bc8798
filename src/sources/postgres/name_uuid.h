// name_uuid is Java's UUID.nameUUIDFromBytes: version 3, the MD5 of the bytes.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

namespace millrace::postgres {

std::string name_uuid(std::string_view bytes);

}  // namespace millrace::postgres
