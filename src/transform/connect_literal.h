// A text of a configuration as the value that Connect sees in it: numbers of the smallest type, booleans, null, dates, lists and
// maps; all else is a string. Source: Kafka Connect 4.0's Values.parseString.
// Threads: any; nothing is kept.
#pragma once

#include <string_view>

#include "core/schema.h"

namespace millrace {

struct ConnectLiteral {
  SchemaPtr schema;   // null for null; a list or map of unlike elements has none for them
  Value value;
};

ConnectLiteral parse_connect_literal(std::string_view text);

}  // namespace millrace
