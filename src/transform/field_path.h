// FieldPath names a field, or with syntax V2 a field of a field: a.b, `a.b`.c.
// Threads: const calls from any thread. Source: Kafka Connect 4.0's SingleFieldPath (KIP-821).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/schema.h"

namespace millrace {

enum class FieldSyntax : bool { v1, v2 };

class FieldPath {
 public:
  // Errors: ConfigException, a backtick without its partner.
  static Result<FieldPath> create(std::string_view text, FieldSyntax syntax);

  const std::string& text() const { return text_; }
  // Null: no such field. Errors: DataException, a step that is no structure; the path has no steps.
  Result<const Field*> field_of(const Schema& schema) const;
  // Null where a step is null or missing.
  Result<Value> value_of(const Value::Struct& structure, bool null_to_default) const;
  Result<Value> value_of(const Value::Map& map) const;

 private:
  std::string text_;
  std::vector<std::string> steps_;
};

}  // namespace millrace
