#include "sources/postgres/relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/envelope.h"
#include "core/log.h"
#include "core/schema_draft.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_schema_log = "io.debezium.connector.postgresql.PostgresSchema";

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The catalog is no part of a PostgreSQL table's name: of the database's parts the table alone is left.
Result<TopicNaming::Names> names_of(const TableId& id, const TopicNaming& naming) {
  const std::array<std::string_view, 2> parts{id.schema, id.table};
  return naming.names_of(std::span{parts}.subspan(naming.by_schema() ? 0 : 1));
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
  for (std::size_t i = 0; i < plan.value_columns; ++i)
    fields.push_back(Shape::of_slot(plan.columns[i].schema, before ? plan.before_slot(i) : plan.after_slot(i)));
  return Shape::of_structure(schema, std::move(fields), before ? slot::before : slot::after);
}

// What the names of the table's schemas begin with.
std::string schema_prefix(const RelationPlan& plan, const PlanOptions& options) {
  return adjusted_schema_name(plan.topic, options.schema_names);
}

Result<Shape> value_shape(const RelationPlan& plan, const PlanOptions& options) {
  const std::string prefix = schema_prefix(plan, options);
  SchemaDraft draft{envelope::structure_schema(envelope::row_name(prefix), true, {})};
  for (const ColumnCodec& column : std::span{plan.columns}.first(plan.value_columns))
    draft.add(adjusted_field_name(column.name, options.field_names), column.schema);
  MR_TRY(const SchemaPtr row, std::move(draft).built());
  const SchemaPtr schema = envelope::relational_schema(prefix, row, source_schema());
  const auto from_slot = [&](std::size_t at, std::uint16_t slot) {
    return Shape::of_slot(schema->fields[at].schema, slot);
  };
  return Shape::of_structure(schema, {row_shape(plan, row, true), row_shape(plan, row, false),
                                      source_shape(plan.id, options), from_slot(3, slot::transaction),
                                      from_slot(4, slot::op), from_slot(5, slot::ts_ms), from_slot(6, slot::ts_us),
                                      from_slot(7, slot::ts_ns)});
}

// identifier: of the table, where topics are shared: a field behind the columns.
Result<Shape> key_shape(const RelationPlan& plan, const std::optional<std::string>& identifier, const PlanOptions& options) {
  SchemaDraft draft{envelope::structure_schema(envelope::key_name(schema_prefix(plan, options)), false, {})};
  std::vector<Shape> fields;
  for (std::size_t part = 0; part < plan.key_columns.size(); ++part) {
    const ColumnCodec& column = plan.columns[static_cast<std::size_t>(plan.key_columns[part])];
    draft.add(adjusted_field_name(column.name, options.field_names), column.schema);
    fields.push_back(Shape::of_slot(column.schema, plan.key_slot(part)));
  }
  if (identifier) {
    const SchemaPtr text = envelope::plain_schema(Type::string, false);
    draft.add(options.topics.key_field(), text);
    fields.push_back(Shape::of_constant(text, Value{*identifier}));
  }
  MR_TRY(SchemaPtr schema, std::move(draft).built());
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

// Who makes a plan, and of what.
struct Draft {
  RelationPlan& plan;
  const std::vector<ColumnFacts>& columns;   // of the tuple
  const PlanOptions& options;
  const TypeRegistry& types;
  Phase phase;
};

bool is_captured(const Draft& draft, const ColumnFacts& column) {
  return draft.options.filter.captures(draft.plan.id.schema, draft.plan.id.table, column.name);
}

// Those of the value that are shown as they are can be taken for the key, too.
Result<std::vector<std::optional<int>>> add_value_columns(const Draft& draft) {
  RelationPlan& plan = draft.plan;
  const std::string table = plan.id.text();
  std::vector<std::optional<int>> plain(draft.columns.size());
  for (std::size_t i = 0; i < draft.columns.size(); ++i) {
    if (!is_captured(draft, draft.columns[i])) continue;
    ColumnCodec codec = make_codec(draft.columns[i], draft.types, draft.options.modes, draft.phase);
    if (codec.schema == nullptr) continue;
    MR_TRY(const bool mapped, draft.options.mapping.apply(table, draft.columns[i], draft.types, draft.phase, codec));
    if (!mapped) plain[i] = static_cast<int>(plan.columns.size());
    plan.columns.push_back(std::move(codec));
    plan.tuple_index.push_back(static_cast<int>(i));
  }
  plan.value_columns = plan.columns.size();
  return plain;
}

// `plain`: per column of the tuple its codec without a mapping.
void add_key_columns(const Draft& draft, const std::vector<std::size_t>& key, std::vector<std::optional<int>> plain) {
  RelationPlan& plan = draft.plan;
  for (const std::size_t at : key) {
    if (!plain[at]) {
      ColumnCodec codec = make_codec(draft.columns[at], draft.types, draft.options.modes, draft.phase);
      if (codec.schema == nullptr) continue;
      plain[at] = static_cast<int>(plan.columns.size());
      plan.columns.push_back(std::move(codec));
      plan.tuple_index.push_back(static_cast<int>(at));
    }
    plan.key_columns.push_back(*plain[at]);
    plan.key_may_fail |= plan.columns[static_cast<std::size_t>(*plain[at])].schema->optional;
  }
}

// message.key.columns; where it has none for the table, the key by the catalog.
Result<std::vector<std::size_t>> key_of(const Draft& draft, const std::vector<std::string>& names) {
  MR_TRY(std::vector<std::size_t> key, draft.options.keys.of(draft.plan.id.text(), draft.columns));
  if (!key.empty()) return key;
  for (const std::string& name : names) {
    const auto at = std::ranges::find(draft.columns, name, &ColumnFacts::name);
    if (at != draft.columns.end()) key.push_back(static_cast<std::size_t>(at - draft.columns.begin()));
  }
  return key;
}

// The columns' codecs, then the shapes. `names`: the key's columns by the catalog.
Result<void> complete(const Draft& draft, const std::vector<std::string>& names) {
  RelationPlan& plan = draft.plan;
  const PlanOptions& options = draft.options;
  MR_TRY(TopicNaming::Names topic, names_of(plan.id, options.topics));
  plan.topic = std::move(topic.topic);
  plan.tuple_size = static_cast<int>(draft.columns.size());
  plan.skips_unchanged = options.skips_unchanged;
  MR_TRY(auto plain, add_value_columns(draft));
  MR_TRY(const std::vector<std::size_t> key, key_of(draft, names));
  add_key_columns(draft, key, std::move(plain));
  plan.record.topic = plan.topic;
  plan.record.slot_count = plan.key_slot(plan.key_columns.size());
  if (!key.empty() || topic.identifier) {   // a key whose columns have no schema is a structure without fields
    MR_TRY(plan.record.key, key_shape(plan, topic.identifier, options));
  }
  MR_TRY(plan.record.value, value_shape(plan, options));
  return {};
}

// A key whose columns the old image lacks is wrong where a row is deleted or its key changes.
void warn_of_key(const Draft& draft, const std::vector<std::string>& names, const std::vector<std::string>& identity) {
  if (draft.options.keys.empty() || draft.plan.replica_identity == 'f') return;
  const auto key = key_of(draft, names);
  if (!key) return;
  for (const std::size_t at : *key) {
    if (std::ranges::find(identity, draft.columns[at].name) != identity.end()) continue;
    logger(k_schema_log)->warn(
        "message.key.columns makes column {} a part of the key of table {}, but the table's replica identity does not hold "
        "it: deletes have null or a default in the key, and a changed key is no delete of the old one, as with Debezium. "
        "ALTER TABLE ... REPLICA IDENTITY FULL, or take columns of the identity", draft.columns[at].name, draft.plan.id.text());
    return;
  }
}

// A key column that the snapshot does not read is one and the same in all rows: they overwrite each other downstream.
void warn_of_unread_key(const Draft& draft, const TableFacts& facts, const std::vector<bool>& read) {
  for (const int part : draft.plan.key_columns) {
    const auto at = static_cast<std::size_t>(draft.plan.tuple_index[static_cast<std::size_t>(part)]);
    if (read[at]) continue;
    logger(k_schema_log)->warn(
        "Column {} of the key of table {} is left out by the column filter: in the snapshot's keys it is null or a default, as "
        "with Debezium. Keep it in the value, or drop it by a transform", draft.columns[at].name, facts.id.text());
    return;
  }
}

// What the message says of a column, completed by what the catalog says of it now. Debezium asks the catalog only for
// columns that the filter takes: a key's other ones are optional and have no default.
ColumnFacts facts_of(const pgoutput::RelationColumn& column, const TableFacts* table, const TableId& id, const ColumnFilter& filter) {
  ColumnFacts facts{.name = as_debezium_reads(column.name), .type_oid = column.type_oid, .typmod = column.typmod};
  if (table == nullptr || !filter.captures(id.schema, id.table, facts.name)) return facts;
  const auto known = std::ranges::find(table->columns, facts.name, &ColumnFacts::name);
  if (known == table->columns.end()) {
    logger(k_schema_log)->warn("Column '{}' optionality could not be determined, defaulting to true", facts.name);
    return facts;
  }
  facts.optional = known->optional;
  facts.default_expression = known->default_expression;
  facts.generated = known->generated;
  return facts;
}

void warn_of_names(const pgoutput::Relation& relation, const TableId& read_as) {
  logger(k_schema_log)->warn(
      "The name of table {}.{} is read as {} from the stream, as Debezium 2.7 does: its streamed records have a topic of "
      "their own and no key, so that those of one row are spread over the partitions without order",
      relation.schema, relation.table, read_as.text());
}

}  // namespace

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

Result<PlanOptions> plan_options(const Config& config) {
  PlanOptions out{.topic_prefix = config.get("topic.prefix"), .database = config.get("database.dbname"), .modes = value_modes(config)};
  MR_TRY(out.topics, TopicNaming::create(config, "io.debezium.schema.SchemaTopicNamingStrategy"));
  MR_TRY(out.filter, ColumnFilter::create(config));
  MR_TRY(out.mapping, ColumnMapping::create(config));
  MR_TRY(out.keys, KeyColumns::create(config));
  MR_TRY(out.schema_names, name_adjustment_of(config, "schema.name.adjustment.mode"));
  MR_TRY(out.field_names, name_adjustment_of(config, "field.name.adjustment.mode"));
  out.skips_unchanged = config.boolean("skip.messages.without.change", false);
  return out;
}

std::vector<bool> read_by_snapshot(const TableFacts& facts, const PlanOptions& options) {
  std::vector<bool> read;
  for (const ColumnFacts& column : facts.columns)
    read.push_back(options.filter.captures(facts.id.schema, facts.id.table, column.name));
  if (std::ranges::find(read, true) == read.end()) read.assign(read.size(), true);
  return read;
}

Result<std::unique_ptr<RelationPlan>> plan_of_table(const TableFacts& facts, const PlanOptions& options,
                                                    const TypeRegistry& types) {
  auto plan = std::make_unique<RelationPlan>();
  plan->id = facts.id;
  plan->replica_identity = facts.replica_identity;
  const Draft draft{*plan, facts.columns, options, types, Phase::snapshot};
  MR_CHECK(complete(draft, facts.key));
  warn_of_unread_key(draft, facts, read_by_snapshot(facts, options));
  return plan;
}

Result<void> check_table(const TableFacts& facts, const PlanOptions& options, TypeRegistry& types, Connection& connection) {
  MR_TRY(const auto plan, plan_of_table(facts, options, types, connection));
  if (facts.replica_identity == 'i') return {};   // which columns those are, its Relation message tells
  const Draft draft{*plan, facts.columns, options, types, Phase::snapshot};
  warn_of_key(draft, facts.key, facts.has_primary_key && facts.replica_identity == 'd' ? facts.key : std::vector<std::string>{});
  return {};
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

Result<std::unique_ptr<RelationPlan>> plan_of_relation(const pgoutput::Relation& relation,
                                                       const std::optional<TableFacts>& facts,
                                                       const PlanOptions& options, const TypeRegistry& types) {
  auto plan = std::make_unique<RelationPlan>();
  plan->id = {as_debezium_reads(relation.schema), as_debezium_reads(relation.table)};
  plan->replica_identity = relation.replica_identity;
  // Under its changed name the table is not found in the catalog. Its columns, but not its key, are looked for by a LIKE
  // pattern, in which a backslash is none of the name's characters.
  const bool found = facts && is_ascii(relation.schema) && is_ascii(relation.table);
  if (facts && !found) warn_of_names(relation, plan->id);
  const TableFacts* const known = found ? &*facts : nullptr;
  const bool listed = !relation.schema.contains('\\') && !relation.table.contains('\\');
  std::vector<ColumnFacts> columns;
  std::vector<std::string> identity;
  for (const pgoutput::RelationColumn& column : relation.columns) {
    columns.push_back(facts_of(column, listed ? known : nullptr, plan->id, options.filter));
    if (column.in_key) identity.push_back(columns.back().name);
  }
  const std::vector<std::string> no_key;
  const std::vector<std::string>& key = known != nullptr ? known->key : no_key;
  const Draft draft{*plan, columns, options, types, Phase::streaming};
  MR_CHECK(complete(draft, key));
  if (plan->replica_identity == 'i') warn_of_key(draft, key, identity);
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
