// Extended JSON read back: an error or a document, whose text reads as the same again.
#include <cstdlib>
#include <string_view>

#include "sources/mongodb/extended_json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace millrace::mongodb;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = read_document(text);
  if (!document && document.error().text.empty()) std::abort();
  static_cast<void>(read_value(text));
  return 0;
}
