// JsonProgram is a Shape made flat for JSON: literal bytes and scalar writers in turn, compiled once, run for
// every record. Constants, field names, the schema's text and what a null becomes are literals.
// Threads: one. Lifetime: holds its schemas; knows nothing of the Shape after compile().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "format/converter.h"
#include "format/json_writer.h"

namespace millrace {

class JsonProgram final : public CompiledShape {
 public:
  static Result<std::unique_ptr<CompiledShape>> compile(const Shape& shape, JsonOptions options);

  Result<bool> write(std::span<const Datum> slots, Output& out) const override;

 private:
  enum class Code : std::uint8_t {
    boolean, integer, float32, float64, string, bytes,
    general,     // decimals as numbers, arrays, maps, structures, schemaless: through JsonWriter
    structure,   // present or null? only of structures with a slot of their own
    nothing,     // ends such a structure
    missing,     // a constant that its schema does not allow: fails the record
    end,
  };

  // Copy the literal, then do what the code says. 24 bytes: the steps of a row are a few cache lines.
  struct Step {
    Code code = Code::end;
    std::uint8_t null_size = 0;       // of the text that stands for null; 0: a matter for write_other()
    std::uint16_t slot = 0;           // of steps without one: not looked at
    std::uint32_t literal = 0;        // begin in literals_
    std::uint32_t literal_size = 0;
    std::uint32_t null_text = 0;      // begin in literals_
    std::uint32_t room = 0;           // what this and the following steps may touch until room is asked for anew
    std::uint32_t place = 0;          // in places_
  };
  static_assert(sizeof(Step) == 24);

  // What is rarely looked at of a step.
  struct Place {
    SchemaPtr schema;
    std::string where;                // fields from the root, for errors
    std::uint32_t behind = 0;         // structure: the step that follows it
    Value constant{};                 // missing
  };

  class Builder;
  explicit JsonProgram(JsonOptions options) : writer_{options} {}

  static char* write_fixed(Code code, const Datum* at, char* to);
  Result<const Step*> write_other(const Step* step, std::span<const Datum> slots, Output& out) const;

  JsonWriter writer_;
  std::vector<Step> steps_;
  std::vector<Place> places_;
  std::string literals_;
  bool always_null_ = false;              // schema and value are null: Kafka's null
  std::uint16_t null_slot_ = k_no_slot;   // no schema: Kafka's null when this slot is null
};

}  // namespace millrace
