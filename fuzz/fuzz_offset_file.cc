// The offset file comes from a disk: whatever it holds, parsing ends with a map or an error, and a map that was
// parsed comes back from its own bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connect/offset_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = millrace::parse_offset_file({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  const auto again = millrace::parse_offset_file(millrace::offset_file_bytes(*parsed));
  if (!again || *again != *parsed) std::abort();
  return 0;
}
