#include "core/offset_text.h"

#include "core/java_hash.h"
#include "core/json_text.h"

namespace millrace {

void add_member(OffsetMembers& members, std::string_view name, std::int64_t value) {
  members.emplace_back(name, std::to_string(value));
}

void add_member(OffsetMembers& members, std::string_view name, std::string_view text) {
  members.emplace_back(name, json_string(text));
}

std::string offset_text(const OffsetMembers& members) {
  std::vector<std::string> names;
  names.reserve(members.size());
  for (const auto& [name, value] : members) names.push_back(name);
  std::string out{"{"};
  for (const std::size_t at : java_hash_map_order(names)) {
    if (out.size() > 1) out += ',';
    append_json_string(out, names[at]);
    (out += ':') += members[at].second;
  }
  return out += '}';
}

}  // namespace millrace
