// Any bytes as a message of pgoutput: an error or a message whose views lie inside it.
#include <cstdint>
#include <cstdlib>

#include "sources/postgres/pgoutput.h"

namespace {

using namespace millrace::postgres::pgoutput;

void check_inside(std::string_view view, std::string_view message) {
  if (view.empty()) return;
  if (view.data() < message.data() || view.data() + view.size() > message.data() + message.size()) std::abort();
}

void check_tuple(Tuple tuple, std::string_view message) {
  for (const TupleValue& value : tuple) check_inside(value.text, message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  Decoder decoder;
  const auto message = decoder.decode(input);
  if (!message) return 0;
  if (const auto* insert = std::get_if<Insert>(&*message)) check_tuple(insert->after, input);
  if (const auto* update = std::get_if<Update>(&*message)) {
    check_tuple(update->before, input);
    check_tuple(update->after, input);
  }
  if (const auto* removal = std::get_if<Delete>(&*message)) check_tuple(removal->before, input);
  if (const auto* logical = std::get_if<LogicalMessage>(&*message)) {
    check_inside(logical->prefix, input);
    check_inside(logical->content, input);
  }
  return 0;
}
