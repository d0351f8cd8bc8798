// Java .properties files, as java.util.Properties.load reads them: separators, escapes, continued lines;
// of duplicate keys the last wins.
// Threads: none kept. Errors: a malformed \u escape names its line.
#pragma once

#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"

namespace millrace {

enum class PropertiesEncoding { latin1, utf8 };   // worker files are ISO-8859-1, FileConfigProvider's are UTF-8

Result<Config> parse_properties(std::string_view text, PropertiesEncoding encoding);
Result<Config> read_properties_file(const std::string& path, PropertiesEncoding encoding);   // errors name the path

}  // namespace millrace
