// The whole content of a file.
// Threads: any. Errors: the system's reason. A folder has no content ("Is a directory").
#pragma once

#include <cstddef>
#include <expected>
#include <limits>
#include <string>
#include <system_error>

#include "core/error.h"

namespace millrace {

// std::errc::file_too_large: beyond `bytes_max`.
std::expected<std::string, std::error_code> read_file(const std::string& path, std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

// For a user: "cannot read /the/path: No such file or directory".
Result<std::string> read_named_file(const std::string& path);

}  // namespace millrace
