// Any bytes as the extended JSON of a record: an error or a document, whose schema and struct can be made or are refused. What
// is written of a document reads back as the same document.
#include <cstdlib>
#include <string>

#include "sources/mongodb/canonical_json.h"
#include "sources/mongodb/document_converter.h"
#include "sources/mongodb/extended_json_reader.h"

namespace {

using namespace millrace;
using namespace millrace::mongodb;

void convert(const DocumentFields& document, const DocumentConverter& converter) {
  SchemaDraft draft{Schema{.type = Type::structure, .name = "fuzz"}};
  if (!converter.add_fields(document, draft)) return;
  const auto schema = std::move(draft).built();
  if (!schema) return;
  Value::Struct out = struct_without_values(*schema);
  if (converter.put_fields(document, out) && out.fields.size() != (*schema)->fields.size()) std::abort();
  std::string shape;
  converter.append_shape(document, shape);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto document = read_document({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  convert(*document, DocumentConverter{ArrayEncoding::array});
  convert(*document, DocumentConverter{ArrayEncoding::document});
  const auto again = read_document(canonical_json(*document));   // names that are no UTF-8 may have become one
  if (!again) return 0;                                          // wrappers are a level more
  const std::string text = canonical_json(*again);
  const auto once_more = read_document(text);
  if (once_more && canonical_json(*once_more) != text) std::abort();
  return 0;
}
