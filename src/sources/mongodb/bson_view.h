// BsonView is one whole BSON document in somebody else's memory, as a server sent it.
// Lifetime: dies with the batch that it points into. Threads: plain values.
#pragma once

#include <bson/bson.h>

#include <cstdint>
#include <span>

namespace millrace::mongodb {

using BsonView = std::span<const std::uint8_t>;   // empty: there is none

inline BsonView view_of(const bson_t& document) { return {bson_get_data(&document), document.len}; }

// An iterator before the first element. False: these bytes are no document.
inline bool iterate(BsonView document, bson_iter_t& iterator) {
  return !document.empty() && bson_iter_init_from_data(&iterator, document.data(), document.size());
}

// The document or array that the iterator stands on; empty when it stands on something else.
inline BsonView document_at(const bson_iter_t& iterator) {
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  if (BSON_ITER_HOLDS_DOCUMENT(&iterator)) bson_iter_document(&iterator, &size, &data);
  else if (BSON_ITER_HOLDS_ARRAY(&iterator)) bson_iter_array(&iterator, &size, &data);
  return {data, size};
}

}  // namespace millrace::mongodb
