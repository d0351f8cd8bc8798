// SchemaCache keeps what a transform made of a schema, so that converters see the same schema with every record.
// Threads: one task's thread. Bound: when it is full it starts anew. Lifetime: a schema in it keeps its address.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

#include "core/schema.h"

namespace millrace {

template <typename Made>
class SchemaCache {
 public:
  explicit SchemaCache(std::size_t bound = 64) : bound_{bound == 0 ? 1 : bound} {}

  const Made* find(const SchemaPtr& given) const {
    const auto at = entries_.find(given.get());
    return at == entries_.end() ? nullptr : &at->second.made;
  }
  const Made& put(const SchemaPtr& given, Made made) {
    if (entries_.size() >= bound_) entries_.clear();
    return entries_.insert_or_assign(given.get(), Entry{given, std::move(made)}).first->second.made;
  }

 private:
  struct Entry {
    SchemaPtr given;
    Made made;
  };
  std::size_t bound_;
  std::unordered_map<const Schema*, Entry> entries_;
};

}  // namespace millrace
