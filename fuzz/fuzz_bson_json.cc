// Any bytes as a BSON document: an error or a text, in every dialect; the relaxed ones are JSON by themselves.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "sources/mongodb/extended_json.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace millrace::mongodb;
  const BsonView document{data, size};
  std::string strict, relaxed, spaced;
  const bool written = write_json(document, Dialect::strict, strict).has_value();
  if (write_json(document, Dialect::relaxed, relaxed).has_value() != written) std::abort();
  if (write_json(document, Dialect::relaxed_spaced, spaced).has_value() != written) std::abort();
  if (written && (!nlohmann::json::accept(relaxed) || !nlohmann::json::accept(spaced))) std::abort();
  return 0;
}
