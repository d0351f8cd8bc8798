// The first byte picks the type, the second the modes and the modifier; the rest is a value's text, and once more
// a default expression. Nothing may be read past the text, whatever it is.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/log.h"
#include "sources/postgres/builtin_types.h"
#include "sources/postgres/codec_draft.h"

namespace {

using namespace millrace;
using namespace millrace::postgres;

std::uint32_t type_of(std::uint8_t pick) {
  constexpr std::array<std::uint32_t, 11> k_own{test_oid::citext, test_oid::hstore, test_oid::ltree, test_oid::geometry,
                                                test_oid::geography, test_oid::mood, test_oid::mood_array,
                                                test_oid::composite, test_oid::composite_array,
                                                test_oid::numeric_domain_domain, test_oid::hstore_array};
  if (pick < k_builtin_types.size()) return k_builtin_types[pick].oid;
  if (pick >= 128) return k_builtin_types[(pick - 128U) % k_builtin_types.size()].array_oid;
  return k_own[pick % k_own.size()];
}

ValueModes modes_of(std::uint8_t pick) {
  return {.decimal = static_cast<DecimalMode>(pick % 3),
          .time = static_cast<TimePrecision>(pick / 3 % 3),
          .interval_as_text = (pick & 1) != 0,
          .hstore_as_map = (pick & 2) != 0,
          .binary = static_cast<BinaryMode>(pick % 4),
          .money_fraction_digits = pick % 5,
          .include_unknown = true};
}

std::int32_t typmod_of(std::uint32_t type, std::uint8_t pick) {
  if (pick % 2 == 0) return -1;
  if (type == 1700 || type == 1231) return (pick % 38 + 1) << 16 | (pick % 20 + 4);
  return pick % 7;
}

const ColumnCodec& codec_of(std::uint8_t type_pick, std::uint8_t mode_pick) {
  static const TypeRegistry types = builtin_types();
  static std::map<std::pair<std::uint8_t, std::uint8_t>, ColumnCodec> codecs;
  const auto at = codecs.find({type_pick, mode_pick});
  if (at != codecs.end()) return at->second;
  const std::uint32_t type = type_of(type_pick);
  const ColumnFacts facts{.name = "c", .type_oid = type, .typmod = typmod_of(type, mode_pick), .optional = (mode_pick & 4) != 0};
  const Phase phase = (mode_pick & 8) != 0 ? Phase::snapshot : Phase::streaming;
  return codecs.emplace(std::pair{type_pick, mode_pick}, make_codec(facts, types, modes_of(mode_pick), phase)).first->second;
}

void read_default(std::uint8_t type_pick, std::uint8_t mode_pick, std::string text) {
  static const TypeRegistry types = builtin_types();
  const ColumnFacts facts{.name = "c", .type_oid = type_of(type_pick), .optional = true, .default_expression = std::move(text)};
  make_codec(facts, types, modes_of(mode_pick), Phase::snapshot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
  }();
  if (!quiet || size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const ColumnCodec& codec = codec_of(data[0], data[1]);
  if (codec.schema == nullptr) return 0;
  Scratch scratch;
  const auto datum = codec.decode(codec, text, scratch);
  if (datum) value_of(*datum, *codec.schema);
  read_default(data[0], data[1], std::string{text});
  return 0;
}
