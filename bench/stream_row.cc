// How long does a row take from pgoutput's message, or COPY's line, to JSON? All that is between libpq and Kafka's client.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_sink.h"
#include "sources/postgres/builtin_types.h"
#include "sources/postgres/change_stream.h"
#include "sources/postgres/change_writer.h"
#include "sources/postgres/snapshot.h"
#include "sources/postgres/test_messages.h"

namespace millrace::postgres {
namespace {

constexpr std::uint32_t k_oid = 16'384;

struct Column {
  ColumnFacts facts;
  std::string text;
};

// bench/end_to_end's tables.
std::vector<Column> order_columns() {
  const auto column = [](const char* name, std::uint32_t type, std::string text, bool optional = false, std::int32_t typmod = -1) {
    return Column{{.name = name, .type_oid = type, .typmod = typmod, .optional = optional}, std::move(text)};
  };
  return {column("id", 20, "123456"), column("customer_id", 23, "23456"), column("status", 25, "delivered"),
          column("amount", 1700, "234.56", false, (12 << 16 | 2) + 4), column("note", 25, std::string(160, 'n'), true),
          column("created_at", 1184, "2026-11-24 13:48:01.123456+00"), column("updated_at", 1184, "2026-11-24 13:48:01.123456+00", true)};
}

std::vector<Column> wide_columns() {
  struct Kind {
    std::uint32_t type;
    const char* text;
    std::int32_t typmod = -1;
  };
  static constexpr Kind k_kinds[] = {{23, "123456"}, {20, "123456370368"}, {701, "17636.714285714286"}, {1700, "234.56", (12 << 16 | 2) + 4},
                                     {25, "e10adc3949ba59abbe56e057f20f883e"}, {16, "t"}, {1184, "2024-01-02 10:17:36.123456+00"},
                                     {1082, "2031-08-07"}, {3802, R"({"n": 123456, "tags": ["a", "b", 8]})"}, {1007, "{123456,NULL,9}"}};
  std::vector<Column> columns{{{.name = "id", .type_oid = 20, .optional = false}, "123456"}};
  for (std::size_t i = 0; i < 40; ++i) {
    const Kind& kind = k_kinds[i % std::size(k_kinds)];
    columns.push_back({{.name = "c" + std::to_string(i), .type_oid = kind.type, .typmod = kind.typmod}, kind.text});
  }
  return columns;
}

Result<std::unique_ptr<RelationPlan>> plan_of(const std::vector<Column>& columns) {
  TableFacts facts{.id = {"public", "orders"}, .oid = k_oid, .key = {"id"}, .has_primary_key = true};
  for (const Column& column : columns) facts.columns.push_back(column.facts);
  MR_TRY(const PlanOptions options, plan_options(Config{{{"topic.prefix", "bench"}, {"database.dbname", "postgres"}}}));
  const TypeRegistry types = builtin_types();
  return plan_of_table(facts, options, types);
}

void stream(benchmark::State& state, std::vector<Column> (*columns)()) {
  const auto rows_per_transaction = state.range(0);
  test::Row row;
  for (Column& column : columns()) row.emplace_back(std::move(column.text));
  const std::string begin = test::begin(7), insert = test::insert(k_oid, row), commit = test::commit(1000);
  ChangeStream::Options options;
  options.captures = [](const TableId&) { return true; };
  options.plan = [columns](const pgoutput::Relation&, const TableId&) { return plan_of(columns()); };
  ChangeWriter writer{true};
  SourceProgress progress;
  JsonSink sink;
  ChangeStream changes{std::move(options), writer, progress, {}, true};
  bool well = changes.handle(0, test::relation(k_oid, "orders", {}), sink).has_value();
  Lsn lsn = 1000;
  for (auto _ : state) {
    well = well && changes.handle(lsn, begin, sink);
    for (std::int64_t i = 0; i < rows_per_transaction; ++i) well = well && changes.handle(lsn += 100, insert, sink);
    well = well && changes.handle(lsn += 100, commit, sink);
  }
  if (!well) state.SkipWithError("a message cannot be handled");
  state.SetItemsProcessed(state.iterations() * rows_per_transaction);
  state.counters["value_bytes"] = static_cast<double>(sink.bytes);
}

void copy(benchmark::State& state, std::vector<Column> (*columns)()) {
  std::string line;
  for (const Column& column : columns()) line += (line.empty() ? "" : "\t") + column.text;
  line += '\n';
  const auto plan = plan_of(columns()).value();
  ChangeWriter writer{true};
  JsonSink sink;
  std::string held;
  std::vector<pgoutput::TupleValue> fields;
  for (auto _ : state) {
    held.assign(line);
    if (!split_copy_row(held, fields) || !writer.read(*plan, {.ts_us = 1, .snapshot = "true", .lsn = 1, .tx_id = 7}, fields, sink))
      state.SkipWithError("a line cannot be read");
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["value_bytes"] = static_cast<double>(sink.bytes);
}

void stream_orders(benchmark::State& state) { stream(state, order_columns); }
void stream_wide(benchmark::State& state) { stream(state, wide_columns); }
void copy_orders(benchmark::State& state) { copy(state, order_columns); }
void copy_wide(benchmark::State& state) { copy(state, wide_columns); }

BENCHMARK(stream_orders)->Arg(1)->Arg(100);   // rows in a transaction
BENCHMARK(stream_wide)->Arg(100);
BENCHMARK(copy_orders);
BENCHMARK(copy_wide);

}  // namespace
}  // namespace millrace::postgres

BENCHMARK_MAIN();
