// The list of sources. Nothing else in the program names a database.
#pragma once

#include <span>
#include <string_view>

#include "core/source.h"

namespace millrace {

std::span<const SourceRegistration> source_registry();
const SourceRegistration* find_source(std::string_view connector_class);

}  // namespace millrace
