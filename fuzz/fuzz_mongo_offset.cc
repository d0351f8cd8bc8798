// A stored MongoDB offset, as any worker or user may have written it: never a crash, and what is accepted is written back
// to a text that is accepted and means the same.
#include <cstdlib>
#include <string>
#include <string_view>

#include "sources/mongodb/mongo_offset.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using millrace::mongodb::parse_mongo_offset;
  const auto offset = parse_mongo_offset({reinterpret_cast<const char*>(data), size});
  if (!offset) return 0;
  const std::string text = offset->text();
  const auto again = parse_mongo_offset(text);
  if (!again || again->text() != text) std::abort();
  if (again->time != offset->time || again->token != offset->token) std::abort();
  return 0;
}
