// Names that occur twice in one BSON document: rare, but a server stores them. Asking costs a look at each name and no
// memory in documents of up to 32 elements; otherwise 8 to 16 bytes per element while it runs.
// Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "sources/mongodb/bson_view.h"

namespace millrace::mongodb {

// Of the document itself, not of those inside. True, too, when a name is no UTF-8: Java may decode another to the same.
// False when the bytes are broken before any of these.
bool may_repeat_a_name(BsonView document);

// One element per name: in the place of the name's first one, with the value of its last, as Java's LinkedHashMap.
struct ElementPlace {
  std::uint32_t offset = 0;        // of its type byte in the document
  std::uint32_t name_size = 0;
};
// Ends early when the bytes are broken.
std::vector<ElementPlace> distinct_elements(BsonView document);

}  // namespace millrace::mongodb
