#include "sources/postgres/captured_tables.h"

#include <algorithm>

#include "core/log.h"

namespace millrace::postgres {
namespace {

Result<std::vector<TableId>> in_include_order(std::vector<TableId> tables, const Config& config) {
  std::ranges::sort(tables);
  std::vector<TableId> ordered;
  for (const std::string& pattern : split_regex_list(config.get("table.include.list"))) {
    MR_TRY(const JavaRegex regex, JavaRegex::compile(pattern, RegexCase::ignored));
    for (const TableId& table : tables)
      if (regex.matches(table.text()).value_or(false) && std::ranges::find(ordered, table) == ordered.end())
        ordered.push_back(table);
  }
  for (const TableId& table : tables)
    if (std::ranges::find(ordered, table) == ordered.end()) ordered.push_back(table);
  return ordered;
}

// "schema.table"; parts may stand in quotes, in which a doubled quote is one. None: not two parts.
std::optional<TableId> parse_table_id(std::string_view text) {
  std::vector<std::string> parts{""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      parts.back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  if (quoted || parts.size() != 2) return std::nullopt;
  return TableId{parts[0], parts[1]};
}

// $1 the partition's oid. Nearest first.
constexpr const char* k_ancestors_query = R"(
WITH RECURSIVE up (oid, depth) AS (
  SELECT i.inhparent, 1 FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
  WHERE i.inhrelid = $1::oid AND c.relispartition
  UNION ALL
  SELECT i.inhparent, up.depth + 1 FROM pg_catalog.pg_inherits i JOIN up ON i.inhrelid = up.oid)
SELECT n.nspname, c.relname
FROM up JOIN pg_catalog.pg_class c ON c.oid = up.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY up.depth)";

}  // namespace

Result<std::vector<TableId>> captured_tables(Connection& connection, const TableFilter& filter, const Config& config) {
  MR_TRY(std::vector<TableId> all, list_tables(connection));
  std::erase_if(all, [&filter](const TableId& id) { return !filter.captures(id.schema, id.table); });
  MR_TRY(std::vector<TableId> captured, in_include_order(std::move(all), config));
  for (const TableId& table : captured) snapshot_log()->debug("Capturing table {}", table.text());
  if (captured.empty())
    snapshot_log()->warn("After applying the include/exclude list filters, no changes will be captured. Please check your "
                         "configuration! (table.include.list={})", config.get("table.include.list"));
  return captured;
}

// A pattern may also be meant for the quoted form of the name.
Result<std::vector<TableId>> tables_of_snapshot(std::vector<TableId> captured, const Config& config) {
  MR_TRY(const RegexList list, RegexList::compile(config.get("snapshot.include.collection.list")));
  if (list.empty()) return captured;
  std::vector<TableId> taken;
  for (TableId& table : captured) {
    MR_TRY(const bool plain, list.matches_any(table.text()));
    MR_TRY(const bool quoted, list.matches_any(quote_identifier(table.schema) + "." + quote_identifier(table.table)));
    if (plain || quoted) taken.push_back(std::move(table));
  }
  return taken;
}

Result<std::map<TableId, std::string>> snapshot_selects(const Config& config) {
  static const std::string option = "snapshot.select.statement.overrides";
  std::map<TableId, std::string> selects;
  for (const std::string& name : config.list(option)) {
    const std::string* statement = config.find(option + "." + name);
    if (statement == nullptr) {
      snapshot_log()->warn("Detected {} for {} but no statement property {}.{} defined", option, name, option, name);
      continue;
    }
    const auto id = parse_table_id(name);
    if (!id)
      return fail(option + ": '" + name + "' is not the name of a table; write <schema>.<table>", Retry::no,
                  k_debezium_exception);
    selects[*id] = *statement;
  }
  return selects;
}

Result<std::optional<TableId>> captured_root_of(Connection& connection, const TableFilter& filter, std::uint32_t oid) {
  MR_TRY(const Rows rows, connection.query(k_ancestors_query, {std::to_string(oid)}));
  for (int row = 0; row < rows.size(); ++row) {
    TableId id{std::string{rows.text(row, 0)}, std::string{rows.text(row, 1)}};
    if (filter.captures(id.schema, id.table)) return std::optional{std::move(id)};
  }
  return std::optional<TableId>{};
}

}  // namespace millrace::postgres
