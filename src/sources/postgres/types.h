// PostgreSQL types: which Connect schema a column has, and how its text becomes a Datum.
// Behaviour: Debezium 2.7's PostgresValueConverter. Number text is Java 21's.
// Threads: one task's thread. Lifetime: Datums made by decode point into the text given or into the Scratch.
#pragma once

#include <charconv>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/record.h"
#include "core/schema.h"
#include "sources/postgres/connection.h"

namespace millrace::postgres {

// A number of the catalog; text that is none has the value 0.
template <typename Integer>
Integer catalog_number(std::string_view text) {
  Integer value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

enum class DecimalMode : std::uint8_t { precise, real, text };
enum class TimePrecision : std::uint8_t { adaptive, adaptive_time_microseconds, connect };
enum class BinaryMode : std::uint8_t { bytes, base64, base64_url_safe, hex };

// How values are represented: decimal.handling.mode and its kin.
struct ValueModes {
  DecimalMode decimal = DecimalMode::precise;
  TimePrecision time = TimePrecision::adaptive;
  bool interval_as_text = false;
  bool hstore_as_map = false;
  BinaryMode binary = BinaryMode::bytes;
  int money_fraction_digits = 2;
  bool include_unknown = false;
  std::string unavailable = "__debezium_unavailable_value";   // bytes, "hex:" already decoded
};
ValueModes value_modes(const Config& config);

struct TypeInfo {
  std::uint32_t oid = 0;
  std::string name;
  std::string schema;
  bool on_path = true;                // its schema is in the search path
  char kind = 'b';                    // pg_type.typtype: b c d e p r m
  char category = 'U';                // pg_type.typcategory
  std::uint32_t element = 0;          // arrays
  std::uint32_t base = 0;             // domains
  std::int32_t base_typmod = -1;
  bool not_null = false;              // domains
  char delimiter = ',';               // pg_type.typdelim: between the elements of arrays of this type
  std::vector<std::string> labels;    // enums, in the order in which they were made
};

inline constexpr int k_domain_depth_max = 64;   // a domain over a domain over ...; against circles of hostile catalogs

// pg_type, read once and extended when an unknown oid is met.
class TypeRegistry {
 public:
  Result<void> load(Connection& connection);
  // Looks the oid up in the catalog when it is not known, and its base and element types; null: no such type.
  Result<const TypeInfo*> find(std::uint32_t oid, Connection& connection);
  const TypeInfo* known(std::uint32_t oid) const;   // null: not known, or no such type
  // Makes a type known, or known anew. The reference lives until the oid is added again.
  const TypeInfo& add(TypeInfo type);

 private:
  std::unordered_map<std::uint32_t, TypeInfo> types_;
};

// Memory for decoded bytes and trees of one record; reset before the next.
class Scratch {
 public:
  char* bytes(std::size_t size);              // stays in place until reset()
  Value& tree(Value value);
  void reset();                               // keeps up to 64 KiB

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_size_ = 0, used_ = 0;
  std::deque<Value> trees_;
};

// Facts of one column, from the catalog (snapshot) or from a Relation message completed by the catalog.
struct ColumnFacts {
  std::string name;
  std::uint32_t type_oid = 0;
  std::int32_t typmod = -1;
  bool optional = true;
  std::optional<std::string> default_expression;   // pg_get_expr
  bool generated = false;                          // stored generated or identity: no default
};

// Snapshot text and streamed text differ in a few values: which one is being read.
enum class Phase : std::uint8_t { snapshot, streaming };

// A column's schema and its two decoders, chosen once.
struct ColumnCodec {
  using Decode = Result<Datum> (*)(const ColumnCodec& codec, std::string_view text, Scratch& scratch);

  std::string name;
  SchemaPtr schema;                  // null: the column is left out of the records
  Decode decode = nullptr;
  Datum fallback{};                  // for an absent or null value of a required column; null when optional
  Datum unavailable{};               // for an unchanged TOAST value
  Phase phase = Phase::streaming;
  // What decode needs.
  DecimalMode decimal = DecimalMode::precise;
  BinaryMode binary = BinaryMode::bytes;
  std::int32_t scale = -1;
  std::int32_t length = -1;
  std::int32_t detail = 0;           // of some decoders: fraction digits, money digits, ...
  std::shared_ptr<const ColumnCodec> element;   // arrays
  bool in_array = false;             // the element of an array: what does not convert spoils the whole array
  bool of_default = false;           // reads a default: what does not convert is none
  mutable std::uint64_t failures = 0;   // values that became null because Debezium cannot convert them either
  mutable std::uint64_t failures_seen = 0;   // of them, those that a key has been looked at for
  mutable std::string failure{};        // why the last of them did not
  std::shared_ptr<Scratch> owned;    // memory of fallback and unavailable
  std::shared_ptr<const void> mapped;   // of ColumnMapping: the codec before it, and what changes its values
};

// Asks the catalog for types that are not known yet.
// Bytes as binary.handling.mode shows them.
Datum binary_datum(std::string_view bytes, BinaryMode mode, Scratch& scratch);

Result<ColumnCodec> make_codec(const ColumnFacts& facts, TypeRegistry& types, Connection& connection,
                               const ValueModes& modes, Phase phase);
// The same where all types are known.
ColumnCodec make_codec(const ColumnFacts& facts, const TypeRegistry& types, const ValueModes& modes, Phase phase);

}  // namespace millrace::postgres
