// tests/transforms/debezium.txt holds cases and what Debezium 2.7's own classes made of them: the records below go through
// the transform that a case names, and every line must be as there. "> class rows | option=value": r are change events of a
// table, o rows of an outbox, each with the numbers of its records. Errors are compared as such, not by their text.
#include "transform/class_lists.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/envelope.h"
#include "core/numbers.h"
#include "core/setting_rules.h"
#include "core/struct_access.h"

namespace millrace {
namespace {

using envelope::plain_schema;
using envelope::structure_schema;

SchemaPtr shared(Schema schema) { return std::make_shared<const Schema>(std::move(schema)); }
SchemaPtr plain(Type type) { return plain_schema(type, false); }
SchemaPtr maybe(Type type) { return plain_schema(type, true); }
SchemaPtr semantic(Type type, std::string_view name, bool optional) { return shared(envelope::semantic_schema(type, name, optional)); }

SchemaPtr with_default(Type type, bool optional, Value value) {
  Schema schema{.type = type, .optional = optional};
  schema.default_value = std::make_shared<const Value>(std::move(value));
  return shared(std::move(schema));
}

SchemaPtr texts(std::string name) {
  Schema schema{.type = Type::array, .optional = true, .name = std::move(name)};
  schema.values = maybe(Type::string);
  return shared(std::move(schema));
}

// Records in the notation of the file. Schemas of structures are numbered as they come up first.
class Notation {
 public:
  std::vector<std::string> lines;

  void record(const std::optional<ConnectRecord>& record) {
    if (!record) return lines.emplace_back("  dropped"), void();
    const std::string key = reference(record->key_schema);
    const std::string value_schema = reference(record->value_schema);
    std::string headers;
    for (const Header& header : record->headers)
      headers += " h " + header.name + ' ' + reference(header.schema) + ' ' + text(header.value);
    lines.push_back("  " + record->topic + " p " + std::to_string(record->partition) + " k " + key + ' ' + text(record->key) + " v " +
                    value_schema + ' ' + text(record->value) + headers + " t " +
                    (record->timestamp_ms ? std::to_string(*record->timestamp_ms) : "null"));
  }

 private:
  static std::string text(const Value& value) {
    if (value.is_null()) return "null";
    if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
    if (const std::int64_t* number = value.integer()) return std::to_string(*number);
    if (const float* number = value.float32()) return float_text(*number);
    if (const double* number = value.float64()) return double_text(*number);
    if (const std::string* string = value.string()) return quoted(*string);
    std::string out;
    if (const Bytes* bytes = value.bytes()) {
      for (const char c : bytes->data) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
      return "0x" + out;
    }
    if (const Value::Array* items = value.array()) {
      for (const Value& item : *items) out += (out.empty() ? "" : ", ") + text(item);
      return '[' + out + ']';
    }
    const Value::Struct* structure = value.structure();
    for (std::size_t i = 0; i < structure->fields.size(); ++i)
      out += (out.empty() ? "" : ", ") + structure->schema->fields[i].name + '=' + text(structure->fields[i]);
    return '{' + out + '}';
  }

  static std::string quoted(std::string_view string) {
    std::string out = "\"";
    for (const char c : string) {
      if (c == '\\' || c == '"') out += '\\';
      out += c == '\n' ? std::string{"\\n"} : std::string{c};
    }
    return out + '"';
  }

  std::string schema_text(const Schema& schema) {
    static constexpr std::string_view k_types[] = {"boolean", "int8", "int16", "int32", "int64", "float32",
                                                   "float64", "string", "bytes", "array", "map", "struct"};
    std::string out{k_types[static_cast<std::size_t>(schema.type)]};
    if (schema.optional) out += '?';
    if (!schema.name.empty()) out += ' ' + schema.name;
    if (schema.version) out += " v" + std::to_string(*schema.version);
    if (!schema.doc.empty()) out += " #" + schema.doc;
    for (const auto& [name, value] : schema.parameters) out += ' ' + name + '=' + value;
    if (schema.default_value) out += " default " + text(*schema.default_value);
    if (schema.type == Type::array) out += " [" + schema_text(*schema.values) + ']';
    if (schema.type != Type::structure) return out;
    std::string fields;
    for (const Field& field : schema.fields) fields += (fields.empty() ? "" : ", ") + field.name + ": " + reference(field.schema);
    return out + " (" + fields + ')';
  }

  std::string reference(const SchemaPtr& schema) {
    if (!schema) return "-";
    const std::string whole = schema_text(*schema);
    if (schema->type != Type::structure) return whole;
    const auto [at, is_new] = numbers_.try_emplace(whole, numbers_.size());
    if (is_new) lines.push_back(fmt::format("schema S{} = {}", at->second, whole));
    return fmt::format("S{}", at->second);
  }

  std::map<std::string, std::size_t> numbers_;
};

// A structure whose fields are named in pairs; the others are null.
Value structure(const SchemaPtr& schema, const std::vector<std::pair<std::string_view, Value>>& fields) {
  Value::Struct made{.schema = schema, .fields = std::vector<Value>(schema->fields.size())};
  for (const auto& [name, value] : fields)
    made.fields[static_cast<std::size_t>(std::ranges::find(schema->fields, name, &Field::name) - schema->fields.begin())] = value;
  return Value{std::move(made)};
}

Value changed(const Value& given, const std::vector<std::pair<std::string_view, Value>>& fields) {
  Value::Struct made = *given.structure();
  for (const auto& [name, value] : fields)
    made.fields[static_cast<std::size_t>(std::ranges::find(made.schema->fields, name, &Field::name) - made.schema->fields.begin())] = value;
  return Value{std::move(made)};
}

Value number(std::int64_t value) { return Value{value}; }
Value bytes(std::string data) { return Value{Bytes{std::move(data)}}; }

struct Table {
  SchemaPtr row, key, event;
  std::string topic, name;
};

SchemaPtr source_schema() {
  static const SchemaPtr schema = shared(structure_schema(
      "io.debezium.connector.postgresql.Source", false,
      {{"version", plain(Type::string)}, {"name", plain(Type::string)}, {"ts_ms", plain(Type::int64)},
       {"snapshot", envelope::snapshot_marker()}, {"db", plain(Type::string)}, {"table", plain(Type::string)},
       {"txId", maybe(Type::int64)}, {"lsn", maybe(Type::int64)}}));
  return schema;
}

Value source(std::string_view table) {
  return structure(source_schema(), {{"version", Value{"2.7.0.Final"}}, {"name", Value{"s"}}, {"ts_ms", number(1700000000123)},
                                     {"db", Value{"app"}}, {"table", Value{table}}, {"txId", number(77)}, {"lsn", number(9876543210)}});
}

ConnectRecord record(std::string topic, SchemaPtr key_schema, Value key, SchemaPtr value_schema, Value value) {
  return {.topic = std::move(topic), .key_schema = std::move(key_schema), .key = std::move(key),
          .value_schema = std::move(value_schema), .value = std::move(value)};
}

ConnectRecord change(const Table& table, Value key, std::string_view op, Value before, Value after) {
  return record(table.topic, key.is_null() ? nullptr : table.key, key, table.event,
                structure(table.event, {{"before", before}, {"after", after}, {"source", source(table.name)}, {"op", Value{op}},
                                        {"ts_ms", number(1700000000456)}, {"ts_us", number(1700000000456789)},
                                        {"ts_ns", number(1700000000456789123)}}));
}

const Table& goods() {
  static const Table table = [] {
    Schema decimal = envelope::semantic_schema(Type::bytes, "org.apache.kafka.connect.data.Decimal", true);
    decimal.parameters = {{"scale", "2"}};
    Schema note{.type = Type::string, .optional = true};
    note.parameters = {{"__debezium.source.column.type", "TEXT"}, {"__debezium.source.column.name", "note"}};
    note.doc = "a note";
    const SchemaPtr id = with_default(Type::int32, false, number(0));
    const SchemaPtr row = shared(structure_schema(
        "s.public.t.Value", true,
        {{"id", id}, {"name", maybe(Type::string)}, {"qty", with_default(Type::int32, true, number(5))}, {"price", shared(decimal)},
         {"at", semantic(Type::int64, "io.debezium.time.MicroTimestamp", true)}, {"tags", texts("")},
         {"flags", semantic(Type::bytes, "io.debezium.data.Bits", true)}, {"raw", maybe(Type::bytes)}, {"ok", maybe(Type::boolean)},
         {"ratio", maybe(Type::float64)}, {"half", maybe(Type::float32)}, {"big", maybe(Type::int64)}, {"small", maybe(Type::int16)},
         {"note", shared(note)}}));
    return Table{.row = row, .key = shared(structure_schema("s.public.t.Key", false, {{"id", id}})),
                 .event = envelope::relational_schema("s.public.t", row, source_schema()), .topic = "s.public.t", .name = "t"};
  }();
  return table;
}

Value key(std::int64_t id) { return structure(goods().key, {{"id", number(id)}}); }
Value row(std::int64_t id, Value name, Value qty) { return structure(goods().row, {{"id", number(id)}, {"name", name}, {"qty", qty}}); }
Value full(std::int64_t id, Value name) {
  return changed(row(id, name, number(7)),
                 {{"price", bytes("\x04\xd2")}, {"at", number(1690000000123456)}, {"tags", Value{Value::Array{Value{"x"}, Value{}, Value{"y"}}}},
                  {"flags", bytes("\x05")}, {"raw", bytes("\x01\xff")}, {"ok", Value{true}}, {"ratio", Value{-0.75}}, {"half", Value{1.5F}},
                  {"big", number(-5000000000)}, {"small", number(-3)}, {"note", Value{"nä😀"}}});
}

ConnectRecord message() {
  const SchemaPtr key_schema = shared([] {
    Schema schema = structure_schema("io.debezium.connector.postgresql.MessageKey", false, {{"prefix", maybe(Type::string)}});
    schema.version = 1;
    return schema;
  }());
  Schema block = structure_schema("io.debezium.connector.postgresql.Message", false,
                                  {{"prefix", maybe(Type::string)}, {"content", maybe(Type::bytes)}});
  block.version = 1;
  const SchemaPtr shared_block = shared(block);
  Schema value = structure_schema("io.debezium.connector.postgresql.MessageValue", false,
                                  {{"op", plain(Type::string)}, {"ts_ms", maybe(Type::int64)}, {"source", source_schema()},
                                   {"message", shared_block}});
  value.version = 1;
  const SchemaPtr value_schema = shared(value);
  return record("s.message", key_schema, structure(key_schema, {{"prefix", Value{"p"}}}), value_schema,
                structure(value_schema, {{"op", Value{"m"}}, {"ts_ms", number(5)}, {"source", source("")},
                                         {"message", structure(shared_block, {{"prefix", Value{"p"}}, {"content", bytes("A")}})}}));
}

ConnectRecord heartbeat() {
  Schema key_schema = structure_schema("io.debezium.connector.common.ServerNameKey", false, {{"serverName", plain(Type::string)}});
  Schema value_schema = structure_schema("io.debezium.connector.common.Heartbeat", false, {{"ts_ms", plain(Type::int64)}});
  key_schema.version = value_schema.version = 1;
  const SchemaPtr k = shared(key_schema);
  const SchemaPtr v = shared(value_schema);
  ConnectRecord beat = record("__debezium-heartbeat.s", k, structure(k, {{"serverName", Value{"s"}}}), v, structure(v, {{"ts_ms", number(9)}}));
  beat.partition = 0;
  return beat;
}

ConnectRecord with_list(ConnectRecord given, std::vector<std::string_view> names) {
  Value::Array list;
  for (const std::string_view name : names) list.emplace_back(name);
  given.headers.push_back({"gone", texts("gone"), Value{std::move(list)}});
  return given;
}

// Its columns tell their source types.
ConnectRecord typed_record() {
  Schema id{.type = Type::int32};
  for (const auto& [name, text] : {std::pair{"type", "INT4"}, {"name", "id"}, {"length", "10"}, {"scale", "0"}, {"comment", "the id"}})
    id.parameters.emplace_back(std::string{"__debezium.source.column."} + name, text);
  Table table{.topic = "s.public.y", .name = "y"};
  table.row = shared(structure_schema("s.public.y.Value", true, {{"id", shared(id)}, {"note", goods().row->field("note")->schema}}));
  table.event = envelope::relational_schema("s.public.y", table.row, source_schema());
  return change(table, Value{}, "c", Value{},
                structure(table.row, {{"id", number(1)}, {"note", Value{"a long enough näme, of über 32 bytés ßé"}}}));
}

// Times around changes of the clocks and at the ends of calendars.
std::vector<ConnectRecord> clock_records() {
  constexpr std::int64_t k_seconds[] = {1690000000, 1711850400, 1711852200, 1711853999, 1711854000, 1729994400, 1729996200, 1729998000, -1,
                                        -3000000000, -2500000000, 4102444800, 7000000000, 1710037800, 1710041400, 253402300800, -62135596801};
  constexpr std::string_view k_zoned[] = {
      "2023-07-22T04:26:40.5Z", "2024-03-31T02:00:00+01:00", "2024-03-31T02:30:00.123456789Z", "2024-10-27T02:30:00-05:30",
      "9999-12-31T23:59:59Z", "+12345-01-01T00:00:00Z", "-0044-03-15T00:00Z", "0001-01-01T00:00:00.000001Z", "1900-01-01T00:00:00+00:19:32",
      "2024-02-29T12:00:00.100Z", "2050-07-01T00:00:00Z", "2024-11-03T01:30:00Z", "1970-01-01T00:00:00Z", "2100-02-28T23:00:00Z",
      "2024-06-30T23:59:59.999999Z", "1945-05-24T02:30:00Z", "2024-01-01T00:00:00+18:00"};
  Table table{.topic = "s.public.z", .name = "z"};
  const auto time = [](Type type, std::string_view name) { return semantic(type, "io.debezium.time." + std::string{name}, true); };
  table.row = shared(structure_schema(
      "s.public.z.Value", true,
      {{"micro", time(Type::int64, "MicroTimestamp")}, {"nano", time(Type::int64, "NanoTimestamp")}, {"milli", time(Type::int64, "Timestamp")},
       {"zoned", time(Type::string, "ZonedTimestamp")}, {"time", time(Type::string, "ZonedTime")},
       {"connect", semantic(Type::int64, "org.apache.kafka.connect.data.Timestamp", true)}, {"date", time(Type::int32, "Date")}}));
  table.event = envelope::relational_schema("s.public.z", table.row, source_schema());
  std::vector<ConnectRecord> records;
  for (std::size_t i = 0; i < std::size(k_seconds); ++i) {
    const std::int64_t at = k_seconds[i];
    const bool in_nanos = at < 9'000'000'000 && at > -9'000'000'000;
    records.push_back(change(table, Value{}, "u", structure(table.row, {{"micro", number(at * 1'000'000)}}),
                             structure(table.row, {{"micro", number(at * 1'000'000 + 123'456)},
                                                   {"nano", in_nanos ? number(at * 1'000'000'000 + 1) : Value{}},
                                                   {"milli", number(at * 1000 + 7)}, {"zoned", Value{k_zoned[i]}},
                                                   {"time", Value{i % 2 == 0 ? "23:30:00.25Z" : "01:02:03+05:30"}},
                                                   {"connect", number(at * 1000)}, {"date", number(19'000)}})));
  }
  return records;
}

std::vector<ConnectRecord> goods_records() {
  const Value none;
  const auto on_goods = [](std::int64_t id, std::string_view op, const Value& before, const Value& after) {
    return change(goods(), key(id), op, before, after);
  };
  ConnectRecord moved = on_goods(2, "d", full(2, Value{"b"}), none);
  moved.headers.push_back({"__debezium.newkey", goods().key, key(3)});
  ConnectRecord listed = with_list(on_goods(4, "c", none, full(4, Value{"d"})), {"name", "qty", "id", "nothing"});
  listed.headers.push_back({"one", plain(Type::string), Value{"text"}});
  ConnectRecord in_transaction = on_goods(5, "c", none, row(5, Value{"topic5"}, number(1)));
  in_transaction.value = changed(in_transaction.value,
                                 {{"transaction", structure(envelope::transaction_block(), {{"id", Value{"77:9"}}, {"total_order", number(3)},
                                                                                            {"data_collection_order", number(2)}})}});
  std::vector<ConnectRecord> all{
          on_goods(1, "c", none, row(1, Value{"a"}, none)),
          on_goods(2, "r", none, full(2, Value{"b"})),
          on_goods(2, "u", none, full(2, none)),
          on_goods(2, "u", full(2, Value{"b"}),
                   changed(full(2, Value{"c"}), {{"price", bytes("\x04\xd3")}, {"ratio", Value{0.0}}, {"tags", none}})),
          on_goods(2, "d", row(2, none, none), none),
          record("s.public.t", goods().key, key(2), nullptr, none),
          change(goods(), none, "t", none, none),
          message(),
          heartbeat(),
          moved,
          listed,
          in_transaction,
          change(goods(), none, "c", none, row(6, Value{" "}, number(1))),
          with_list(on_goods(2, "d", full(2, Value{"b"}), none), {"name", "id"}),
          typed_record()};
  std::ranges::move(clock_records(), std::back_inserter(all));
  return all;
}

const Table& outbox() {
  static const Table table = [] {
    const SchemaPtr id = semantic(Type::string, "io.debezium.data.Uuid", false);
    const SchemaPtr row = shared(structure_schema(
        "s.public.outbox.Value", true,
        {{"id", id}, {"aggregatetype", maybe(Type::string)}, {"aggregateid", plain(Type::string)}, {"type", plain(Type::string)},
         {"payload", semantic(Type::string, "io.debezium.data.Json", true)}, {"at", semantic(Type::int64, "io.debezium.time.MicroTimestamp", true)},
         {"at_ms", semantic(Type::int64, "io.debezium.time.Timestamp", true)},
         {"at_ns", semantic(Type::int64, "io.debezium.time.NanoTimestamp", true)}, {"num", maybe(Type::int64)}, {"ver", maybe(Type::int32)},
         {"part", maybe(Type::int32)}, {"blob", maybe(Type::bytes)}, {"tenant", with_default(Type::string, true, Value{"main"})}}));
    return Table{.row = row, .key = shared(structure_schema("s.public.outbox.Key", false, {{"id", id}})),
                 .event = envelope::relational_schema("s.public.outbox", row, source_schema()), .topic = "s.public.outbox", .name = "outbox"};
  }();
  return table;
}

Value box(Value type, Value payload) {
  return structure(outbox().row, {{"id", Value{"u-1"}}, {"aggregatetype", type}, {"aggregateid", Value{"42"}}, {"type", Value{"Made"}},
                                  {"payload", payload}, {"at", number(1690000000123456)}, {"at_ms", number(1690000000321)},
                                  {"at_ns", number(1690000000222333444)}, {"num", number(8)}, {"ver", number(3)}, {"part", number(2)},
                                  {"blob", bytes("\x09")}});
}

constexpr std::string_view k_payloads[] = {
    R"j({"a": 1, "b": {"c": 2.5, "d": null, "e": true}, "f": "x\u00e4\n"})j",
    R"j({"list": [1, 2], "texts": ["a", null], "objects": [{"x": 1}], "empty": [], "deep": [[1], [2]], "big": 5000000000, "neg": -7})j",
    R"j({"objects": [{"x": 1, "y": null}, {"x": 1, "y": null}, {"x": 3, "y": null}]})j",
    R"j({"mixed": [1, "a"]})j",
    R"j({"mixed": [1, 2.0]})j",
    R"j({"longs": [1, 5000000000]})j",
    R"j({"nulls": [null, null]})j",
    R"j([{"a": 1}])j",
    R"j([])j",
    R"j({})j",
    R"j()j",
    R"j(  )j",
    R"j(text)j",
    R"j({"a": 1} rest)j",
    R"j({"a": 1, "a": "twice"})j",
    R"j({broken)j",
    R"j({"huge": 123456789012345678901234567890})j",
    R"j({"e": 1e3, "f": 1E300, "g": -0.0, "h": 12345678901234567890.5})j",
    R"j({"deep": [[1], [5000000000]]})j",
    R"j({"deep": [[1], []]})j",
    R"j({"deep": [[]]})j",
    R"j({"objects": [{"x": 1}, null]})j",
    R"j({"a b": {"x.y": 1}, "": 2})j",
    R"j( {"a": 1})j",
    R"j({"objects": [null, {"x": [{"z": 1}]}]})j",
    R"j({"v": 2147483648, "w": -2147483648, "x": 9223372036854775807, "y": 9223372036854775808})j",
    R"j({"t": "\ud83d\ude00 \/ \b"})j",
    R"j({'a': 1})j",
    R"j({"a": 01})j",
    R"j({"a": NaN})j",
    R"j({"a": 1,})j",
    R"j({"bools": [true, false, null]})j",
    R"j({"a": [ {"b": [1.5, 2.5]} ] })j"};

std::vector<ConnectRecord> outbox_records() {
  const Value none;
  const Value key = structure(outbox().key, {{"id", Value{"u-1"}}});
  const auto on_outbox = [&](std::string_view op, const Value& before, const Value& after) { return change(outbox(), key, op, before, after); };
  const auto order = [](Value payload) { return box(Value{"order"}, std::move(payload)); };
  std::vector<ConnectRecord> records{
      on_outbox("c", none, order(Value{R"({"a": 1})"})),
      on_outbox("r", none, box(Value{"Customer.x"}, none)),
      on_outbox("u", order(Value{"p"}), order(Value{"q"})),
      on_outbox("d", order(Value{"p"}), none),
      record("s.public.outbox", outbox().key, key, nullptr, none),
      on_outbox("c", none, changed(order(Value{"p"}), {{"at", none}, {"at_ms", none}, {"ver", none}, {"part", none}, {"blob", none}})),
      on_outbox("c", none, box(none, Value{"p"})),
      on_outbox("t", none, none)};
  for (const std::string_view payload : k_payloads) records.push_back(on_outbox("c", none, order(Value{payload})));
  return records;
}

struct Case {
  std::string line, class_name;
  std::vector<ConnectRecord> records;
  Config options;
  std::vector<std::string> expected;
};

// "r0,2-4": of the table's records the first, and the third to fifth. No numbers: all.
std::vector<ConnectRecord> chosen_records(std::string_view text) {
  const std::vector<ConnectRecord> all = text.front() == 'r' ? goods_records() : outbox_records();
  text.remove_prefix(1);
  if (text.empty()) return all;
  std::vector<ConnectRecord> some;
  for (const std::string_view part : setting::java_split(text, ',')) {
    const auto ends = setting::java_split(part, '-');
    const std::size_t last = std::stoul(std::string{ends.back()});
    for (std::size_t i = std::stoul(std::string{ends.front()}); i <= last; ++i) some.push_back(all.at(i));
  }
  return some;
}

Case read_case(const std::string& line) {
  Case read{.line = line, .class_name = {}, .records = {}, .options = {}, .expected = {}};
  std::string_view rest = std::string_view{line}.substr(2);
  const std::string_view head = rest.substr(0, rest.find(" | "));
  const auto blank = head.find(' ');
  read.class_name = head.substr(0, blank);
  read.records = chosen_records(head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1));
  while (rest.find(" | ") != std::string_view::npos) {
    rest.remove_prefix(rest.find(" | ") + 3);
    const std::string_view option = rest.substr(0, rest.find(" | "));
    const auto equals = option.find('=');
    read.options.set(std::string{option.substr(0, equals)}, std::string{option.substr(equals + 1)});
  }
  return read;
}

std::vector<Case> cases() {
  std::ifstream file{MILLRACE_SOURCE_DIR "/tests/transforms/debezium.txt"};
  std::vector<Case> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("> ")) all.push_back(read_case(line));
    else all.back().expected.push_back(line);
  }
  return all;
}

void run(const Case& given, Notation& notation) {
  std::unique_ptr<Transform> transform;
  if (given.class_name != "none") {
    const std::string name = "io.debezium.transforms." + given.class_name;
    const auto classes = debezium_transforms();
    const auto found = std::ranges::find(classes, name, &TransformClass::class_name);
    ASSERT_NE(found, classes.end()) << name;
    auto made = found->make_transform(given.options);
    if (!made) return notation.lines.push_back("  refused " + made.error().exception + ": " + made.error().text), void();
    transform = std::move(*made);
  }
  for (const ConnectRecord& input : given.records) {
    if (!transform) {
      notation.record(input);
    } else if (auto made = transform->apply(input)) {
      notation.record(*made);
    } else {
      notation.lines.push_back("  error " + made.error().exception + ": " + made.error().text);
    }
  }
}

// An error is compared as one; whatever comes first of its words.
std::string_view compared(std::string_view line) {
  for (const std::string_view kind : {"  error ", "  refused "})
    if (line.starts_with(kind)) return kind;
  return line;
}

TEST(DebeziumTransforms, DoWhatDebeziumDoes) {
  Notation notation;
  const std::vector<Case> all = cases();
  ASSERT_GT(all.size(), 100U);
  for (const Case& given : all) {
    const std::size_t begin = notation.lines.size();
    run(given, notation);
    const std::vector<std::string> made(notation.lines.begin() + static_cast<std::ptrdiff_t>(begin), notation.lines.end());
    EXPECT_EQ(made.size(), given.expected.size()) << given.line;
    for (std::size_t i = 0; i < std::min(made.size(), given.expected.size()); ++i)
      EXPECT_EQ(compared(made[i]), compared(given.expected[i])) << given.line << "\n ours: " << made[i] << "\n real: " << given.expected[i];
  }
}

Result<std::unique_ptr<Transform>> made(std::string_view name, std::map<std::string, std::string, std::less<>> options) {
  const auto classes = debezium_transforms();
  const auto found = std::ranges::find(classes, "io.debezium.transforms." + std::string{name}, &TransformClass::class_name);
  return found->make_transform(Config{std::move(options)});
}

// Debezium takes these and fails with the first record that they concern.
TEST(DebeziumTransforms, RefuseOptionsThatNoRecordCouldPass) {
  const auto mode = made("ExtractNewRecordState", {{"delete.tombstone.handling.mode", "other"}});
  ASSERT_FALSE(mode);
  EXPECT_NE(mode.error().text.find("drop, tombstone, rewrite, rewrite-with-tombstone"), std::string::npos) << mode.error().text;
  const auto place = made("outbox.EventRouter", {{"table.fields.additional.placement", "type:nowhere"}});
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().text.find("'nowhere' is none of header, envelope, partition"), std::string::npos) << place.error().text;
  for (const char* zone : {"Nowhere/City", "+19:00", "+02", "../etc/passwd", "/etc/passwd"}) {
    const auto converter = made("TimezoneConverter", {{"converted.timezone", zone}});
    ASSERT_FALSE(converter) << zone;
    EXPECT_TRUE(converter.error().text.starts_with("Invalid timezone format. Please specify either a geographic timezone")) << converter.error().text;
  }
  EXPECT_FALSE(made("TimezoneConverter", {{"converted.timezone", ""}}));
}

// Applied to a plan, a row's values are marks; the default in the place of null is left to the converter.
TEST(DebeziumTransforms, ExtractNewRecordStateMovesMarks) {
  auto unwrap = made("ExtractNewRecordState", {{"add.fields", "op,table"}});
  ASSERT_TRUE(unwrap);
  EXPECT_TRUE((*unwrap)->follows_plan());
  ConnectRecord insert = goods_records().front();
  insert.value = changed(insert.value, {{"after", changed(row(1, Value{"a"}, Value{}), {{"name", Value{SlotMark{3}}}, {"qty", Value{SlotMark{4}}}})}});
  const auto plain_row = (*unwrap)->apply(insert);
  ASSERT_TRUE(plain_row);
  EXPECT_EQ((*plain_row)->value.structure()->fields[1], Value{SlotMark{3}});
  auto rewrite = made("ExtractNewRecordState", {{"delete.handling.mode", "rewrite"}});
  ASSERT_TRUE(rewrite);
  const auto marked_row = (*rewrite)->apply(insert);
  ASSERT_TRUE(marked_row);
  const Value::Struct& row_of_marks = *(*marked_row)->value.structure();
  const auto qty = field_index(*row_of_marks.schema, "qty");
  ASSERT_TRUE(qty);
  EXPECT_EQ(row_of_marks.fields[*qty], Value{SlotMark{4}});
  EXPECT_NE(row_of_marks.schema->fields[*qty].schema->default_value, nullptr) << "the converter needs it";
  EXPECT_FALSE((*made("ExtractNewRecordState", {{"add.headers", "op"}}))->follows_plan());
}

}  // namespace
}  // namespace millrace
