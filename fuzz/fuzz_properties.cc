// Property files: any bytes either parse or give an error, in both encodings; what parsed reads back the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/java_hash.h"
#include "core/properties.h"

namespace {

// As java.util.Properties.store writes it, with every unit escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char16_t unit : millrace::utf16_of(text)) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "\\u%04x", static_cast<unsigned>(unit));
    out += digits;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::PropertiesEncoding;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const PropertiesEncoding encoding : {PropertiesEncoding::latin1, PropertiesEncoding::utf8}) {
    const auto config = millrace::parse_properties(text, encoding);
    if (!config) {
      if (config.error().text.find("line ") != 0) std::abort();
      continue;
    }
    std::string again;
    for (const auto& [name, value] : config->entries()) again += escaped(name) + "=" + escaped(value) + "\n";
    const auto copy = millrace::parse_properties(again, PropertiesEncoding::latin1);
    if (!copy || *copy != *config) std::abort();
  }
  return 0;
}
