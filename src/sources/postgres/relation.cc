#include "sources/postgres/relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/envelope.h"
#include "core/log.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_logger = "io.debezium.connector.postgresql.PostgresSchema";

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Debezium 2.7 reads the identifiers of the stream as signed bytes: each byte from 0x80 on becomes U+FF00 + byte.
std::string as_debezium_reads(std::string_view name) {
  std::string read;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      read += c;
      continue;
    }
    const unsigned code_point = 0xFF00U + byte;
    read += static_cast<char>(0xE0 | code_point >> 12);
    read += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    read += static_cast<char>(0x80 | (code_point & 0x3F));
  }
  return read;
}

std::string topic_of(const TableId& id, const PlanOptions& options) {
  const std::array<std::string_view, 3> parts{options.topic_prefix, id.schema, id.table};
  const std::string name = envelope::joined_name(parts, options.delimiter);
  std::string topic = envelope::sanitized_topic(name);
  if (topic != name)
    logger(k_logger)->warn("Topic '{}' name isn't a valid topic name, replacing it with '{}'.", name, topic);
  return topic;
}

SchemaPtr source_schema() {
  static const SchemaPtr schema = [] {
    const SchemaPtr text = envelope::plain_schema(Type::string, false);
    const SchemaPtr number = envelope::plain_schema(Type::int64, true);
    return std::make_shared<const Schema>(envelope::structure_schema(
        "io.debezium.connector.postgresql.Source", false,
        {{"version", text}, {"connector", text}, {"name", text}, {"ts_ms", envelope::plain_schema(Type::int64, false)},
         {"snapshot", envelope::snapshot_marker()}, {"db", text},
         {"sequence", envelope::plain_schema(Type::string, true)}, {"ts_us", number}, {"ts_ns", number},
         {"schema", text}, {"table", text}, {"txId", number}, {"lsn", number}, {"xmin", number}}));
  }();
  return schema;
}

Shape source_shape(const TableId& id, const PlanOptions& options) {
  const SchemaPtr schema = source_schema();
  const auto constant = [&](std::size_t at, std::string_view text) {
    return Shape::of_constant(schema->fields[at].schema, Value{text});
  };
  const auto from_slot = [&](std::size_t at, std::uint16_t slot) {
    return Shape::of_slot(schema->fields[at].schema, slot);
  };
  return Shape::of_structure(
      schema, {constant(0, envelope::k_debezium_version), constant(1, "postgresql"), constant(2, options.topic_prefix),
               from_slot(3, slot::source_ts_ms), from_slot(4, slot::source_snapshot), constant(5, options.database),
               from_slot(6, slot::source_sequence), from_slot(7, slot::source_ts_us), from_slot(8, slot::source_ts_ns),
               constant(9, id.schema), constant(10, id.table), from_slot(11, slot::source_tx_id),
               from_slot(12, slot::source_lsn), from_slot(13, slot::source_xmin)});
}

Shape row_shape(const RelationPlan& plan, const SchemaPtr& schema, bool before) {
  std::vector<Shape> fields;
  for (std::size_t i = 0; i < plan.columns.size(); ++i)
    fields.push_back(Shape::of_slot(plan.columns[i].schema, before ? plan.before_slot(i) : plan.after_slot(i)));
  return Shape::of_structure(schema, std::move(fields), before ? slot::before : slot::after);
}

Shape value_shape(const RelationPlan& plan, const PlanOptions& options) {
  std::vector<Field> columns;
  for (const ColumnCodec& column : plan.columns) columns.push_back({column.name, column.schema});
  const auto row = std::make_shared<const Schema>(
      envelope::structure_schema(envelope::row_name(plan.topic), true, std::move(columns)));
  const SchemaPtr schema = envelope::relational_schema(plan.topic, row, source_schema());
  const auto from_slot = [&](std::size_t at, std::uint16_t slot) {
    return Shape::of_slot(schema->fields[at].schema, slot);
  };
  return Shape::of_structure(schema, {row_shape(plan, row, true), row_shape(plan, row, false),
                                      source_shape(plan.id, options), from_slot(3, slot::transaction),
                                      from_slot(4, slot::op), from_slot(5, slot::ts_ms), from_slot(6, slot::ts_us),
                                      from_slot(7, slot::ts_ns)});
}

Shape key_shape(const RelationPlan& plan) {
  std::vector<Field> columns;
  std::vector<Shape> fields;
  for (std::size_t part = 0; part < plan.key_columns.size(); ++part) {
    const ColumnCodec& column = plan.columns[static_cast<std::size_t>(plan.key_columns[part])];
    columns.push_back({column.name, column.schema});
    fields.push_back(Shape::of_slot(column.schema, plan.key_slot(part)));
  }
  auto schema = std::make_shared<const Schema>(
      envelope::structure_schema(envelope::key_name(plan.topic), false, std::move(columns)));
  return Shape::of_structure(std::move(schema), std::move(fields));
}

Shape message_value_shape(const PlanOptions& options) {
  const SchemaPtr text = envelope::plain_schema(Type::string, true);
  const SchemaPtr content = options.modes.binary == BinaryMode::bytes ? envelope::plain_schema(Type::bytes, true) : text;
  const auto versioned = [](std::string_view name, std::vector<Field> fields) {
    Schema schema = envelope::structure_schema(name, false, std::move(fields));
    schema.version = 1;
    return std::make_shared<const Schema>(std::move(schema));
  };
  const SchemaPtr message = versioned("io.debezium.connector.postgresql.Message", {{"prefix", text}, {"content", content}});
  const SchemaPtr schema = versioned("io.debezium.connector.postgresql.MessageValue",
                                     {{"op", envelope::plain_schema(Type::string, false)},
                                      {"ts_ms", envelope::plain_schema(Type::int64, true)},
                                      {"source", source_schema()}, {"message", message}});
  return Shape::of_structure(
      schema, {Shape::of_slot(schema->fields[0].schema, slot::op), Shape::of_slot(schema->fields[1].schema, slot::ts_ms),
               source_shape({}, options),
               Shape::of_structure(message, {Shape::of_slot(text, slot::first_column),
                                             Shape::of_slot(content, slot::first_column + 1)})});
}

// The columns' codecs, then the shapes. Column filters, masks and keys of the configuration act on what this reads.
void complete(RelationPlan& plan, const std::vector<ColumnFacts>& columns, const std::vector<std::string>& key,
              const PlanOptions& options, const TypeRegistry& types, Phase phase) {
  plan.topic = topic_of(plan.id, options);
  plan.tuple_size = static_cast<int>(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ColumnCodec codec = make_codec(columns[i], types, options.modes, phase);
    if (codec.schema == nullptr) continue;
    plan.columns.push_back(std::move(codec));
    plan.tuple_index.push_back(static_cast<int>(i));
  }
  for (const std::string& name : key) {
    const auto at = std::ranges::find(plan.columns, name, &ColumnCodec::name);
    if (at != plan.columns.end()) plan.key_columns.push_back(static_cast<int>(at - plan.columns.begin()));
  }
  plan.record.topic = plan.topic;
  plan.record.slot_count = plan.key_slot(plan.key_columns.size());
  plan.record.value = value_shape(plan, options);
  if (!plan.key_columns.empty()) plan.record.key = key_shape(plan);
}

// What the message says of a column, completed by what the catalog says of it now.
ColumnFacts facts_of(const pgoutput::RelationColumn& column, const TableFacts* table) {
  ColumnFacts facts{.name = as_debezium_reads(column.name), .type_oid = column.type_oid, .typmod = column.typmod};
  if (table == nullptr) return facts;
  const auto known = std::ranges::find(table->columns, facts.name, &ColumnFacts::name);
  if (known == table->columns.end()) {
    logger(k_logger)->warn("Column '{}' optionality could not be determined, defaulting to true", facts.name);
    return facts;
  }
  facts.optional = known->optional;
  facts.default_expression = known->default_expression;
  facts.generated = known->generated;
  return facts;
}

void warn_of_names(const pgoutput::Relation& relation, const TableId& read_as) {
  logger(k_logger)->warn(
      "The name of table {}.{} is read as {} from the stream, as Debezium 2.7 does: its streamed records have a topic of "
      "their own and no key, so that those of one row are spread over the partitions without order",
      relation.schema, relation.table, read_as.text());
}

}  // namespace

PlanOptions plan_options(const Config& config) {
  return {.topic_prefix = config.get("topic.prefix"),
          .database = config.get("database.dbname"),
          .delimiter = config.get("topic.delimiter", "."),
          .modes = value_modes(config)};
}

std::unique_ptr<RelationPlan> plan_of_table(const TableFacts& facts, const PlanOptions& options,
                                            const TypeRegistry& types) {
  auto plan = std::make_unique<RelationPlan>();
  plan->id = facts.id;
  plan->replica_identity = facts.replica_identity;
  complete(*plan, facts.columns, facts.key, options, types, Phase::snapshot);
  return plan;
}

std::unique_ptr<RecordPlan> plan_of_messages(const PlanOptions& options) {
  auto plan = std::make_unique<RecordPlan>();
  plan->topic = options.topic_prefix + ".message";   // topic.delimiter is not asked, as in Debezium
  const SchemaPtr text = envelope::plain_schema(Type::string, true);
  Schema key = envelope::structure_schema("io.debezium.connector.postgresql.MessageKey", false, {{"prefix", text}});
  key.version = 1;
  plan->key = Shape::of_structure(std::make_shared<const Schema>(std::move(key)), {Shape::of_slot(text, slot::first_column)});
  plan->value = message_value_shape(options);
  plan->slot_count = slot::first_column + 2;
  return plan;
}

Result<std::unique_ptr<RelationPlan>> plan_of_table(const TableFacts& facts, const PlanOptions& options,
                                                    TypeRegistry& types, Connection& connection) {
  for (const ColumnFacts& column : facts.columns) MR_CHECK(types.find(column.type_oid, connection));
  return plan_of_table(facts, options, types);
}

std::unique_ptr<RelationPlan> plan_of_relation(const pgoutput::Relation& relation,
                                               const std::optional<TableFacts>& facts, const PlanOptions& options,
                                               const TypeRegistry& types) {
  auto plan = std::make_unique<RelationPlan>();
  plan->id = {as_debezium_reads(relation.schema), as_debezium_reads(relation.table)};
  plan->replica_identity = relation.replica_identity;
  // Under its changed name the table is not found in the catalog.
  const bool found = facts && is_ascii(relation.schema) && is_ascii(relation.table);
  if (facts && !found) warn_of_names(relation, plan->id);
  const TableFacts* const known = found ? &*facts : nullptr;
  std::vector<ColumnFacts> columns;
  for (const pgoutput::RelationColumn& column : relation.columns) columns.push_back(facts_of(column, known));
  const std::vector<std::string> no_key;
  complete(*plan, columns, known != nullptr ? known->key : no_key, options, types, Phase::streaming);
  return plan;
}

Result<std::unique_ptr<RelationPlan>> plan_of_relation(const pgoutput::Relation& relation,
                                                       const std::optional<TableFacts>& facts,
                                                       const PlanOptions& options, TypeRegistry& types,
                                                       Connection& connection) {
  for (const pgoutput::RelationColumn& column : relation.columns) MR_CHECK(types.find(column.type_oid, connection));
  return plan_of_relation(relation, facts, options, types);
}

}  // namespace millrace::postgres
