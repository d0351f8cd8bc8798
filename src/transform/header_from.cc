// HeaderFrom: fields of the key or value become headers, or are copied there.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

const ConfigDef& header_from_def() {
  static const ConfigDef def{
      {required_option("fields", ConfigType::list, Importance::high, "The fields that become headers.", non_empty_list()),
       required_option("headers", ConfigType::list, Importance::high, "The names of the headers, in the order of fields.", non_empty_list()),
       required_option("operation", ConfigType::string, Importance::high,
                       "move takes the fields out of the key or value, copy leaves them there.", one_of({"move", "copy"})),
       replace_null_option()}};
  return def;
}

class HeaderFrom final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(header_from_def(), given));
    auto made = std::make_unique<HeaderFrom>();
    made->part_ = part;
    made->fields_ = options.list("fields");
    made->headers_ = options.list("headers");
    made->operation_ = options.text("operation");
    made->replace_null_ = options.replace_null();
    if (made->fields_.size() != made->headers_.size())
      return fail("'fields' config must have the same number of elements as 'headers' config.", Retry::no, k_config_exception);
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    return schema_of(record, part_) == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

 private:
  struct Remaining {
    SchemaPtr schema;
    std::vector<std::size_t> from;
  };

  std::string purpose() const { return "header " + operation_; }
  bool moves() const { return operation_ == "move"; }

  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    const Value whole = value_of(record, part_);
    MR_TRY(const Value::Map* map, require_map(whole, purpose()));
    Value::Map entries = *map;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Value* field = find_in(*map, fields_[i]);
      record.headers.push_back({headers_[i], nullptr, field == nullptr ? Value{} : *field});
      if (moves())
        std::erase_if(entries, [&](const auto& entry) { return entry.first.string() != nullptr && *entry.first.string() == fields_[i]; });
    }
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets_for_copy(map->size()))});
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) {
    const SchemaPtr schema = schema_of(record, part_);
    const Value whole = value_of(record, part_);
    MR_TRY(const Value::Struct* from, require_struct(schema, whole, purpose()));
    if (moves()) {
      MR_TRY(const Remaining* remaining, remaining_schema(schema));
      Value::Struct to = empty_struct(remaining->schema);
      for (std::size_t i = 0; i < to.fields.size(); ++i) {
        MR_TRY(Value value, field_value(*from, remaining->from[i]));
        MR_CHECK(put(to, i, std::move(value)));
      }
      record = with_part(std::move(record), part_, remaining->schema, Value{std::move(to)});
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto index = field_index(*schema, fields_[i]);
      if (!index)
        return fail("Cannot invoke \"org.apache.kafka.connect.data.Field.schema()\" because the return value of "
                    "\"org.apache.kafka.connect.data.Schema.field(String)\" is null", Retry::no, k_null_pointer_exception);
      MR_TRY(Value value, field_value(*from, *index));
      record.headers.push_back({headers_[i], schema->fields[*index].schema, std::move(value)});
    }
    record.tombstone_headers = nullptr;
    return record;
  }

  Result<Value> field_value(const Value::Struct& from, std::size_t index) const {
    return taken_value(*from.schema->fields[index].schema, from.fields[index], replace_null_);
  }

  Result<const Remaining*> remaining_schema(const SchemaPtr& from) {
    if (const Remaining* known = cache_.find(from)) return known;
    Remaining remaining;
    Schema schema = struct_basics(*from);
    for (std::size_t i = 0; i < from->fields.size(); ++i) {
      if (std::ranges::find(fields_, from->fields[i].name) != fields_.end()) continue;
      schema.fields.push_back(from->fields[i]);
      remaining.from.push_back(i);
    }
    remaining.schema = std::make_shared<const Schema>(std::move(schema));
    return &cache_.put(from, std::move(remaining));
  }

  RecordPart part_ = RecordPart::value;
  std::vector<std::string> fields_, headers_;
  std::string operation_;
  bool replace_null_ = true;
  SchemaCache<Remaining> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> header_from_classes() {
  return classes_of_both_parts<HeaderFrom>("org.apache.kafka.connect.transforms.HeaderFrom$Key",
                                           "org.apache.kafka.connect.transforms.HeaderFrom$Value", header_from_def);
}

}  // namespace millrace
