// Files with certificates and keys, in each of their forms, and base64 of a Kubernetes Secret: the first byte says which.
#include <cstdlib>
#include <string>

#include "core/credentials.h"
#include "core/kubernetes_objects.h"
#include "core/numbers.h"
#include "sources/postgres/tls_key.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace millrace;
  if (size == 0) return 0;
  const std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 5) {
    case 0: static_cast<void>(read_key_store(bytes, "changeit")); break;
    case 1: static_cast<void>(postgres::certificates_of_file(bytes, "file")); break;
    case 2: static_cast<void>(postgres::identity_of_pkcs12(bytes, "changeit", "file")); break;
    case 3: static_cast<void>(postgres::identity_of_files(bytes, "a", bytes, "b", "changeit")); break;
    default:
      if (const auto decoded = base64_decoded(bytes); decoded && base64_decoded(base64(*decoded)) != *decoded) std::abort();
  }
  return 0;
}
