#include "sources/mongodb/split_events.h"

#include <bson/bson.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace millrace::mongodb {
namespace {

BsonView bytes_view(const std::string& bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }

std::unexpected<Error> missing(const std::string& problem) {
  return fail("Missing event fragment: " + problem + ". The change is read again from the stored position", Retry::yes,
              k_debezium_exception);
}

// Of each member the first one that is not null, of the token the last: there the stream goes on.
std::string merged(const std::vector<std::string>& fragments) {
  std::string out(sizeof(std::uint32_t), '\0');
  std::vector<std::string_view> names;
  for (const std::string& fragment : fragments) {
    const bool last = &fragment == &fragments.back();
    bson_iter_t at;
    if (!iterate(bytes_view(fragment), at)) continue;
    while (bson_iter_next(&at)) {
      const std::string_view name{bson_iter_key_unsafe(&at), bson_iter_key_len(&at)};
      const bool wanted = name == "_id" ? last : name != "splitEvent" && !BSON_ITER_HOLDS_NULL(&at);
      if (!wanted || std::ranges::find(names, name) != names.end()) continue;
      names.push_back(name);
      out.append(fragment, at.off, at.next_off - at.off);
    }
  }
  out += '\0';
  const auto size = static_cast<std::uint32_t>(out.size());
  std::memcpy(out.data(), &size, sizeof size);
  return out;
}

}  // namespace

Result<std::optional<ChangeEvent>> SplitEvents::take(BsonView document) {
  std::string{}.swap(whole_);
  MR_TRY(ChangeEvent event, decode_change_event(document));
  if (!event.fragment) {
    if (pending()) return missing("another event came before part " + std::to_string(fragments_.size() + 1));
    return std::optional{event};
  }
  const auto [number, of] = *event.fragment;
  if (number != static_cast<std::int64_t>(fragments_.size()) + 1 || number > of)
    return missing("part " + std::to_string(number) + " of " + std::to_string(of) + " came as part " + std::to_string(fragments_.size() + 1));
  fragments_.emplace_back(reinterpret_cast<const char*>(document.data()), document.size());
  if (number < of) return std::optional<ChangeEvent>{};
  whole_ = merged(fragments_);
  fragments_.clear();
  MR_TRY(event, decode_change_event(bytes_view(whole_)));
  return std::optional{event};
}

}  // namespace millrace::mongodb
