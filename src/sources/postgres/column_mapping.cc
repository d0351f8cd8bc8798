#include "sources/postgres/column_mapping.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "core/java_hash.h"
#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/column_hash.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_mapping_log = "io.debezium.relational.mapping.ColumnMappers";
constexpr std::int32_t k_mask_length_max = 64 * 1024 * 1024;   // more than any message of Kafka

// How the last of a codec's decoders changes what the one before it gives.
struct Mapped {
  ColumnCodec plain;
  std::size_t length = 0;              // of a cut text, in UTF-16 units
  std::optional<ColumnHash> hash{};
  std::string mask{};
};

constexpr std::size_t k_no_cut = std::string_view::npos;

// Where in UTF-8 the first `units` UTF-16 units end; none: the text has no more. `half`: the last one is the first half
// of a surrogate pair, which begins there.
std::size_t cut_after(std::string_view text, std::size_t units, bool& half) {
  half = false;
  if (text.size() <= units) return k_no_cut;
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (taken == units) return at;
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size == 4 && taken + 1 == units) {
      half = true;
      return at;
    }
    taken += size == 4 ? 2 : 1;
    at += size;
  }
  return k_no_cut;
}

// As Java cuts: a lone surrogate may be left, which is kept as the three bytes that converters know it by.
std::string_view first_units(std::string_view text, std::size_t units, Scratch& scratch) {
  bool half = false;
  const std::size_t end = cut_after(text, units, half);
  if (end == k_no_cut) return text;
  if (!half || text.size() - end < 4) return text.substr(0, end);
  const auto bits = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[end + at])); };
  const unsigned point = (bits(0) & 7) << 18 | (bits(1) & 0x3F) << 12 | (bits(2) & 0x3F) << 6 | (bits(3) & 0x3F);
  const unsigned high = 0xD800 + ((point - 0x10000) >> 10);
  char* const place = scratch.bytes(end + 3);
  text.copy(place, end);
  place[end] = static_cast<char>(0xE0 | high >> 12);
  place[end + 1] = static_cast<char>(0x80 | (high >> 6 & 0x3F));
  place[end + 2] = static_cast<char>(0x80 | (high & 0x3F));
  return {place, end + 3};
}

bool is_text(const Datum& datum) { return datum.kind == Datum::Kind::string || datum.kind == Datum::Kind::digits; }

Datum cut(const Mapped& mapped, const Datum& datum, Scratch& scratch) {
  return is_text(datum) ? Datum::string(first_units(datum.text(), mapped.length, scratch)) : datum;
}

Datum hashed(const Mapped& mapped, const Datum& datum, Scratch& scratch) {
  if (!is_text(datum)) return Datum::null();
  const std::string_view digits = mapped.hash->digits_of(datum.text(), scratch);
  return Datum::string(digits.substr(0, mapped.length));
}

Datum mask_of(const Mapped& mapped, const Datum&, Scratch&) { return Datum::string(mapped.mask); }

using Map = Datum (*)(const Mapped&, const Datum&, Scratch&);

template <Map map>
Result<Datum> decode_mapped(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  const auto& mapped = *static_cast<const Mapped*>(codec.mapped.get());
  auto datum = mapped.plain.decode(mapped.plain, text, scratch);
  if (!datum) return datum;
  return map(mapped, *datum, scratch);
}

Result<Datum> decode_masked(const ColumnCodec& codec, std::string_view, Scratch&) { return codec.fallback; }

// What stands in for a value is changed as a value is, once and for all.
template <Map map>
void map_values(Mapped mapped, ColumnCodec& codec) {
  auto kept = std::make_shared<const Mapped>(std::move(mapped));
  auto memory = std::make_shared<Scratch>();
  codec.fallback = map(*kept, codec.fallback, *memory);
  // A placeholder of arbitrary bytes is a text only once it is decoded.
  if (codec.unavailable.kind == Datum::Kind::string) {
    const std::string placeholder = utf8_of(utf16_of(codec.unavailable.text()));
    char* const place = memory->bytes(placeholder.size());
    placeholder.copy(place, placeholder.size());
    codec.unavailable = Datum::string({place, placeholder.size()});
  }
  codec.unavailable = map(*kept, codec.unavailable, *memory);
  codec.decode = map == mask_of ? decode_masked : decode_mapped<map>;
  codec.mapped = std::move(kept);
  codec.owned = std::move(memory);
}

void add_parameter(ColumnCodec& codec, std::vector<std::pair<std::string, std::string>> parameters) {
  Schema schema = *codec.schema;
  schema.parameters.insert(schema.parameters.end(), std::make_move_iterator(parameters.begin()), std::make_move_iterator(parameters.end()));
  codec.schema = std::make_shared<const Schema>(std::move(schema));
}

std::vector<std::pair<std::string, std::string>> type_parameters(const ColumnFacts& facts, const ColumnSourceType& type) {
  std::vector<std::pair<std::string, std::string>> out{{"__debezium.source.column.type", upper(type.name)}};
  if (type.length != -1) out.emplace_back("__debezium.source.column.length", std::to_string(type.length));
  if (type.scale) out.emplace_back("__debezium.source.column.scale", std::to_string(*type.scale));
  out.emplace_back("__debezium.source.column.name", facts.name);
  return out;
}

// The middle of an option's name; none: the name is another's, or has nothing there.
std::optional<std::string_view> between(std::string_view name, std::string_view front, std::string_view back) {
  if (!name.starts_with(front) || !name.ends_with(back) || name.size() <= front.size() + back.size()) return std::nullopt;
  return name.substr(front.size(), name.size() - front.size() - back.size());
}

// None where it is no number, or one that Java's Integer does not hold (said in the log).
std::optional<std::int32_t> length_in(const std::string& name, std::string_view front) {
  const auto digits = between(name, front, ".chars");
  if (!digits || !std::ranges::all_of(*digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::int32_t length = 0;
  if (std::from_chars(digits->data(), digits->data() + digits->size(), length).ec == std::errc{}) return length;
  logger(k_mapping_log)->error("Unexpected value {} extracted from configuration field '{}'; the option has no effect", *digits, name);
  return std::nullopt;
}

struct Hashing {
  std::string algorithm, salt;
};
std::optional<Hashing> hashing_in(std::string_view name, std::string_view front) {
  constexpr std::string_view k_salt = ".with.salt.";
  if (!name.starts_with(front)) return std::nullopt;
  name.remove_prefix(front.size());
  const std::size_t end = name.find('.');
  if (end == 0 || end == std::string_view::npos || !name.substr(end).starts_with(k_salt)) return std::nullopt;
  const std::string_view salt = name.substr(end + k_salt.size());
  if (salt.empty()) return std::nullopt;
  return Hashing{std::string{name.substr(0, end)}, std::string{salt}};
}

// Connect gives the task the connector's options and one more: the order in which Java meets them.
std::vector<std::string> names_in_order(const Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, value] : config.entries()) names.push_back(name);
  if (!config.has("task.class")) names.emplace_back("task.class");
  std::vector<std::string> ordered;
  for (const std::size_t at : java_hash_map_order(names)) ordered.push_back(names[at]);
  return ordered;
}

}  // namespace

Result<void> ColumnMapping::add(const Config& config, const std::vector<std::string>& names, Action action) {
  for (const std::string& name : names) {
    Rule rule{.action = action};
    if (action == Action::truncate || action == Action::mask) {
      const auto length = length_in(name, action == Action::mask ? "column.mask.with." : "column.truncate.to.");
      if (!length) continue;
      rule.length = *length;
    } else if (action == Action::tell_type) {
      if (name != "column.propagate.source.type" && name != "datatype.propagate.source.type") continue;
      rule.by_type = name.starts_with("data");
    } else {
      auto hashing = hashing_in(name, action == Action::hash_utf8 ? "column.mask.hash.v2." : "column.mask.hash.");
      if (!hashing) continue;
      rule.algorithm = std::move(hashing->algorithm);
      rule.salt = std::move(hashing->salt);
    }
    auto patterns = RegexList::compile(config.get(name));
    if (!patterns) return fail(name + ": " + patterns.error().text, Retry::no, patterns.error().exception);
    rule.patterns = std::move(*patterns);
    if (action == Action::mask && rule.length > k_mask_length_max)
      return fail(name + ": a mask of " + std::to_string(rule.length) + " characters fits in no record; use a smaller number");
    rules_.push_back(std::move(rule));
  }
  return {};
}

Result<ColumnMapping> ColumnMapping::create(const Config& config) {
  ColumnMapping out;
  const std::vector<std::string> names = names_in_order(config);
  for (const Action action : {Action::truncate, Action::mask, Action::tell_type, Action::hash_serialized, Action::hash_utf8})
    MR_CHECK(out.add(config, names, action));
  // Columns are asked before their types.
  std::ranges::stable_sort(out.rules_, {}, [](const Rule& rule) { return std::pair{rule.action, rule.by_type}; });
  return out;
}

const ColumnMapping::Rule* ColumnMapping::rule_of(std::string_view table, const ColumnFacts& facts, const ColumnSourceType& type) const {
  const std::string prefix = std::string{table} + ".";
  for (const Rule& rule : rules_) {
    const auto takes = rule.patterns.matches_any(prefix + (rule.by_type ? type.name : facts.name));
    if (!takes) {
      // Rather a value too few than one that was to be hidden.
      logger(k_mapping_log)->error("{}{} is taken by an option whose pattern cannot be matched: {}", prefix, facts.name, takes.error().text);
      return &rule;
    }
    if (*takes) return &rule;
  }
  return nullptr;
}

Result<bool> ColumnMapping::apply(std::string_view table, const ColumnFacts& facts, const TypeRegistry& types, Phase phase,
                                  ColumnCodec& codec) const {
  if (rules_.empty()) return false;
  const ColumnSourceType type = source_type_of(facts, types, phase);
  const Rule* rule = rule_of(table, facts, type);
  if (rule == nullptr) return false;
  MR_CHECK(alter(*rule, facts, type, codec));
  return true;
}

Result<void> ColumnMapping::alter(const Rule& rule, const ColumnFacts& facts, const ColumnSourceType& type, ColumnCodec& codec) {
  switch (rule.action) {
    case Action::truncate:
      if (type.length >= 0 && type.length <= rule.length) return {};
      add_parameter(codec, {{"truncateLength", std::to_string(rule.length)}});
      if (codec.schema->type == Type::string)
        map_values<cut>({.plain = codec, .length = static_cast<std::size_t>(rule.length)}, codec);
      return {};
    case Action::tell_type:
      add_parameter(codec, type_parameters(facts, type));
      return {};
    case Action::mask:
      add_parameter(codec, {{"masked", "true"}});
      if (type.characters) map_values<mask_of>({.plain = codec, .mask = std::string(static_cast<std::size_t>(rule.length), '*')}, codec);
      return {};
    case Action::hash_serialized:
    case Action::hash_utf8: {
      add_parameter(codec, {{"masked", "true"}});
      if (!type.characters) return {};
      MR_TRY(ColumnHash hash, ColumnHash::create(rule.algorithm, rule.salt,
                                                 rule.action == Action::hash_utf8 ? HashInput::utf8 : HashInput::serialized));
      const std::size_t limit = type.length > 0 ? static_cast<std::size_t>(type.length) : k_no_cut;
      map_values<hashed>({.plain = codec, .length = limit, .hash = std::move(hash)}, codec);
      return {};
    }
  }
  return {};
}

}  // namespace millrace::postgres
