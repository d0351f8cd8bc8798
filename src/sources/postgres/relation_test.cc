#include "sources/postgres/relation.h"

#include <gtest/gtest.h>

#include <map>

#include "sources/postgres/codec_test_text.h"

namespace millrace::postgres {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

PlanOptions options(Entries more = {}) {
  more.insert({{"topic.prefix", "postgres"}, {"database.dbname", "app"}});
  return plan_options(Config{std::move(more)}).value();
}

// The table of pg-users.
TableFacts users() {
  TableFacts facts;
  facts.id = {"public", "users"};
  facts.oid = 16'385;
  facts.columns = {{.name = "user_id", .type_oid = 23, .optional = false,
                    .default_expression = "nextval('users_user_id_seq'::regclass)"},
                   {.name = "full_name", .type_oid = 1043, .typmod = 104},
                   {.name = "search", .type_oid = 3614},
                   {.name = "created_at", .type_oid = 1114, .default_expression = "now()"}};
  facts.key = {"user_id"};
  facts.has_primary_key = true;
  return facts;
}

pgoutput::Relation users_relation() {
  return {.oid = 16'385, .schema = "public", .table = "users", .replica_identity = 'f',
          .columns = {{true, "user_id", 23, -1}, {false, "full_name", 1043, 104}, {false, "search", 3614, -1},
                      {false, "created_at", 1114, -1}}};
}

const TypeRegistry& types() {
  static const TypeRegistry registry = builtin_types();
  return registry;
}

TEST(PostgresRelation, APlanOfATableHasKeyEnvelopeAndSlots) {
  const auto plan = plan_of_table(users(), options(), types()).value();
  EXPECT_EQ(plan->topic, "postgres.public.users");
  EXPECT_EQ(plan->tuple_size, 4);
  EXPECT_EQ(plan->tuple_index, (std::vector<int>{0, 1, 3}));   // tsvector has no converter
  EXPECT_EQ(plan->key_columns, std::vector<int>{0});
  EXPECT_EQ(plan->record.slot_count, slot::first_column + 2 * 3 + 1);
  EXPECT_EQ(text_of(plan->record.key->schema), "struct<user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(text_of(plan->record.value->schema->fields[0].schema),
            "struct<user_id int32 =0, full_name string?, created_at int64? io.debezium.time.MicroTimestamp/1 =0>?"
            " postgres.public.users.Value");
  EXPECT_EQ(text_of(plan->record.value->schema->field("source")->schema),
            "struct<version string, connector string, name string, ts_ms int64, snapshot string? io.debezium.data.Enum/1"
            " {allowed=true,last,false,incremental} =\"false\", db string, sequence string?, ts_us int64?, ts_ns int64?,"
            " schema string, table string, txId int64?, lsn int64?, xmin int64?> io.debezium.connector.postgresql.Source");
  const Shape& source = plan->record.value->fields[2];
  EXPECT_EQ(source.fields[0].constant, Value{"2.7.0.Final"});
  EXPECT_EQ(source.fields[1].constant, Value{"postgresql"});
  EXPECT_EQ(source.fields[2].constant, Value{"postgres"});
  EXPECT_EQ(source.fields[5].constant, Value{"app"});
  EXPECT_EQ(source.fields[9].constant, Value{"public"});
  EXPECT_EQ(source.fields[10].constant, Value{"users"});
  EXPECT_EQ(plan->record.value->fields[0].slot, slot::before);
  EXPECT_EQ(plan->record.value->fields[0].fields[1].slot, plan->before_slot(1));
  EXPECT_EQ(plan->record.value->fields[1].fields[2].slot, plan->after_slot(2));
  EXPECT_EQ(plan->record.key->fields[0].slot, plan->key_slot(0));
}

TEST(PostgresRelation, AMessageIsCompletedByTheCatalog) {
  const auto plan = plan_of_relation(users_relation(), users(), options(), types()).value();
  EXPECT_EQ(plan->replica_identity, 'f');
  EXPECT_EQ(text_of(plan->record.key->schema), "struct<user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(plan->columns.front().phase, Phase::streaming);
}

TEST(PostgresRelation, WithoutTheCatalogColumnsAreOptionalAndThereIsNoKey) {
  const auto plan = plan_of_relation(users_relation(), std::nullopt, options(), types()).value();
  EXPECT_FALSE(plan->record.key);
  EXPECT_EQ(text_of(plan->columns.front().schema), "int32?");
}

TEST(PostgresRelation, KeyColumnsKeepTheKeysOrderAndThoseNotSentAreDropped) {
  TableFacts facts = users();
  facts.key = {"created_at", "gone", "user_id"};
  const auto plan = plan_of_relation(users_relation(), facts, options(), types()).value();
  EXPECT_EQ(plan->key_columns, (std::vector<int>{2, 0}));
  EXPECT_EQ(plan->record.key->schema->fields[0].name, "created_at");
}

TEST(PostgresRelation, StreamedNonAsciiNamesAreReadAsDebeziumReadsThem) {
  pgoutput::Relation relation = users_relation();
  relation.columns[1].name = "\xC3\xA9t\xC3\xA9";
  TableFacts facts = users();
  facts.columns[1] = {.name = "\xC3\xA9t\xC3\xA9", .type_oid = 1043, .optional = false};
  const auto by_column = plan_of_relation(relation, facts, options(), types()).value();
  EXPECT_EQ(by_column->columns[1].name, "\xEF\xBF\x83\xEF\xBE\xA9t\xEF\xBF\x83\xEF\xBE\xA9");   // U+FFC3 U+FFA9
  EXPECT_EQ(text_of(by_column->columns[1].schema), "string?");
  EXPECT_TRUE(by_column->record.key);

  relation.table = "caf\xC3\xA9";
  facts.id.table = relation.table;
  const auto by_table = plan_of_relation(relation, facts, options(), types()).value();
  EXPECT_EQ(by_table->topic, "postgres.public.caf__");
  EXPECT_EQ(by_table->id.table, "caf\xEF\xBF\x83\xEF\xBE\xA9");
  EXPECT_FALSE(by_table->record.key);
  EXPECT_EQ(text_of(by_table->columns[0].schema), "int32?");

  const auto of_snapshot = plan_of_table(facts, options(), types()).value();
  EXPECT_EQ(of_snapshot->topic, "postgres.public.caf_");
  EXPECT_EQ(of_snapshot->id.table, "caf\xC3\xA9");
}

TEST(PostgresRelation, ColumnsMayDifferInCaseAlone) {
  TableFacts facts = users();
  facts.columns.push_back({.name = "Full_Name", .type_oid = 23, .optional = false});
  pgoutput::Relation relation = users_relation();
  relation.columns.push_back({false, "Full_Name", 23, -1});
  for (const auto& plan : {plan_of_table(facts, options(), types()).value(), plan_of_relation(relation, facts, options(), types()).value()}) {
    const SchemaPtr after = plan->record.value->schema->field("after")->schema;
    EXPECT_EQ(text_of(after->field("full_name")->schema), "string?");
    EXPECT_EQ(text_of(after->field("Full_Name")->schema), "int32");
  }
}

TEST(PostgresRelation, TopicsAreJoinedByTheDelimiterAndSanitized) {
  const PlanOptions joined = options({{"topic.delimiter", "-"}});
  TableFacts facts = users();
  facts.id = {"my schema", "a#b"};
  EXPECT_EQ((*plan_of_table(facts, joined, types()))->topic, "postgres-my_schema-a_b");
  EXPECT_EQ(joined.topic_prefix, "postgres");
  EXPECT_EQ(joined.database, "app");
}

std::string key_schema(const RelationPlan& plan) { return plan.record.key ? text_of(plan.record.key->schema) : "none"; }
std::string row_schema(const RelationPlan& plan) { return text_of(plan.record.value->schema->fields[1].schema); }

TEST(PostgresRelation, ColumnsOutsideOfTheFilterStayInTheKey) {
  const PlanOptions without_id = options({{"column.exclude.list", "public.users.(USER_ID|created.*)"}});
  const auto of_snapshot = plan_of_table(users(), without_id, types()).value();
  EXPECT_EQ(row_schema(*of_snapshot), "struct<full_name string?>? postgres.public.users.Value");
  EXPECT_EQ(key_schema(*of_snapshot), "struct<user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(of_snapshot->value_columns, 1u);
  EXPECT_EQ(of_snapshot->tuple_index, (std::vector<int>{1, 0}));
  EXPECT_EQ(read_by_snapshot(users(), without_id), (std::vector<bool>{false, true, true, false}));
  // The stream asks the catalog for none of them.
  const auto streamed = plan_of_relation(users_relation(), users(), without_id, types()).value();
  EXPECT_EQ(key_schema(*streamed), "struct<user_id int32?> postgres.public.users.Key");

  const PlanOptions nothing = options({{"column.include.list", "public.others.*"}});
  EXPECT_EQ(row_schema(*plan_of_table(users(), nothing, types()).value()), "struct<>? postgres.public.users.Value");
  EXPECT_EQ(read_by_snapshot(users(), nothing), (std::vector<bool>(4, true)));
}

TEST(PostgresRelation, MessageKeyColumnsInTheOrderOfTheOption) {
  const auto key = [](const std::string& option) {
    const auto plan = plan_of_table(users(), options({{"message.key.columns", option}}), types());
    return plan ? key_schema(**plan) : plan.error().text;
  };
  EXPECT_EQ(key("public.users:full_name"), "struct<full_name string?> postgres.public.users.Key");
  EXPECT_EQ(key("other.t:x; (.*).USERS:full.*,user_id "), "struct<full_name string?, user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(key("public.users:.*_.*"),
            "struct<user_id int32 =0, full_name string?, created_at int64? io.debezium.time.MicroTimestamp/1 =0> postgres.public.users.Key");
  EXPECT_EQ(key("public.users:gone;public.t:user_id"), "struct<user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(key("public.users:user_id,full_name,user.*"), "Cannot create field because of field name duplication user_id");
  EXPECT_EQ(key("public.users:search"), "struct<> postgres.public.users.Key");   // a type without a schema
  EXPECT_FALSE(plan_options(Config{{{"topic.prefix", "p"}, {"message.key.columns", "public.users:("}}}));
}

TEST(PostgresRelation, MappedColumnsAreNotMappedInTheKey) {
  const auto plan = plan_of_table(users(), options({{"message.key.columns", "public.users:full_name,user_id"},
                                                    {"column.mask.with.3.chars", ".*name"}}), types()).value();
  EXPECT_EQ(key_schema(*plan), "struct<full_name string?, user_id int32 =0> postgres.public.users.Key");
  EXPECT_EQ(plan->value_columns, 3u);
  EXPECT_EQ(plan->key_columns, (std::vector<int>{3, 0}));
  Scratch scratch;
  EXPECT_EQ(plan->columns[1].decode(plan->columns[1], "Ada", scratch)->text(), "***");
  EXPECT_EQ(plan->columns[3].decode(plan->columns[3], "Ada", scratch)->text(), "Ada");
}

TEST(PostgresRelation, NamesAsAvroTakesThem) {
  TableFacts facts = users();
  facts.id = {"my-schema", "9 t"};
  facts.columns[1].name = "full name";
  const auto plan = plan_of_table(facts, options({{"schema.name.adjustment.mode", "avro"}, {"field.name.adjustment.mode", "avro_unicode"}}),
                                  types()).value();
  EXPECT_EQ(plan->topic, "postgres.my-schema.9_t");
  EXPECT_EQ(key_schema(*plan), "struct<user_u005fid int32 =0> postgres.my_schema.9_t.Key");
  EXPECT_EQ(row_schema(*plan).substr(0, 73), "struct<user_u005fid int32 =0, full_u0020name string?, created_u005fat int");
  EXPECT_EQ(plan->record.value->schema->name, "postgres.my_schema.9_t.Envelope");

  facts.columns[3].name = "full-name";
  const auto twice = plan_of_table(facts, options({{"field.name.adjustment.mode", "avro"}}), types());
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().text, "Cannot create field because of field name duplication full_name");
  EXPECT_FALSE(plan_options(Config{{{"topic.prefix", "p"}, {"field.name.adjustment.mode", "utf"}}}));
}

TEST(PostgresRelation, ASharedTopicHasTheTableInTheKey) {
  const PlanOptions shared = options({{"topic.naming.strategy", "io.debezium.schema.DefaultRegexTopicNamingStrategy"},
                                      {"topic.regex", "(.*)users"}, {"topic.replacement", "$1all"}, {"topic.key.field.name", "of"}});
  const auto plan = plan_of_table(users(), shared, types()).value();
  EXPECT_EQ(plan->topic, "postgres.all");
  EXPECT_EQ(key_schema(*plan), "struct<user_id int32 =0, of string> postgres.all.Key");
  EXPECT_EQ(plan->record.key->fields[1].constant, Value{"postgres.users"});
  TableFacts keyless = users();
  keyless.key.clear();
  EXPECT_EQ(key_schema(*plan_of_table(keyless, shared, types()).value()), "struct<of string> postgres.all.Key");
}

}  // namespace
}  // namespace millrace::postgres
