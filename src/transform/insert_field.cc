// InsertField: facts about the record, or a constant, become fields of its key or value.
#include <memory>
#include <optional>
#include <utility>

#include "core/envelope.h"
#include "core/schema_cache.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_field_insertion = "field insertion";

const ConfigDef& insert_field_def() {
  static const std::string optionality = " A name that ends in ! makes a required field, in ? (or neither) an optional one.";
  static const ConfigDef def{
      {option("topic.field", ConfigType::string, std::nullopt, Importance::medium, "The field that gets the topic." + optionality),
       option("partition.field", ConfigType::string, std::nullopt, Importance::medium, "The field that gets the partition." + optionality),
       option("offset.field", ConfigType::string, std::nullopt, Importance::medium,
              "The field that gets the offset; for sink connectors only." + optionality),
       option("timestamp.field", ConfigType::string, std::nullopt, Importance::medium,
              "The field that gets the record's timestamp." + optionality),
       option("static.field", ConfigType::string, std::nullopt, Importance::medium, "The field that gets static.value." + optionality),
       option("static.value", ConfigType::string, std::nullopt, Importance::medium, "The text of static.field."),
       replace_null_option()}};
  return def;
}

struct Insertion {
  std::string name;
  bool optional = true;
};

std::optional<Insertion> insertion(const std::string* spec) {
  if (spec == nullptr) return std::nullopt;
  if (!spec->ends_with('?') && !spec->ends_with('!')) return Insertion{*spec, true};
  return Insertion{spec->substr(0, spec->size() - 1), spec->ends_with('?')};
}

class InsertField final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(insert_field_def(), given));
    auto made = std::make_unique<InsertField>();
    made->part_ = part;
    made->topic_ = insertion(options.find("topic.field"));
    made->partition_ = insertion(options.find("partition.field"));
    made->offset_ = insertion(options.find("offset.field"));
    made->timestamp_ = insertion(options.find("timestamp.field"));
    made->static_ = insertion(options.find("static.field"));
    made->static_value_ = options.text("static.value");
    made->replace_null_ = options.replace_null();
    if (!made->topic_ && !made->partition_ && !made->offset_ && !made->timestamp_ && !made->static_)
      return fail("No field insertion configured", Retry::no, k_config_exception);
    if (made->static_ && options.find("static.value") == nullptr)
      return fail("Invalid value null for configuration static.value: No value specified for static field: "
                  "org.apache.kafka.connect.transforms.InsertField$InsertionSpec", Retry::no, k_config_exception);
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (value_of(record, part_).is_null()) return record;
    return schema_of(record, part_) == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

  bool follows_plan() const override { return !partition_ && !timestamp_; }

 private:
  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    MR_TRY(const Value::Map* map, require_map(value_of(record, part_), k_field_insertion));
    Value::Map entries = *map;
    const std::size_t buckets = buckets_for_copy(entries.size());
    if (topic_) put_in(entries, topic_->name, Value{record.topic});
    if (partition_ && record.partition >= 0) put_in(entries, partition_->name, Value{std::int64_t{record.partition}});
    if (offset_) return no_offset();
    if (timestamp_ && record.timestamp_ms) put_in(entries, timestamp_->name, Value{*record.timestamp_ms});
    if (static_) put_in(entries, static_->name, Value{static_value_});
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets)});
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) {
    MR_CHECK(require_struct(schema_of(record, part_), value_of(record, part_), k_field_insertion));
    Value::Struct from = std::move(value_of(record, part_)).taken_structure();
    MR_TRY(const SchemaPtr schema, widened(from.schema));
    Value::Struct to = empty_struct(schema);
    std::size_t at = 0;
    for (; at < from.fields.size(); ++at) {
      MR_TRY(Value value, taken_value(*from.schema->fields[at].schema, std::move(from.fields[at]), replace_null_));
      MR_CHECK(put(to, at, std::move(value)));
    }
    if (topic_) MR_CHECK(put(to, at++, Value{record.topic}));
    if (partition_) {
      if (record.partition >= 0) MR_CHECK(put(to, at, Value{std::int64_t{record.partition}}));
      ++at;
    }
    if (offset_) return no_offset();
    if (timestamp_) {
      if (record.timestamp_ms) MR_CHECK(put(to, at, Value{*record.timestamp_ms}));
      ++at;
    }
    if (static_) MR_CHECK(put(to, at, Value{static_value_}));
    return with_part(std::move(record), part_, schema, Value{std::move(to)});
  }

  Result<SchemaPtr> widened(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    SchemaDraft draft{struct_basics(*from)};
    for (const Field& field : from->fields) draft.add(field.name, field.schema);
    const auto add = [&](const std::optional<Insertion>& field, Type type) {
      if (field) draft.add(field->name, envelope::plain_schema(type, field->optional));
    };
    add(topic_, Type::string);
    add(partition_, Type::int32);
    add(offset_, Type::int64);
    if (timestamp_)
      draft.add(timestamp_->name,
                std::make_shared<const Schema>(envelope::semantic_schema(Type::int64, k_timestamp, timestamp_->optional)));
    add(static_, Type::string);
    MR_TRY(SchemaPtr made, std::move(draft).built());
    return cache_.put(from, std::move(made));
  }

  static std::unexpected<Error> no_offset() {
    return fail("Only SinkRecord supported for [field insertion], found: org.apache.kafka.connect.source.SourceRecord", Retry::no,
                k_data_exception);
  }

  RecordPart part_ = RecordPart::value;
  std::optional<Insertion> topic_, partition_, offset_, timestamp_, static_;
  std::string static_value_;
  bool replace_null_ = true;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> insert_field_classes() {
  return classes_of_both_parts<InsertField>("org.apache.kafka.connect.transforms.InsertField$Key",
                                            "org.apache.kafka.connect.transforms.InsertField$Value", insert_field_def);
}

}  // namespace millrace
