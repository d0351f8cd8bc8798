// Schema and Value are Kafka Connect's data model: the general form of a record, which every transform and
// converter understands. Logical types (Decimal, Date, io.debezium.time.*) are a base type with a name:
// a Decimal's Value is the Bytes of its unscaled big-endian two's complement; dates and times are integers.
// Threads: immutable once shared. Source: Kafka Connect 4.0's org.apache.kafka.connect.data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace millrace {

struct Schema;
class Value;
using SchemaPtr = std::shared_ptr<const Schema>;

enum class Type : std::uint8_t {
  boolean, int8, int16, int32, int64, float32, float64, string, bytes, array, map, structure
};

struct Field {
  std::string name;
  SchemaPtr schema;
};

struct Schema {
  Type type = Type::string;
  bool optional = false;
  std::string name{};                                            // empty: none
  std::optional<int> version{};
  std::string doc{};                                             // empty: none
  std::vector<std::pair<std::string, std::string>> parameters{};  // in insertion order
  std::shared_ptr<const Value> default_value{};                  // null: none
  std::vector<Field> fields{};                                   // structure
  SchemaPtr keys{};                                              // map
  SchemaPtr values{};                                            // map's values, array's items

  const Field* field(std::string_view field_name) const {
    for (const Field& candidate : fields)
      if (candidate.name == field_name) return &candidate;
    return nullptr;
  }
};

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// Stands for whatever a slot of a record plan holds, where transforms are tried on a plan instead of a record.
struct SlotMark {
  std::uint16_t slot = 0;
  bool operator==(const SlotMark&) const = default;
};

class Value {
 public:
  using Array = std::vector<Value>;
  using Map = std::vector<std::pair<Value, Value>>;   // in iteration order
  struct Struct {                                     // one value per field of the schema, in its order
    SchemaPtr schema;
    std::vector<Value> fields;
    bool operator==(const Struct&) const;
  };
  using Data = std::variant<std::monostate, bool, std::int64_t, float, double, std::string, Bytes,
                            std::shared_ptr<Array>, std::shared_ptr<Map>, std::shared_ptr<Struct>, SlotMark>;

  Value() = default;  // null
  explicit Value(bool value) : data_{value} {}
  explicit Value(std::int64_t value) : data_{value} {}   // all integer types
  explicit Value(float value) : data_{value} {}
  explicit Value(double value) : data_{value} {}
  explicit Value(std::string value) : data_{std::move(value)} {}
  explicit Value(std::string_view value) : data_{std::string{value}} {}
  explicit Value(const char* value) : data_{std::string{value}} {}
  explicit Value(Bytes value) : data_{std::move(value)} {}
  explicit Value(Array value) : data_{std::make_shared<Array>(std::move(value))} {}
  explicit Value(Map value) : data_{std::make_shared<Map>(std::move(value))} {}
  explicit Value(SlotMark mark) : data_{mark} {}
  explicit Value(Struct value) : data_{std::make_shared<Struct>(std::move(value))} {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
  const float* float32() const { return std::get_if<float>(&data_); }
  const double* float64() const { return std::get_if<double>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const Bytes* bytes() const { return std::get_if<Bytes>(&data_); }
  const SlotMark* mark() const { return std::get_if<SlotMark>(&data_); }
  const Array* array() const { return pointee<Array>(); }
  const Map* map() const { return pointee<Map>(); }
  const Struct* structure() const { return pointee<Struct>(); }

  // Of a Value that holds a structure: moved out where no other Value shares it, else copied.
  Struct taken_structure() && {
    Struct& held = *std::get<std::shared_ptr<Struct>>(data_);
    return std::get<std::shared_ptr<Struct>>(data_).use_count() == 1 ? std::move(held) : held;
  }

  bool operator==(const Value& other) const;  // deep; schemas of structs are not compared

 private:
  template <typename T>
  const T* pointee() const {
    const auto* pointer = std::get_if<std::shared_ptr<T>>(&data_);
    return pointer == nullptr ? nullptr : pointer->get();
  }
  Data data_;
};

}  // namespace millrace
