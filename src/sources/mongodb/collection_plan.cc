#include "sources/mongodb/collection_plan.h"

#include <array>
#include <utility>

#include "core/envelope.h"

namespace millrace::mongodb {
namespace {

SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }

SchemaPtr versioned(std::string_view name, bool optional, std::vector<Field> fields) {
  Schema schema = envelope::structure_schema(name, optional, std::move(fields));
  schema.version = 1;
  return shared(std::move(schema));
}

SchemaPtr array_of(const SchemaPtr& items) {
  Schema schema;
  schema.type = Type::array;
  schema.optional = true;
  schema.values = items;
  return shared(std::move(schema));
}

SchemaPtr json_schema() {
  static const SchemaPtr schema = shared(envelope::semantic_schema(Type::string, "io.debezium.data.Json", true));
  return schema;
}

SchemaPtr update_schema() {
  static const SchemaPtr schema = versioned(
      "io.debezium.connector.mongodb.changestream.updatedescription", true,
      {{"removedFields", array_of(envelope::plain_schema(Type::string, false))},
       {"updatedFields", json_schema()},
       {"truncatedArrays", array_of(truncated_array_schema())}});
  return schema;
}

SchemaPtr source_schema() {
  static const SchemaPtr schema = [] {
    const SchemaPtr text = envelope::plain_schema(Type::string, false);
    const SchemaPtr optional_text = envelope::plain_schema(Type::string, true);
    const SchemaPtr number = envelope::plain_schema(Type::int64, true);
    return shared(envelope::structure_schema(
        "io.debezium.connector.mongo.Source", false,
        {{"version", text}, {"connector", text}, {"name", text}, {"ts_ms", envelope::plain_schema(Type::int64, false)},
         {"snapshot", envelope::snapshot_marker()}, {"db", text}, {"sequence", optional_text}, {"ts_us", number},
         {"ts_ns", number}, {"collection", text}, {"ord", envelope::plain_schema(Type::int32, false)},
         {"lsid", optional_text}, {"txnNumber", number}, {"wallTime", number}}));
  }();
  return schema;
}

Shape source_shape(const CollectionPlan& plan, const PlanOptions& options) {
  const SchemaPtr schema = source_schema();
  const auto constant = [&](std::size_t at, std::string_view text) {
    return Shape::of_constant(schema->fields[at].schema, Value{text});
  };
  const auto from_slot = [&](std::size_t at, std::uint16_t slot) {
    return Shape::of_slot(schema->fields[at].schema, slot);
  };
  return Shape::of_structure(
      schema, {constant(0, envelope::k_debezium_version), constant(1, "mongodb"), constant(2, options.topic_prefix),
               from_slot(3, slot::source_ts_ms), from_slot(4, slot::source_snapshot), constant(5, plan.database),
               Shape::of_constant(schema->fields[6].schema), from_slot(7, slot::source_ts_us),
               from_slot(8, slot::source_ts_ns), constant(9, plan.collection), from_slot(10, slot::source_ord),
               from_slot(11, slot::source_lsid), from_slot(12, slot::source_txn_number),
               from_slot(13, slot::source_wall_time)});
}

Shape update_shape() {
  const SchemaPtr schema = update_schema();
  return Shape::of_structure(schema, {Shape::of_slot(schema->fields[0].schema, slot::removed_fields),
                                      Shape::of_slot(schema->fields[1].schema, slot::updated_fields),
                                      Shape::of_slot(schema->fields[2].schema, slot::truncated_arrays)}, slot::update);
}

Shape value_shape(const CollectionPlan& plan, const PlanOptions& options) {
  const SchemaPtr op = envelope::plain_schema(Type::string, true), ts_ms = envelope::plain_schema(Type::int64, true);
  SchemaPtr schema = shared(envelope::structure_schema(
      adjusted_schema_name(envelope::envelope_name(plan.record.topic), options.schema_names), false,
      {{"before", json_schema()}, {"after", json_schema()}, {"updateDescription", update_schema()},
       {"source", source_schema()}, {"op", op}, {"ts_ms", ts_ms}, {"transaction", envelope::transaction_block()}}));
  return Shape::of_structure(std::move(schema),
                             {Shape::of_slot(json_schema(), slot::before), Shape::of_slot(json_schema(), slot::after),
                              update_shape(), source_shape(plan, options), Shape::of_slot(op, slot::op),
                              Shape::of_slot(ts_ms, slot::ts_ms),
                              Shape::of_slot(envelope::transaction_block(), slot::transaction)});
}

Shape key_shape(const CollectionPlan& plan, const PlanOptions& options) {
  const SchemaPtr text = envelope::plain_schema(Type::string, false);
  SchemaPtr schema = shared(envelope::structure_schema(
      adjusted_schema_name(envelope::key_name(plan.record.topic), options.schema_names), false, {{"id", text}}));
  return Shape::of_structure(std::move(schema), {Shape::of_slot(text, slot::id)});
}

}  // namespace

Result<PlanOptions> plan_options(const Config& config) {
  PlanOptions out{.topic_prefix = config.get("topic.prefix"), .topics = {}, .fields = {}};
  MR_TRY(out.topics, TopicNaming::create(config, k_default_topic_naming));
  MR_TRY(out.schema_names, name_adjustment_of(config, "schema.name.adjustment.mode"));
  MR_TRY(out.fields, FieldSelector::create(config));
  return out;
}

SchemaPtr truncated_array_schema() {
  static const SchemaPtr schema = versioned("io.debezium.connector.mongodb.changestream.truncatedarray", false,
                                            {{"field", envelope::plain_schema(Type::string, false)},
                                             {"size", envelope::plain_schema(Type::int32, false)}});
  return schema;
}

// Debezium's CollectionId has no parts for the strategies by schema: with these all collections share the topic <topic.prefix>.
// The key of a strategy that rewrites topics stays the _id alone, whatever topic.key.enforce.uniqueness says.
Result<std::unique_ptr<CollectionPlan>> plan_of_collection(std::string_view database, std::string_view collection,
                                                           const PlanOptions& options) {
  auto plan = std::make_unique<CollectionPlan>();
  plan->database = database;
  plan->collection = collection;
  const std::array<std::string_view, 2> parts{database, collection};
  MR_TRY(TopicNaming::Names names, options.topics.names_of(options.topics.by_schema() ? std::span<const std::string_view>{} : parts));
  plan->record.topic = std::move(names.topic);
  plan->fields = options.fields.filter_for(database, collection);
  plan->record.slot_count = slot::count;
  plan->record.key = key_shape(*plan, options);
  plan->record.value = value_shape(*plan, options);
  return plan;
}

}  // namespace millrace::mongodb
