// io.debezium.transforms.partitions.PartitionRouting: the partition by fields of the change event.
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/java_value_hash.h"
#include "core/struct_access.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

using Path = std::vector<std::string>;
constexpr std::uint32_t k_int_max = 0x7FFFFFFF;

struct Found {
  SchemaPtr schema;
  Value value;   // null: there is none
};

class PartitionRouting final : public Transform {
 public:
  PartitionRouting(std::vector<Path> paths, std::int32_t partitions, bool murmur)
      : paths_{std::move(paths)}, partitions_{partitions}, murmur_{murmur} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_change_event(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "partition routing"));
    MR_TRY(const Value* op, field_of_type(*event, "op", Type::string));
    const std::string code = op->string() == nullptr ? "" : lower(*op->string());
    if (code == "t" || code == "m") return record;
    std::uint32_t hash = 0;
    bool any = false;
    for (const Path& path : paths_) {
      MR_TRY(const Found found, find(*event, path, code == "d", record.topic));
      if (found.value.is_null()) continue;
      any = true;
      hash += static_cast<std::uint32_t>(murmur_ ? murmur3_value_hash(*found.schema, found.value)
                                                 : java_value_hash(*found.schema, found.value));
    }
    if (!any) return record;
    hash &= k_int_max;
    record.partition = hash == k_int_max ? 0 : static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(partitions_));
    return record;
  }

 private:
  // A path that the schema does not have finds nothing; one through a struct that is null fails, as in Debezium.
  static Result<Found> find(const Value::Struct& event, const Path& path, bool removal, const std::string& topic) {
    const Value::Struct* holder = &event;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const std::string_view name = path[i] == "change" ? (removal ? "before" : "after") : std::string_view{path[i]};
      const auto index = field_index(*holder->schema, name);
      if (!index || holder->schema->fields[*index].schema->type != Type::structure) return Found{};
      const Value& next = holder->fields[*index];
      if (next.is_null())
        return fail("Unprocessable message of " + topic + ": '" + std::string{name} + "', which partition.payload.fields names, is null",
                    Retry::no, k_debezium_exception);
      holder = next.structure();
    }
    const auto index = field_index(*holder->schema, path.back());
    if (!index) return Found{};
    const SchemaPtr& schema = holder->schema->fields[*index].schema;
    MR_TRY(Value value, value_or_default(*schema, holder->fields[*index]));
    return Found{.schema = schema, .value = std::move(value)};
  }

  std::vector<Path> paths_;
  std::int32_t partitions_;
  bool murmur_;
};

const ConfigDef& partition_routing_definition() {
  static const ConfigDef def{{
      {.name = "partition.payload.fields", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Fields of the change event whose values choose the partition: source.table, after.id; change.id is after.id, "
                        "and before.id of a delete. What an event does not have is passed over.",
       .group = "partitions", .order = 1, .width = Width::none,
       .display_name = "List of payload fields to use for compute partition."},
      {.name = "partition.topic.num", .type = ConfigType::int32, .importance = Importance::high,
       .documentation = "How many partitions the topic has.", .group = "partitions", .order = 2, .width = Width::none,
       .display_name = "Number of partition configured for topic"},
      {.name = "partition.hash.function", .default_text = "java", .importance = Importance::low,
       .documentation = "How values are hashed: java (hashCode) or murmur.", .group = "partitions", .order = 3, .width = Width::none,
       .display_name = "Hash function"},
  }};
  return def;
}

constexpr setting::NamedRule k_partition_routing_rules[] = {{"partition.payload.fields", setting::required},
                                                            {"partition.payload.fields", setting::no_empty_parts},
                                                            {"partition.topic.num", setting::required},
                                                            {"partition.topic.num", setting::positive_integer}};

Result<std::unique_ptr<Transform>> make_partition_routing(const Config& options) {
  MR_CHECK(check_each_option(options, partition_routing_definition(), k_partition_routing_rules));
  std::vector<Path> paths;
  for (const std::string& field : option_parts(options, "partition.payload.fields")) {
    Path path;
    for (const std::string_view part : setting::java_split(field, '.')) path.emplace_back(trimmed(part));
    paths.push_back(std::move(path));
  }
  const auto partitions = static_cast<std::int32_t>(options.integer("partition.topic.num", 1));
  const bool murmur = lower(trimmed(options.get("partition.hash.function"))) == "murmur";
  return std::make_unique<PartitionRouting>(std::move(paths), partitions, murmur);
}

}  // namespace

TransformClass partition_routing() {
  return {.class_name = "io.debezium.transforms.partitions.PartitionRouting", .version = envelope::k_debezium_version,
          .config_def = partition_routing_definition, .make_transform = make_partition_routing};
}

}  // namespace millrace
