// log4j's files: any bytes give levels and problems, or an error that has a text.
#include <cstdlib>
#include <string_view>

#include "core/log_config.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto config = millrace::parse_log_config({reinterpret_cast<const char*>(data), size});
  if (!config && config.error().text.empty()) std::abort();
  if (config && config->monitor_interval.count() < 0) std::abort();
  return 0;
}
