// SchemasByShape keeps the schemas of each shape of document that was seen, so that documents of one shape share them.
// Bounds: shapes of k_bytes_max bytes together, then it begins anew; a shape longer than k_shape_max is not kept.
// Threads: one.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/schema.h"

namespace millrace::mongodb {

struct DocumentSchemas {
  SchemaPtr document;
  SchemaPtr made;       // what a transform makes of it; may be null
};

class SchemasByShape {
 public:
  // What a shape begins with when its schema depends on the event's too: the address of that schema, which is kept for it.
  void begin_shape(const SchemaPtr& event, std::string& shape) {
    if (!events_.contains(event)) {
      if (events_.size() >= k_events_max) clear();
      events_.insert(event);
    }
    const Schema* const address = event.get();
    shape.assign(reinterpret_cast<const char*>(&address), sizeof address);
  }
  // `make`: a function that gives Result<DocumentSchemas>, called when the shape is new.
  template <typename Make>
  Result<DocumentSchemas> of(const std::string& shape, Make make) {
    if (const auto known = schemas_.find(shape); known != schemas_.end()) return known->second;
    MR_TRY(DocumentSchemas schemas, make());
    if (shape.size() > k_shape_max) return schemas;
    if (bytes_ + shape.size() > k_bytes_max) clear();
    bytes_ += shape.size();
    schemas_.emplace(shape, schemas);
    return schemas;
  }

 private:
  void clear() {   // shapes of forgotten events must not be found again
    schemas_.clear();
    events_.clear();
    bytes_ = 0;
  }

  static constexpr std::size_t k_shape_max = 16 * 1024;
  static constexpr std::size_t k_bytes_max = 512 * 1024;   // the schemas take about twenty times as much

  static constexpr std::size_t k_events_max = 1024;

  std::unordered_set<SchemaPtr> events_;
  std::unordered_map<std::string, DocumentSchemas> schemas_;
  std::size_t bytes_ = 0;
};

}  // namespace millrace::mongodb
