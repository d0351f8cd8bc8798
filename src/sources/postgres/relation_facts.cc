// The catalog's half of relation.h: two queries for each table.
#include <charconv>

#include "sources/postgres/array_text.h"
#include "sources/postgres/relation.h"

namespace millrace::postgres {
namespace {

// $1 schema, $2 table. The key's columns: the primary key's in key order, else those of the first unique index as
// JDBC lists them (clustered first, then hash, then by name) that has no expression.
constexpr const char* k_table_query = R"(
SELECT c.oid, c.relreplident, key.is_primary, key.columns
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
  SELECT i.indisprimary AS is_primary,
         (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place)
          FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS columns
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_am am ON am.oid = ic.relam
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indexprs IS NULL
  ORDER BY NOT i.indisprimary, CASE WHEN i.indisclustered THEN 1 WHEN am.amname = 'hash' THEN 2 ELSE 3 END, ic.relname
  LIMIT 1) key ON true
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))";

// $1 the table's oid. Optional and default as JDBC tells them: the domain's own NOT NULL counts.
constexpr const char* k_column_query = R"(
SELECT a.attname, a.atttypid, a.atttypmod,
       a.attnotnull OR (t.typtype = 'd' AND t.typnotnull),
       pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       a.attgenerated <> '' OR a.attidentity <> ''
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)";

constexpr const char* k_list_query = R"(
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname NOT LIKE 'pg\_temp%' AND n.nspname NOT LIKE 'pg\_toast\_temp%'
ORDER BY n.nspname, c.relname)";

ColumnFacts column_facts(const Rows& rows, int row) {
  ColumnFacts column;
  column.name = rows.text(row, 0);
  column.type_oid = catalog_number<std::uint32_t>(rows.text(row, 1));
  column.typmod = catalog_number<std::int32_t>(rows.text(row, 2));
  column.optional = rows.text(row, 3) != "t";
  if (!rows.is_null(row, 4)) column.default_expression.emplace(rows.text(row, 4));
  column.generated = rows.text(row, 5) == "t";
  return column;
}

}  // namespace

Result<std::optional<TableFacts>> read_table_facts(Connection& connection, const TableId& id) {
  MR_TRY(const Rows table, connection.query(k_table_query, {id.schema, id.table}));
  if (table.size() == 0) return std::optional<TableFacts>{};
  TableFacts facts;
  facts.id = id;
  facts.oid = catalog_number<std::uint32_t>(table.text(0, 0));
  if (!table.text(0, 1).empty()) facts.replica_identity = table.text(0, 1).front();
  facts.has_primary_key = table.text(0, 2) == "t";
  if (!table.is_null(0, 3)) {
    ArrayText key{table.text(0, 3)};
    ArrayText::Item item;
    while (key.next(item)) facts.key.emplace_back(item.text);
  }
  MR_TRY(const Rows columns, connection.query(k_column_query, {std::to_string(facts.oid)}));
  for (int row = 0; row < columns.size(); ++row) facts.columns.push_back(column_facts(columns, row));
  return std::optional{std::move(facts)};
}

Result<std::vector<TableId>> list_tables(Connection& connection) {
  MR_TRY(const Rows rows, connection.query(k_list_query));
  std::vector<TableId> tables;
  for (int row = 0; row < rows.size(); ++row)
    tables.push_back({std::string{rows.text(row, 0)}, std::string{rows.text(row, 1)}});
  return tables;
}

}  // namespace millrace::postgres
