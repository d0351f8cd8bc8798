// How long does a change event of a five-column table take to become JSON?
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/envelope.h"
#include "core/slab.h"
#include "format/converter.h"

namespace millrace {
namespace {

enum Slot : std::uint16_t {
  before, after, user_id, full_name, email, created_at, updated_at,
  source_ms, sequence, source_us, source_ns, tx_id, lsn, event_ms, event_us, event_ns, slot_count
};

SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }

Schema row_schema() {
  using envelope::plain_schema;
  const auto micros = shared(envelope::semantic_schema(Type::int64, "io.debezium.time.MicroTimestamp", true));
  return envelope::structure_schema("postgres.public.users.Value", true,
                                    {{"user_id", plain_schema(Type::int32, false)},
                                     {"full_name", plain_schema(Type::string, true)},
                                     {"email", plain_schema(Type::string, true)},
                                     {"created_at", micros},
                                     {"updated_at", micros}});
}

Schema source_schema() {
  using envelope::plain_schema;
  return envelope::structure_schema("io.debezium.connector.postgresql.Source", false,
                                    {{"version", plain_schema(Type::string, false)},
                                     {"connector", plain_schema(Type::string, false)},
                                     {"name", plain_schema(Type::string, false)},
                                     {"ts_ms", plain_schema(Type::int64, false)},
                                     {"snapshot", envelope::snapshot_marker()},
                                     {"db", plain_schema(Type::string, false)},
                                     {"sequence", plain_schema(Type::string, true)},
                                     {"ts_us", plain_schema(Type::int64, true)},
                                     {"ts_ns", plain_schema(Type::int64, true)},
                                     {"schema", plain_schema(Type::string, false)},
                                     {"table", plain_schema(Type::string, false)},
                                     {"txId", plain_schema(Type::int64, true)},
                                     {"lsn", plain_schema(Type::int64, true)},
                                     {"xmin", plain_schema(Type::int64, true)}});
}

// A Value makes the field a constant, a Slot takes it from the record.
Shape field(const SchemaPtr& structure, std::string_view name, Value constant) {
  return Shape::of_constant(structure->field(name)->schema, std::move(constant));
}
Shape field(const SchemaPtr& structure, std::string_view name, Slot slot) {
  return Shape::of_slot(structure->field(name)->schema, slot);
}

Shape row_shape(const SchemaPtr& row, Slot presence) {
  return Shape::of_structure(row,
                             {field(row, "user_id", user_id), field(row, "full_name", full_name),
                              field(row, "email", email), field(row, "created_at", created_at),
                              field(row, "updated_at", updated_at)},
                             presence);
}

Shape event_shape() {
  const auto row = shared(row_schema());
  const auto source = shared(source_schema());
  const auto event = envelope::relational_schema("postgres.public.users", row, source);
  return Shape::of_structure(
      event,
      {row_shape(row, before), row_shape(row, after),
       Shape::of_structure(
           source, {field(source, "version", Value{envelope::k_debezium_version}),
                    field(source, "connector", Value{"postgresql"}), field(source, "name", Value{"postgres"}),
                    field(source, "ts_ms", source_ms), field(source, "snapshot", Value{}),
                    field(source, "db", Value{"app"}), field(source, "sequence", sequence),
                    field(source, "ts_us", source_us), field(source, "ts_ns", source_ns),
                    field(source, "schema", Value{"public"}), field(source, "table", Value{"users"}),
                    field(source, "txId", tx_id), field(source, "lsn", lsn), field(source, "xmin", Value{})}),
       field(event, "transaction", Value{}), field(event, "op", Value{"c"}), field(event, "ts_ms", event_ms),
       field(event, "ts_us", event_us), field(event, "ts_ns", event_ns)});
}

std::array<Datum, slot_count> event_slots() {
  std::array<Datum, slot_count> slots{};
  slots[after] = Datum::of(true);
  slots[user_id] = Datum::digits("100234");
  slots[full_name] = Datum::string("Grace Brewster Hopper");
  slots[email] = Datum::string("grace.hopper@example.com");
  slots[created_at] = Datum::of(std::int64_t{1704195000500000});
  slots[updated_at] = Datum::of(std::int64_t{1704195000000001});
  slots[source_ms] = Datum::of(std::int64_t{1795460707584});
  slots[sequence] = Datum::string(R"(["49741384","49741384"])");
  slots[source_us] = Datum::of(std::int64_t{1795460707584589});
  slots[source_ns] = Datum::of(std::int64_t{1795460707584589000});
  slots[tx_id] = Datum::of(std::int64_t{802});
  slots[lsn] = Datum::of(std::int64_t{49741384});
  slots[event_ms] = Datum::of(std::int64_t{1795460707955});
  slots[event_us] = Datum::of(std::int64_t{1795460707955207});
  slots[event_ns] = Datum::of(std::int64_t{1795460707955207844});
  return slots;
}

std::unique_ptr<Converter> json_converter(bool schemas) {
  auto made = make_converter("org.apache.kafka.connect.json.JsonConverter",
                             Config{{{"schemas.enable", schemas ? "true" : "false"}}});
  return std::move(made).value();
}

void encode(benchmark::State& state, bool schemas) {
  const auto converter = json_converter(schemas);
  const auto compiled = std::move(converter->compile(event_shape())).value();
  const auto slots = event_slots();
  SlabRing ring{8, 4 << 20};
  std::size_t bytes = 0;
  for (auto _ : state) {
    Output& out = ring.begin();
    if (!compiled->write(slots, out)) state.SkipWithError("the row does not fit its schema");
    const SlabRing::Piece piece = ring.finish();
    bytes += piece.bytes.size();
    benchmark::DoNotOptimize(piece.bytes.data());
    ring.release(piece.slab);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["event_bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}

void encode_payload(benchmark::State& state) { encode(state, false); }
void encode_with_schema(benchmark::State& state) { encode(state, true); }

// The way of records that transforms have touched.
void encode_tree(benchmark::State& state, bool schemas) {
  const auto converter = json_converter(schemas);
  RecordPlan plan;
  plan.value = event_shape();
  const auto slots = event_slots();
  const ConnectRecord tree = to_tree(Record{.plan = &plan, .slots = slots});
  StringOutput out;
  for (auto _ : state) {
    out.clear();
    if (!converter->convert(tree.value_schema, tree.value, out)) state.SkipWithError("the tree does not fit its schema");
    benchmark::DoNotOptimize(out.written().data());
  }
}

void encode_tree_payload(benchmark::State& state) { encode_tree(state, false); }
void encode_tree_with_schema(benchmark::State& state) { encode_tree(state, true); }

BENCHMARK(encode_payload);
BENCHMARK(encode_with_schema);
BENCHMARK(encode_tree_payload);
BENCHMARK(encode_tree_with_schema);

}  // namespace
}  // namespace millrace

BENCHMARK_MAIN();
