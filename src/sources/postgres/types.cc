#include "sources/postgres/types.h"

#include <fmt/format.h>

#include <charconv>

#include "core/letters.h"
#include "core/log.h"
#include "sources/postgres/array_text.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_values_log = "io.debezium.connector.postgresql.PostgresValueConverter";
constexpr std::size_t k_scratch_kept_bytes = 64 * 1024;
constexpr std::size_t k_scratch_block_bytes = 16 * 1024;

// Debezium 2.7 reads the labels as they lie in the catalog: one that was added before another comes behind it.
constexpr std::string_view k_type_columns =
    "SELECT t.oid, t.typname, n.nspname, t.typtype, t.typcategory, t.typelem, t.typbasetype, t.typtypmod, t.typnotnull,"
    " (SELECT array_agg(e.enumlabel::text ORDER BY e.ctid) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),"
    " n.nspname = ANY (pg_catalog.current_schemas(true)), t.typdelim"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace";

TypeInfo type_info(const Rows& rows, int row) {
  TypeInfo type;
  type.oid = catalog_number<std::uint32_t>(rows.text(row, 0));
  type.name = rows.text(row, 1);
  type.schema = rows.text(row, 2);
  if (!rows.text(row, 3).empty()) type.kind = rows.text(row, 3).front();
  if (!rows.text(row, 4).empty()) type.category = rows.text(row, 4).front();
  // Other types have an element too (point, name): only category A prints as an array.
  if (type.category == 'A') type.element = catalog_number<std::uint32_t>(rows.text(row, 5));
  type.base = catalog_number<std::uint32_t>(rows.text(row, 6));
  type.base_typmod = catalog_number<std::int32_t>(rows.text(row, 7));
  type.not_null = rows.text(row, 8) == "t";
  if (!rows.is_null(row, 9)) {
    ArrayText labels{rows.text(row, 9)};
    ArrayText::Item item;
    while (labels.next(item)) type.labels.emplace_back(item.text);
  }
  type.on_path = rows.text(row, 10) == "t";
  if (!rows.text(row, 11).empty()) type.delimiter = rows.text(row, 11).front();
  return type;
}

// The first 40 characters, whole ones.
std::string shortened(std::string_view text) {
  constexpr std::size_t k_characters_max = 40;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (characters++ == k_characters_max) return std::string{text.substr(0, at)} + "...";
  }
  return std::string{text};
}

std::string chosen_mode(const Config& config, std::string_view option) { return lower(trimmed(config.get(option))); }

BinaryMode binary_mode(const std::string& text) {
  if (text == "base64") return BinaryMode::base64;
  if (text == "base64-url-safe") return BinaryMode::base64_url_safe;
  return text == "hex" ? BinaryMode::hex : BinaryMode::bytes;
}

// "hex:" before pairs of hexadecimal digits gives bytes, everything else is the text itself.
std::string placeholder(std::string text) {
  if (!text.starts_with("hex:")) return text;
  std::string bytes;
  for (std::size_t at = 4; at + 1 < text.size(); at += 2) {
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + at + 2) return text;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

bool draft_scalar(const ColumnType& column, CodecDraft& draft) {
  return draft_number(column, draft) || draft_text(column, draft) || draft_decimal(column, draft) ||
         draft_temporal(column, draft) || draft_binary(column, draft) || draft_geometry(column, draft) ||
         draft_hstore(column, draft);
}

void prepare(CodecDraft& draft, const ColumnFacts& facts, Phase phase, const ValueModes& modes) {
  draft.codec.name = facts.name;
  draft.codec.phase = phase;
  draft.codec.decimal = modes.decimal;
  draft.codec.binary = modes.binary;
}

// Of a domain over hstore the placeholder is the plain text, which is no map.
void forget_placeholder_of_pairs(const ColumnType& column, CodecDraft& draft) {
  draft.codec.unavailable =
      column.modes.hstore_as_map ? Datum::null() : Datum::string(draft.keep(column.modes.unavailable));
}

// True when the draft is filled. The element of an array is optional, and always read as pgjdbc reads arrays.
bool draft_column(const ColumnFacts& facts, const ColumnType& column, const TypeRegistry& types, CodecDraft& draft) {
  const bool domain = column.type.oid != facts.type_oid;
  if (column.type.element == 0) {
    if (!draft_scalar(column, draft)) return false;
    if (domain && column.type.name == "hstore") forget_placeholder_of_pairs(column, draft);
    return true;
  }
  const TypeInfo* const element_type = types.known(column.type.element);
  if (element_type == nullptr) return false;
  CodecDraft element;
  prepare(element, facts, Phase::snapshot, column.modes);
  element.codec.in_array = true;
  const ColumnType element_column{.type = *element_type, .typmod = column.typmod, .optional = true,
                                  .phase = Phase::snapshot, .modes = column.modes};
  const bool known = element_type->kind != 'd' && draft_scalar(element_column, element);
  if (!draft_array(column, *element_type, known ? &element : nullptr, draft)) return false;
  if (domain) draft.codec.unavailable = Datum::null();   // its placeholder is made for the array's own type only
  return true;
}

struct RootType {
  const TypeInfo* type = nullptr;
  std::int32_t typmod = -1;
};

RootType root_of(const ColumnFacts& facts, const TypeRegistry& types) {
  RootType root{.type = types.known(facts.type_oid), .typmod = facts.typmod};
  for (int depth = 0; root.type != nullptr && root.type->kind == 'd'; ++depth) {
    if (depth == k_domain_depth_max) return {};
    if (root.type->base_typmod != -1) root.typmod = root.type->base_typmod;
    root.type = types.known(root.type->base);
  }
  return root;
}

// Defaults are read as streamed values are, also for the snapshot's schema. A domain's are not exported.
void add_default(const ColumnFacts& facts, const ColumnType& column, const TypeRegistry& types, CodecDraft& draft) {
  if (!facts.default_expression || column.type.oid != facts.type_oid || column.type.element != 0) return;
  ColumnType streamed = column;
  streamed.phase = Phase::streaming;
  CodecDraft reader;
  prepare(reader, facts, Phase::streaming, column.modes);
  if (!draft_column(facts, streamed, types, reader)) return;
  apply_default(facts, streamed, reader);
  draft.schema.default_value = std::move(reader.schema.default_value);
}

// An array whose elements have no converter still carries them as bytes; without an array, all of it is bytes.
// The arrays that draft_array refuses stay refused.
bool draft_raw(const ColumnFacts& facts, const ColumnType& column, const TypeRegistry& types, CodecDraft& draft) {
  if (column.type.element == 0) {
    draft_unknown(column, draft);
    return true;
  }
  const TypeInfo* const element_type = types.known(column.type.element);
  if (element_type == nullptr) return false;
  CodecDraft element;
  prepare(element, facts, Phase::snapshot, column.modes);
  element.codec.in_array = true;
  const ColumnType element_column{.type = *element_type, .typmod = column.typmod, .optional = false,
                                  .phase = Phase::snapshot, .modes = column.modes};
  draft_unknown(element_column, element);
  return draft_array(column, *element_type, &element, draft);
}

}  // namespace

ValueModes value_modes(const Config& config) {
  ValueModes modes;
  const std::string decimal = chosen_mode(config, "decimal.handling.mode");
  if (decimal == "double") modes.decimal = DecimalMode::real;
  if (decimal == "string") modes.decimal = DecimalMode::text;
  const std::string time = chosen_mode(config, "time.precision.mode");
  if (time == "adaptive_time_microseconds") modes.time = TimePrecision::adaptive_time_microseconds;
  if (time == "connect") modes.time = TimePrecision::connect;
  modes.interval_as_text = chosen_mode(config, "interval.handling.mode") == "string";
  modes.hstore_as_map = chosen_mode(config, "hstore.handling.mode") == "map";
  modes.binary = binary_mode(chosen_mode(config, "binary.handling.mode"));
  modes.money_fraction_digits = static_cast<int>(config.integer("money.fraction.digits", 2));
  modes.include_unknown = config.boolean("include.unknown.datatypes", false);
  modes.unavailable = placeholder(config.get("unavailable.value.placeholder", modes.unavailable));
  return modes;
}

Result<void> TypeRegistry::load(Connection& connection) {
  MR_TRY(const Rows rows,
         connection.query(fmt::format("{} WHERE n.nspname <> 'pg_toast'", k_type_columns)));
  for (int row = 0; row < rows.size(); ++row) add(type_info(rows, row));
  return {};
}

Result<const TypeInfo*> TypeRegistry::find(std::uint32_t oid, Connection& connection) {
  if (const TypeInfo* type = known(oid)) return type;
  MR_TRY(const Rows rows,
         connection.query(fmt::format("{} WHERE t.oid = $1::oid", k_type_columns), {std::to_string(oid)}));
  if (rows.size() == 0) return nullptr;
  const TypeInfo& type = add(type_info(rows, 0));
  if (type.base != 0) MR_CHECK(find(type.base, connection));
  if (type.element != 0) MR_CHECK(find(type.element, connection));
  return &type;
}

const TypeInfo* TypeRegistry::known(std::uint32_t oid) const {
  const auto at = types_.find(oid);
  return at == types_.end() ? nullptr : &at->second;
}

const TypeInfo& TypeRegistry::add(TypeInfo type) {
  const std::uint32_t oid = type.oid;
  return types_.insert_or_assign(oid, std::move(type)).first->second;
}

char* Scratch::bytes(std::size_t size) {
  if (blocks_.empty() || size > block_size_ - used_) {
    block_size_ = std::max(size, k_scratch_block_bytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
    used_ = 0;
  }
  char* place = blocks_.back().get() + used_;
  used_ += size;
  return place;
}

Value& Scratch::tree(Value value) { return trees_.emplace_back(std::move(value)); }

void Scratch::reset() {
  trees_.clear();
  used_ = 0;
  if (blocks_.size() <= 1 && block_size_ <= k_scratch_kept_bytes) return;
  // Many blocks mean that the records are large: one block of their size, within the bound, serves the next ones.
  const bool grow = blocks_.size() > 1 && block_size_ <= k_scratch_kept_bytes;
  blocks_.clear();
  block_size_ = 0;
  if (!grow) return;
  block_size_ = k_scratch_kept_bytes;
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
}

std::string_view CodecDraft::keep(std::string_view text) {
  char* place = owned().bytes(text.size());
  text.copy(place, text.size());
  return {place, text.size()};
}

Datum CodecDraft::keep(Value value) { return datum_of(owned().tree(std::move(value))); }

std::unexpected<Error> unreadable(const ColumnCodec& codec, std::string_view type, std::string_view text) {
  return fail(fmt::format("column '{}': '{}' is no text of type {}", codec.name, shortened(text), type), Retry::no,
              k_debezium_exception);
}

Result<Datum> unconvertible(const ColumnCodec& codec, std::string_view reason) {
  if (codec.in_array || codec.of_default)
    return fail(fmt::format("column '{}': {}", codec.name, reason), Retry::no, k_debezium_exception);
  codec.failure = reason;
  if (codec.failures++ == 0)
    logger(k_values_log)->warn("Column '{}' is null where its values do not convert: {}", codec.name, reason);
  return Datum::null();
}

// Digits may stand for a text here (numeric in string mode).
Value value_of(const Datum& datum, const Schema& schema) {
  const bool text = datum.kind == Datum::Kind::digits && schema.type == Type::string;
  return text ? Value{datum.text()} : to_value(datum);
}

Datum datum_of(const Value& value) {
  if (value.is_null()) return Datum::null();
  if (const bool* boolean = value.boolean()) return Datum::of(*boolean);
  if (const std::int64_t* number = value.integer()) return Datum::of(*number);
  if (const float* number = value.float32()) return Datum::of(*number);
  if (const double* number = value.float64()) return Datum::of(*number);
  if (const std::string* text = value.string()) return Datum::string(*text);
  if (const Bytes* bytes = value.bytes()) return Datum::bytes(bytes->data);
  return Datum::of(value);
}

Result<ColumnCodec> make_codec(const ColumnFacts& facts, TypeRegistry& types, Connection& connection,
                               const ValueModes& modes, Phase phase) {
  MR_CHECK(types.find(facts.type_oid, connection));
  return make_codec(facts, types, modes, phase);
}

ColumnCodec make_codec(const ColumnFacts& facts, const TypeRegistry& types, const ValueModes& modes, Phase phase) {
  const RootType root = root_of(facts, types);
  CodecDraft draft;
  prepare(draft, facts, phase, modes);
  if (root.type == nullptr) {
    logger(k_values_log)->warn("Column '{}' has the type of oid {}, which does not exist; it is left out", facts.name,
                               facts.type_oid);
    return std::move(draft.codec);
  }
  const ColumnType column{.type = *root.type, .typmod = root.typmod, .optional = facts.optional, .phase = phase,
                          .modes = modes};
  if (!draft_column(facts, column, types, draft)) {
    const std::string_view action = modes.include_unknown ? "passed as raw bytes" : "left out";
    logger(k_values_log)->warn("No converter found for column '{}' of type '{}': {}", facts.name, root.type->name, action);
    if (!modes.include_unknown || !draft_raw(facts, column, types, draft)) return std::move(draft.codec);
  }
  add_default(facts, column, types, draft);
  if (!facts.optional)
    draft.codec.fallback = draft.schema.default_value ? draft.keep(*draft.schema.default_value) : draft.fallback;
  draft.codec.schema = std::make_shared<const Schema>(std::move(draft.schema));
  return std::move(draft.codec);
}

}  // namespace millrace::postgres
