// sasl.jaas.config and PEM texts come from configurations: parsing them ends, and errors hold no option's value.
#include <cstdint>
#include <string_view>

#include "kafka/jaas.h"
#include "kafka/security.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  static_cast<void>(millrace::kafka::parse_jaas(text));
  static_cast<void>(millrace::kafka::normalized_pem(text));
  static_cast<void>(millrace::kafka::openssl_cipher(text));
  return 0;
}
