// A stored PostgreSQL offset, as any worker or user may have written it: never a crash, and what is accepted is written
// back to a text that is accepted and means the same.
#include <cstdlib>
#include <string_view>

#include "sources/postgres/offset.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using millrace::postgres::parse_offset;
  const auto offset = parse_offset({reinterpret_cast<const char*>(data), size});
  if (!offset) return 0;
  const std::string text = offset->text();
  // messageType is the only free text; one that needs escapes is none of Debezium's.
  if (offset->message_type.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) return 0;
  const auto again = parse_offset(text);
  if (!again || again->text() != text) std::abort();
  return 0;
}
