// JsonWriter writes Values and Schemas of the general tree as Connect's JsonConverter does.
// The inline functions are the scalars, shared with the compiled form so that both paths are one.
// Threads: one. Lifetime: nothing is kept.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/java_class.h"
#include "core/numbers.h"
#include "core/output.h"
#include "core/record.h"
#include "core/schema.h"

namespace millrace {

enum class DecimalFormat : std::uint8_t { base64, numeric };

struct JsonOptions {
  bool schemas = true;
  bool null_to_default = true;
  DecimalFormat decimal = DecimalFormat::base64;
};

// The `scale` parameter. Errors: none there, or no number.
Result<int> decimal_scale(const Schema& schema);

// JSON has no NaN: it becomes a string. Room: k_float_room.
template <typename Float>
char* write_json_float(char* to, Float value) {
  const bool quoted = !std::isfinite(value);
  if (quoted) *to++ = '"';
  if constexpr (sizeof(Float) == sizeof(double)) {
    to = write_double(to, value);
  } else {
    to = write_float(to, value);
  }
  if (quoted) *to++ = '"';
  return to;
}

inline void append_json_bytes(Output& out, std::string_view bytes) {
  const std::size_t size = base64_size(bytes.size()) + 2;
  char* to = out.reserve(size);
  *to = '"';
  *write_base64(to + 1, bytes) = '"';
  out.advance(size);
}

class JsonWriter {
 public:
  explicit JsonWriter(JsonOptions options) : options_{options} {}
  const JsonOptions& options() const { return options_; }

  // The schema's JSON; null: "null".
  Result<void> schema(const Schema* schema, Output& out) const;
  // A null schema: by the kind of the value. Errors name the field: "... (after.id)".
  Result<void> value(const Schema* schema, const Value& value, Output& out) const;
  // `where`: the fields from the root, for errors; a Datum that is a tree or does not fit the schema is right here.
  Result<void> datum(const Schema* schema, const Datum& datum, Output& out, std::string_view where) const;

 private:
  JsonOptions options_;
};

}  // namespace millrace
