// TreeConverter is a converter that works on the general tree alone: a function.
// Threads: one task's thread.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "format/converter.h"

namespace millrace {

class TreeConverter final : public Converter {
 public:
  using Convert = std::function<Result<bool>(const SchemaPtr& schema, const Value& value, Output& out)>;

  explicit TreeConverter(Convert convert) : convert_{std::make_shared<const Convert>(std::move(convert))} {}

  Result<std::unique_ptr<CompiledShape>> compile(const Shape& shape) const override {
    return std::make_unique<ShapeThroughTree>(convert_, shape);
  }
  Result<bool> convert(const SchemaPtr& schema, const Value& value, Output& out) const override {
    return (*convert_)(schema, value, out);
  }

 private:
  // Builds the tree of each record and converts that.
  class ShapeThroughTree final : public CompiledShape {
   public:
    ShapeThroughTree(std::shared_ptr<const Convert> convert, const Shape& shape) : convert_{std::move(convert)} {
      plan_.value = shape;
    }
    Result<bool> write(std::span<const Datum> slots, Output& out) const override {
      const ConnectRecord tree = to_tree(Record{.plan = &plan_, .slots = slots});
      return (*convert_)(tree.value_schema, tree.value, out);
    }

   private:
    std::shared_ptr<const Convert> convert_;
    RecordPlan plan_;
  };

  std::shared_ptr<const Convert> convert_;
};

}  // namespace millrace
