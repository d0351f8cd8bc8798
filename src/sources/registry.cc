#include "sources/registry.h"

#include <array>

#include "sources/mongodb/mongodb_source.h"
#include "sources/postgres/postgres_source.h"

namespace millrace {

std::span<const SourceRegistration> source_registry() {
  static const std::array registry{postgres::registration(), mongodb::registration()};
  return registry;
}

const SourceRegistration* find_source(std::string_view connector_class) {
  for (const SourceRegistration& source : source_registry())
    if (source.connector_class == connector_class) return &source;
  return nullptr;
}

}  // namespace millrace
