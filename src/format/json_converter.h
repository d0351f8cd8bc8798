// JsonConverter is org.apache.kafka.connect.json.JsonConverter: {"schema":...,"payload":...} or the bare value.
// Options: schemas.enable, decimal.format, replace.null.with.default; schemas.cache.size is checked and
// without effect, as the memory for rendered schemas has a bound in bytes.
// Threads: one task's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "format/converter.h"
#include "format/json_writer.h"

namespace millrace {

class JsonConverter final : public Converter {
 public:
  static Result<std::unique_ptr<Converter>> create(const Config& options);

  explicit JsonConverter(JsonOptions options) : writer_{options} {}
  Result<std::unique_ptr<CompiledShape>> compile(const Shape& shape) const override;
  Result<bool> convert(const SchemaPtr& schema, const Value& value, Output& out) const override;

 private:
  struct Rendered {
    SchemaPtr schema;    // keeps the address from being used again
    std::string text;
  };
  Result<void> append_schema(const SchemaPtr& schema, Output& out) const;

  JsonWriter writer_;
  // Of the general path: transforms give the same schemas with every record.
  mutable std::unordered_map<const Schema*, Rendered> rendered_;
  mutable std::size_t rendered_bytes_ = 0;
};

}  // namespace millrace
