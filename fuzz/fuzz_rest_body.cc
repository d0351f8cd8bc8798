// Bodies of the REST API: never a crash; what is read is written to a text that reads as the same.
#include <cstdlib>
#include <string_view>

#include "rest/json_reader.h"
#include "rest/request_body.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  (void)millrace::config_in(body);
  (void)millrace::new_connector_in(body);
  (void)millrace::offsets_in(body);
  const auto json = millrace::read_json(body);
  if (!json || !*json) return 0;
  const std::string text = millrace::json_text_of(**json);
  const auto again = millrace::read_json(text);
  if (!again || !*again || millrace::json_text_of(**again) != text) std::abort();
  return 0;
}
