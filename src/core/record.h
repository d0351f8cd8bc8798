// Record is one message on its way to Kafka in its fast form: a RecordPlan, made once per relation version,
// and an array of Datums that changes with every message. The plan says where each Datum goes; it holds no
// text of any format, so that each converter compiles it once into whatever is quick for it.
//
// Datum: a typed scalar view of 16 bytes. A view is dead after RecordSink::emit returns.
// Shape: describes a value of a schema: a constant, a slot, or a structure of shapes.
// to_tree() expands a Record into the general form (ConnectRecord); it is the oracle of every fast path.
// Threads: one task's thread. Lifetime: a plan outlives the records that name it; the source owns plans.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"

namespace millrace {

struct Datum {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    int64,     // every integer type
    float32,
    float64,
    string,    // UTF-8 text
    bytes,
    digits,    // canonical decimal text of an integer type: optional '-', no leading zeros, no blanks
    tree,      // anything else, as a Value (arrays, maps, nested structures)
  };

  Kind kind = Kind::null;
  std::uint32_t size = 0;  // of string, bytes, digits
  union {
    bool boolean;
    std::int64_t int64 = 0;
    float float32;
    double float64;
    const char* data;
    const Value* tree;
  };

  static Datum null() { return {}; }
  static Datum of(bool value) { Datum d; d.kind = Kind::boolean; d.boolean = value; return d; }
  static Datum of(std::int64_t value) { Datum d; d.kind = Kind::int64; d.int64 = value; return d; }
  static Datum of(float value) { Datum d; d.kind = Kind::float32; d.float32 = value; return d; }
  static Datum of(double value) { Datum d; d.kind = Kind::float64; d.float64 = value; return d; }
  static Datum of(const Value& value) { Datum d; d.kind = Kind::tree; d.tree = &value; return d; }
  static Datum of(const Value&&) = delete;
  static Datum string(std::string_view text) { return view(Kind::string, text); }
  static Datum bytes(std::string_view text) { return view(Kind::bytes, text); }
  static Datum digits(std::string_view text) { return view(Kind::digits, text); }

  std::string_view text() const { return {data, size}; }
  bool is_null() const { return kind == Kind::null || (kind == Kind::tree && tree->is_null()); }

 private:
  static Datum view(Kind kind, std::string_view text) {
    Datum d;
    d.kind = kind;
    d.size = static_cast<std::uint32_t>(text.size());
    d.data = text.data();
    return d;
  }
};
static_assert(sizeof(Datum) == 16);

inline constexpr std::uint16_t k_no_slot = 0xFFFF;

struct Shape {
  enum class From : std::uint8_t { constant, slot, structure };

  SchemaPtr schema;
  From from = From::constant;
  Value constant{};                  // From::constant
  std::uint16_t slot = k_no_slot;    // From::slot; From::structure: null Datum there = the whole is null
  std::vector<Shape> fields{};       // From::structure: one per field of the schema, in its order

  static Shape of_constant(SchemaPtr schema, Value value = {}) {
    return {.schema = std::move(schema), .from = From::constant, .constant = std::move(value)};
  }
  static Shape of_slot(SchemaPtr schema, std::uint16_t slot) {
    return {.schema = std::move(schema), .from = From::slot, .slot = slot};
  }
  static Shape of_structure(SchemaPtr schema, std::vector<Shape> fields,
                            std::uint16_t presence_slot = k_no_slot) {
    return {.schema = std::move(schema), .from = From::structure, .slot = presence_slot,
            .fields = std::move(fields)};
  }
};

// What a sink makes of a plan, kept with the plan so that both die together.
class PlanAttachment {
 public:
  virtual ~PlanAttachment() = default;
};

struct RecordPlan {
  std::string topic;
  std::optional<Shape> key{};     // none: key schema and key are null
  std::optional<Shape> value{};   // none: value schema and value are null
  std::uint16_t slot_count = 0;
  mutable std::unique_ptr<PlanAttachment> attachment{};
};

struct Header {
  std::string name;
  SchemaPtr schema;
  Value value;
};

struct Record {
  const RecordPlan* plan = nullptr;
  std::span<const Datum> slots{};
  bool tombstone = false;                      // value schema and value null, whatever the plan says
  std::int32_t partition = -1;                 // -1: by the key
  std::span<const Header> headers{};
  std::optional<std::int64_t> timestamp_ms{};  // none: now
};

// The general form: what transforms take and give.
struct ConnectRecord {
  std::string topic;
  std::int32_t partition = -1;
  SchemaPtr key_schema;
  Value key;
  SchemaPtr value_schema;
  Value value;
  std::vector<Header> headers;
  std::optional<std::int64_t> timestamp_ms;
  // Where headers go that are added in place, for the tombstone behind this record: Debezium gives both one list. Null: the
  // list is the record's own, as behind every transform that in Java makes a new record with a copy of the headers.
  std::vector<Header>* tombstone_headers = nullptr;
};

// In place: the tombstone that shares the list gets it too.
void add_shared_header(ConnectRecord& record, Header header);

ConnectRecord to_tree(const Record& record);
Value to_value(const Datum& datum);

}  // namespace millrace
