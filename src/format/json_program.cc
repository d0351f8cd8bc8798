#include "format/json_program.h"

#include <cassert>
#include <cstring>

#include "core/json_text.h"

namespace millrace {

namespace {

// Copies go in whole blocks, beyond the end of both sides.
constexpr std::size_t k_block = 16;
constexpr std::size_t k_scalar_room = k_float_room + 2;

char* copy_literal(char* to, const char* from, std::size_t size) {
  constexpr std::size_t k_short = 4 * k_block;
  if (size > k_short) [[unlikely]] {
    std::memcpy(to, from, size);
    return to + size;
  }
  char* const end = to + size;
  do {
    std::memcpy(to, from, k_block);
    to += k_block;
    from += k_block;
  } while (to < end);
  return end;
}

constexpr std::size_t k_digits_max = 20;   // of an int64, with its sign

// Without reading beyond the end, as the digits lie in somebody's buffer.
char* copy_digits(char* to, const char* from, std::size_t size) {
  if (size >= 8) {
    std::memcpy(to, from, 8);
    if (size > 16) std::memcpy(to + 8, from + 8, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

}  // namespace

class JsonProgram::Builder {
 public:
  Builder(JsonProgram& program) : program_{program} {}

  Result<void> build(const Shape& shape) {
    const JsonOptions& options = program_.writer_.options();
    if (options.schemas) {
      text(R"({"schema":)");
      MR_CHECK(program_.writer_.schema(shape.schema.get(), literals_));
      text(R"(,"payload":)");
    }
    MR_CHECK(add(shape, ""));
    if (options.schemas) text("}");
    step(Code::end);
    program_.literals_ = std::string{literals_.written()} + std::string(k_block, '\0');
    set_rooms();
    return {};
  }

 private:
  void text(std::string_view characters) { literals_.append(characters); }

  // Ends the literal that is being written.
  Step& step(Code code) {
    const auto end = static_cast<std::uint32_t>(literals_.written().size());
    program_.steps_.push_back({.code = code, .literal = literal_begin_, .literal_size = end - literal_begin_});
    literal_begin_ = end;
    return program_.steps_.back();
  }

  Result<void> add(const Shape& shape, const std::string& where) {
    switch (shape.from) {
      case Shape::From::constant: return add_constant(shape, where);
      case Shape::From::slot: return add_slot(shape, where);
      case Shape::From::structure: return add_structure(shape, where);
    }
    return {};
  }

  // A constant that cannot be written fails the records that reach it, not those that leave it out.
  Result<void> add_constant(const Shape& shape, const std::string& where) {
    StringOutput rendered;
    if (auto written = program_.writer_.value(shape.schema.get(), shape.constant, rendered)) {
      text(rendered.written());
      return {};
    }
    Step& added = step(Code::missing);
    added.place = place(shape.schema, where);
    program_.places_.back().constant = shape.constant;
    return {};
  }

  Result<void> add_slot(const Shape& shape, const std::string& where) {
    assert(shape.slot != k_no_slot);
    add_step_of_slot(code_for(shape.schema.get()), shape, where);
    return {};
  }

  Result<void> add_structure(const Shape& shape, const std::string& where) {
    assert(shape.schema != nullptr && shape.fields.size() == shape.schema->fields.size());
    const bool guarded = shape.slot != k_no_slot;
    const std::uint32_t guard = guarded ? add_step_of_slot(Code::structure, shape, where) : 0;
    text("{");
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
      if (i != 0) text(",");
      const std::string& name = shape.schema->fields[i].name;
      append_json_string(literals_, name);
      text(":");
      MR_CHECK(add(shape.fields[i], where.empty() ? name : where + "." + name));
    }
    text("}");
    if (guarded) {
      // The literal up to here belongs to the structure: it must not be run into the step behind.
      step(Code::nothing);
      program_.places_[guard].behind = static_cast<std::uint32_t>(program_.steps_.size());
    }
    return {};
  }

  Code code_for(const Schema* schema) const {
    if (schema == nullptr) return Code::general;
    switch (schema->type) {
      case Type::boolean: return Code::boolean;
      case Type::int8: case Type::int16: case Type::int32: case Type::int64: return Code::integer;
      case Type::float32: return Code::float32;
      case Type::float64: return Code::float64;
      case Type::string: return Code::string;
      case Type::bytes:
        return is_decimal(*schema) && program_.writer_.options().decimal == DecimalFormat::numeric ? Code::general
                                                                                                  : Code::bytes;
      case Type::array: case Type::map: case Type::structure: return Code::general;
    }
    return Code::general;
  }

  // The index of its place.
  std::uint32_t add_step_of_slot(Code code, const Shape& shape, const std::string& where) {
    Step& added = step(code);
    added.slot = shape.slot;
    added.place = place(shape.schema, where);
    StringOutput null_text;
    const bool allowed = program_.writer_.value(shape.schema.get(), Value{}, null_text).has_value();
    if (allowed && null_text.written().size() <= k_scalar_room) {
      added.null_size = static_cast<std::uint8_t>(null_text.written().size());
      added.null_text = static_cast<std::uint32_t>(literals_.written().size());
      text(null_text.written());
      literal_begin_ = added.null_text + added.null_size;
    }
    return added.place;
  }

  std::uint32_t place(const SchemaPtr& schema, const std::string& where) {
    program_.places_.push_back({.schema = schema, .where = where});
    return static_cast<std::uint32_t>(program_.places_.size() - 1);
  }

  static bool has_fixed_room(Code code) {
    switch (code) {
      case Code::boolean: case Code::integer: case Code::float32: case Code::float64:
      case Code::structure: case Code::nothing: return true;
      default: return false;
    }
  }

  void set_rooms() {
    std::uint32_t after = 0;
    for (std::size_t i = program_.steps_.size(); i-- > 0;) {
      Step& step = program_.steps_[i];
      if (!has_fixed_room(step.code)) after = 0;
      after += step.literal_size + static_cast<std::uint32_t>(k_scalar_room);
      step.room = after + static_cast<std::uint32_t>(k_block);
    }
  }

  JsonProgram& program_;
  StringOutput literals_;
  std::uint32_t literal_begin_ = 0;
};

Result<std::unique_ptr<CompiledShape>> JsonProgram::compile(const Shape& shape, JsonOptions options) {
  std::unique_ptr<JsonProgram> program{new JsonProgram{options}};
  if (shape.schema == nullptr) {
    program->always_null_ = shape.from == Shape::From::constant && shape.constant.is_null();
    if (shape.from == Shape::From::slot) program->null_slot_ = shape.slot;
  }
  MR_CHECK(Builder{*program}.build(shape));
  return program;
}

// Writes a value that needs no more than k_scalar_room. Null: the datum is of another kind.
inline char* JsonProgram::write_fixed(Code code, const Datum* at, char* to) {
  if (code == Code::nothing) return to;
  if (code == Code::missing) return nullptr;
  const Datum& datum = *at;
  switch (code) {
    case Code::integer:
      if (datum.kind == Datum::Kind::int64) return write_integer(to, datum.int64);
      if (datum.kind == Datum::Kind::digits && datum.size <= k_digits_max) return copy_digits(to, datum.data, datum.size);
      return nullptr;
    case Code::boolean:
      if (datum.kind != Datum::Kind::boolean) return nullptr;
      std::memcpy(to, datum.boolean ? "true    " : "false   ", 8);
      return to + (datum.boolean ? 4 : 5);
    case Code::float32: return datum.kind == Datum::Kind::float32 ? write_json_float(to, datum.float32) : nullptr;
    case Code::float64: return datum.kind == Datum::Kind::float64 ? write_json_float(to, datum.float64) : nullptr;
    case Code::structure:   // a null without a text, or perhaps one inside of a tree
      return datum.kind == Datum::Kind::null || datum.kind == Datum::Kind::tree ? nullptr : to;
    default: return nullptr;
  }
}

// Writes a value of unforeseen size or kind. Returns the step that follows.
Result<const JsonProgram::Step*> JsonProgram::write_other(const Step* step, std::span<const Datum> slots,
                                                          Output& out) const {
  const Place& place = places_[step->place];
  const Datum datum = step->code == Code::missing ? Datum::of(place.constant) : slots[step->slot];
  if (step->code == Code::structure && !datum.is_null()) return step + 1;
  MR_CHECK(writer_.datum(place.schema.get(), datum, out, place.where));
  return step->code == Code::structure ? &steps_[place.behind] : step + 1;
}

Result<bool> JsonProgram::write(std::span<const Datum> slots, Output& out) const {
  if (always_null_) return false;
  if (null_slot_ != k_no_slot && slots[null_slot_].is_null()) return false;
  const char* const literals = literals_.data();
  const Datum* const data = slots.data();
  const Step* step = steps_.data();
  char* begin = out.reserve(step->room);
  char* to = begin;
  const auto keep = [&] { out.advance(static_cast<std::size_t>(to - begin)); };
  for (;;) {
    to = copy_literal(to, literals + step->literal, step->literal_size);
    if (step->code == Code::end) {
      keep();
      return true;
    }
    const Datum* const datum = data + step->slot;   // not looked at where the step has no slot
    if (step->null_size != 0 && datum->kind == Datum::Kind::null) {
      to = copy_literal(to, literals + step->null_text, step->null_size);
      keep();
      step = step->code == Code::structure ? &steps_[places_[step->place].behind] : step + 1;
    } else if (step->code == Code::string && datum->kind == Datum::Kind::string) {
      keep();
      append_json_string(out, datum->text());
      ++step;
    } else if (step->code == Code::bytes && datum->kind == Datum::Kind::bytes) {
      keep();
      append_json_bytes(out, datum->text());
      ++step;
    } else if (char* const end = write_fixed(step->code, datum, to)) {
      to = end;
      ++step;
      continue;
    } else {
      keep();
      MR_TRY(step, write_other(step, slots, out));
    }
    begin = to = out.reserve(step->room);
  }
}

}  // namespace millrace
