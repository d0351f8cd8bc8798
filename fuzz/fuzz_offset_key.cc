// Connector names are any text: a key made for one belongs to it, and to nobody else.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connect/offset_file.h"
#include "connect/offset_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name{reinterpret_cast<const char*>(data), size};
  const std::string key = millrace::offset_key(name, R"({"server":"p"})");
  if (!millrace::is_key_of(key, name)) std::abort();
  if (millrace::is_key_of(key, std::string{name} + "x")) std::abort();
  for (const char c : key)
    if (static_cast<unsigned char>(c) < ' ') std::abort();
  return 0;
}
