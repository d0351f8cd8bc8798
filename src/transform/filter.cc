// Filter: every record is dropped; its predicate says which it sees.
#include <memory>

#include "transform/connect_classes.h"

namespace millrace {
namespace {

const ConfigDef& filter_def() {
  static const ConfigDef def{{}};
  return def;
}

class Filter final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(const Config&) { return std::make_unique<Filter>(); }
  Result<std::optional<ConnectRecord>> apply(ConnectRecord) override { return std::nullopt; }
  bool follows_plan() const override { return true; }
};

}  // namespace

std::array<TransformClass, 1> filter_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.Filter", .version = k_connect_version,
                         .config_def = filter_def, .make_transform = Filter::create}};
}

}  // namespace millrace
