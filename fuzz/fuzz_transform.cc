// A transform or predicate, of a class on the first line, with options as properties after it, over records of every form that
// a source makes. Errors have a text; what comes out can be written as JSON or says why not.
#include <cstdlib>
#include <string_view>
#include <vector>

#include <spdlog/spdlog.h>

#include "connect/transform_chain.h"
#include "core/envelope.h"
#include "core/log.h"
#include "core/properties.h"
#include "format/converter.h"
#include "sources/registry.h"

namespace {

using namespace millrace;
using envelope::plain_schema;

SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }

SchemaPtr row_schema() {
  static const SchemaPtr schema = shared(
      {.type = Type::structure, .optional = true, .name = "p.public.t.Value",
       .fields = {{"id", plain_schema(Type::int32, false)},
                  {"name", plain_schema(Type::string, true)},
                  {"price", shared({.type = Type::bytes, .optional = true, .name = "org.apache.kafka.connect.data.Decimal", .version = 1,
                                    .parameters = {{"scale", "2"}}})},
                  {"at", shared({.type = Type::int64, .optional = true, .name = "io.debezium.time.MicroTimestamp", .version = 1})},
                  {"day", shared({.type = Type::int32, .optional = true, .name = "org.apache.kafka.connect.data.Date", .version = 1})},
                  {"payload", shared({.type = Type::string, .optional = true, .name = "io.debezium.data.Json", .version = 1})},
                  {"ratio", shared({.type = Type::float64, .optional = true, .default_value = std::make_shared<const Value>(0.5)})},
                  {"tags", shared({.type = Type::array, .optional = true, .values = plain_schema(Type::string, true)})}}});
  return schema;
}

Value row(std::int64_t id) {
  return Value{Value::Struct{row_schema(), {Value{id}, Value{"na\"me"}, Value{Bytes{"\x01\x45"}}, Value{std::int64_t{1'709'164'800'123'456}},
                                            Value{std::int64_t{19'000}}, Value{R"({"a":[1,null,{"b":2.5}]})"}, Value{},
                                            Value{Value::Array{Value{"x"}, Value{}}}}}};
}

// Of a change event: op c, u, d, or r.
ConnectRecord change(const char* op, Value before, Value after) {
  static const SchemaPtr source = shared({.type = Type::structure, .name = "io.debezium.connector.postgresql.Source",
                                          .fields = {{"db", plain_schema(Type::string, false)}, {"schema", plain_schema(Type::string, false)},
                                                     {"table", plain_schema(Type::string, false)}, {"lsn", plain_schema(Type::int64, true)}}});
  static const SchemaPtr schema = shared({.type = Type::structure, .name = "p.public.t.Envelope", .version = 2,
                                          .fields = {{"before", row_schema()}, {"after", row_schema()}, {"source", source},
                                                     {"op", plain_schema(Type::string, false)}, {"ts_ms", plain_schema(Type::int64, true)}}});
  static const SchemaPtr key = shared({.type = Type::structure, .name = "p.public.t.Key", .fields = {{"id", plain_schema(Type::int32, false)}}});
  return {.topic = "p.public.t", .key_schema = key, .key = Value{Value::Struct{key, {Value{std::int64_t{1}}}}}, .value_schema = schema,
          .value = Value{Value::Struct{schema, {std::move(before), std::move(after),
                                                Value{Value::Struct{source, {Value{"app"}, Value{"public"}, Value{"t"}, Value{std::int64_t{9}}}}},
                                                Value{op}, Value{std::int64_t{1'709'164'800'123}}}}},
          .headers = {{"h", plain_schema(Type::string, true), Value{"v"}}}};
}

std::vector<ConnectRecord> records() {
  ConnectRecord tombstone = change("d", row(1), {});
  tombstone.value_schema = nullptr;
  tombstone.value = Value{};
  ConnectRecord bare = change("c", {}, row(1));
  bare.value_schema = row_schema();
  bare.value = row(2);
  bare.timestamp_ms = 1'709'164'800'123;
  ConnectRecord scalar = bare;
  scalar.value_schema = plain_schema(Type::string, false);
  scalar.value = Value{"2024-02-29T00:00:00Z"};
  return {change("c", {}, row(1)), change("u", row(1), row(2)), change("d", row(1), {}), std::move(tombstone), std::move(bare), std::move(scalar)};
}

void write(const ConnectRecord& record) {
  static const auto json = make_converter("org.apache.kafka.connect.json.JsonConverter", Config{});
  StringOutput out;
  if (const auto key = (*json)->convert(record.key_schema, record.key, out); !key && key.error().text.empty()) std::abort();
  if (const auto value = (*json)->convert(record.value_schema, record.value, out); !value && value.error().text.empty()) std::abort();
}

void apply(Transform& transform) {
  for (ConnectRecord& record : records()) {
    const auto changed = transform.apply(std::move(record));
    if (!changed && changed.error().text.empty()) std::abort();
    if (changed && *changed) write(**changed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const bool quiet = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
  }();
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto end = text.find('\n');
  if (!quiet || end == std::string_view::npos) return 0;
  const auto options = parse_properties(text.substr(end + 1), PropertiesEncoding::utf8);
  if (!options) return 0;
  for (const SourceRegistration& source : source_registry()) {
    const TransformClass* found = find_transform(text.substr(0, end), source);
    if (found == nullptr) continue;
    if (found->make_predicate != nullptr) {
      const auto predicate = found->make_predicate(*options);
      if (!predicate) continue;
      for (const ConnectRecord& record : records()) static_cast<void>((*predicate)->test(record));
    } else if (const auto transform = found->make_transform(*options)) {
      apply(**transform);
    } else if (transform.error().text.empty()) {
      std::abort();
    }
  }
  return 0;
}
