// How long does a document of 1 or 20 kB take to become extended JSON, the JSON of its change event, and that of the document
// alone (ExtractNewDocumentState)?
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "json_sink.h"
#include "sources/mongodb/event_writer.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/extract_new_document_state.h"

namespace millrace::mongodb {
namespace {

void append_address(bson_t* order, const char* name) {
  bson_t address;
  bson_append_document_begin(order, name, -1, &address);
  BSON_APPEND_UTF8(&address, "street", "Rue de la R\u00e9publique 12");
  BSON_APPEND_UTF8(&address, "city", "Saint-\u00c9tienne");
  BSON_APPEND_UTF8(&address, "postalCode", "42000");
  BSON_APPEND_UTF8(&address, "country", "FR");
  bson_append_document_end(order, &address);
}

void append_items(bson_t* order, int count) {
  bson_t items, item;
  bson_append_array_begin(order, "items", -1, &items);
  for (int i = 0; i < count; ++i) {
    bson_append_document_begin(&items, std::to_string(i).c_str(), -1, &item);
    BSON_APPEND_UTF8(&item, "sku", "KB-2024-0815-BLK");
    BSON_APPEND_INT32(&item, "quantity", i + 1);
    BSON_APPEND_DOUBLE(&item, "price", 129.95);
    BSON_APPEND_UTF8(&item, "description", "Mechanical keyboard, brown switches");
    bson_append_document_end(&items, &item);
  }
  bson_append_array_end(order, &items);
}

// Items of an order: with 4 it has 1 kB of BSON and 40 values, with 152 it has 20 kB and 630 values.
constexpr int k_few_items = 4, k_many_items = 152;

// An order as a shop stores it.
std::vector<std::uint8_t> order_document(benchmark::State& state) {
  bson_t order = BSON_INITIALIZER;
  bson_oid_t id;
  bson_oid_init_from_string(&id, "65a1b2c3d4e5f60718293a4b");
  BSON_APPEND_OID(&order, "_id", &id);
  BSON_APPEND_INT64(&order, "customerId", 100234);
  BSON_APPEND_UTF8(&order, "customerName", "Grace Brewster Hopper");
  BSON_APPEND_UTF8(&order, "email", "grace.hopper@example.com");
  BSON_APPEND_UTF8(&order, "status", "PAID");
  BSON_APPEND_DATE_TIME(&order, "createdAt", 1'704'195'000'500);
  BSON_APPEND_DATE_TIME(&order, "updatedAt", 1'704'195'060'123);
  BSON_APPEND_DOUBLE(&order, "total", 1299.5);
  BSON_APPEND_BOOL(&order, "gift", false);
  BSON_APPEND_NULL(&order, "coupon");
  append_address(&order, "shippingAddress");
  append_address(&order, "billingAddress");
  append_items(&order, static_cast<int>(state.range(0)));
  BSON_APPEND_UTF8(&order, "note", "Please ring twice; the bell of the \"second\" door works.\nThank you very much indeed.");
  const BsonView view = view_of(order);
  std::vector<std::uint8_t> bytes{view.begin(), view.end()};
  bson_destroy(&order);
  state.counters["bson_bytes"] = static_cast<double>(bytes.size());
  return bytes;
}

void print(benchmark::State& state, Dialect dialect) {
  const auto document = order_document(state);
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!write_json(document, dialect, out)) state.SkipWithError("the document cannot be printed");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * document.size()));
  state.counters["text_bytes"] = static_cast<double>(out.size());
}

void strict(benchmark::State& state) { print(state, Dialect::strict); }
void relaxed(benchmark::State& state) { print(state, Dialect::relaxed); }

void snapshot_record(benchmark::State& state) {
  const auto document = order_document(state);
  EventWriter writer = EventWriter::create(Config{{{"topic.prefix", "mongo"}}}).value();
  JsonSink sink;
  for (auto _ : state)
    if (!writer.read("shop", "orders", document, "true", std::nullopt, sink)) state.SkipWithError("the document cannot be written");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * document.size()));
  state.counters["value_bytes"] = static_cast<double>(sink.bytes);
}

// The general path of a record, as the task goes it where transforms are set.
class UnwrappingSink final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    MR_TRY(const auto changed, unwrap_->apply(to_tree(record)));
    bytes.clear();
    MR_CHECK(converter_->convert(changed->value_schema, changed->value, bytes));
    return {};
  }

  StringOutput bytes;

 private:
  std::unique_ptr<Transform> unwrap_ = std::move(make_extract_new_document_state(Config{})).value();
  std::unique_ptr<Converter> converter_ = json_converter();
};

void unwrapped_record(benchmark::State& state) {
  const auto document = order_document(state);
  EventWriter writer = EventWriter::create(Config{{{"topic.prefix", "mongo"}}}).value();
  UnwrappingSink sink;
  for (auto _ : state)
    if (!writer.read("shop", "orders", document, "true", std::nullopt, sink)) state.SkipWithError("the document cannot be written");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * document.size()));
  state.counters["value_bytes"] = static_cast<double>(sink.bytes.written().size());
}

BENCHMARK(strict)->Arg(k_few_items)->Arg(k_many_items);
BENCHMARK(relaxed)->Arg(k_few_items)->Arg(k_many_items);
BENCHMARK(snapshot_record)->Arg(k_few_items)->Arg(k_many_items);
BENCHMARK(unwrapped_record)->Arg(k_few_items)->Arg(k_many_items);

}  // namespace
}  // namespace millrace::mongodb

BENCHMARK_MAIN();
