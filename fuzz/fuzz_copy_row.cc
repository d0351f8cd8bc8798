// A line of COPY's text format: never a read outside it, and as many fields as tabs plus one.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "sources/postgres/snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string line{reinterpret_cast<const char*>(data), size};
  const auto tabs = std::count(line.begin(), line.end(), '\t');
  std::vector<millrace::postgres::pgoutput::TupleValue> fields;
  if (millrace::postgres::split_copy_row(line, fields) && fields.size() != static_cast<std::size_t>(tabs) + 1) std::abort();
  return 0;
}
