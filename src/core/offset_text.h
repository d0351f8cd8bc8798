// The text of a source offset: a JSON object whose members stand as Java's HashMap iterates over them.
// Threads: plain functions. Source of the order: core/java_hash.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

// Names and their JSON texts, in the order in which Debezium puts them into its map.
using OffsetMembers = std::vector<std::pair<std::string, std::string>>;

void add_member(OffsetMembers& members, std::string_view name, std::int64_t value);
void add_member(OffsetMembers& members, std::string_view name, std::string_view text);
std::string offset_text(const OffsetMembers& members);

}  // namespace millrace
