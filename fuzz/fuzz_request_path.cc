// Targets of requests: taken apart or refused; a segment that is encoded again is the same.
#include <cstdlib>
#include <string_view>

#include "rest/request_path.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace millrace;
  RequestPath path;
  if (parse_path({reinterpret_cast<const char*>(data), size}, path)) return 0;
  std::string again;
  for (const std::string& segment : path.segments) again += "/" + encode_segment(segment);
  RequestPath copy;
  if (!path.segments.empty() && (parse_path(again, copy) || copy.segments != path.segments)) std::abort();
  return 0;
}
