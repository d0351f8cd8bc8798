// Chains of Kafka Connect's own transforms against what its own classes made of the same records: tests/transforms, whose
// README says what each file holds.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "connect/transform_chain.h"
#include "format/converter.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

std::string unbase64(const std::string& text) {
  static const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto six = alphabet.find(c);
    if (six == std::string::npos) break;
    bits = bits << 6 | static_cast<unsigned>(six);
    if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8));
  }
  return out;
}

Type type_named(const std::string& name) {
  static const std::vector<std::pair<std::string, Type>> types{
      {"boolean", Type::boolean}, {"int8", Type::int8}, {"int16", Type::int16}, {"int32", Type::int32}, {"int64", Type::int64},
      {"float", Type::float32}, {"double", Type::float64}, {"string", Type::string}, {"bytes", Type::bytes},
      {"array", Type::array}, {"map", Type::map}, {"struct", Type::structure}};
  for (const auto& [known, type] : types)
    if (known == name) return type;
  throw std::invalid_argument{name};
}

Value value_from(const SchemaPtr& schema, const Json& json);

SchemaPtr schema_from(const Json& json) {
  auto schema = std::make_shared<Schema>();
  schema->type = type_named(json.at("type"));
  schema->optional = json.value("optional", false);
  schema->name = json.value("name", "");
  schema->doc = json.value("doc", "");
  if (json.contains("version")) schema->version = json.at("version").get<int>();
  if (json.contains("parameters"))
    for (const auto& [name, text] : json.at("parameters").items()) schema->parameters.emplace_back(name, text);
  if (json.contains("fields"))
    for (const Json& field : json.at("fields")) schema->fields.push_back({field.at("field"), schema_from(field)});
  if (json.contains("items")) schema->values = schema_from(json.at("items"));
  if (json.contains("keys")) schema->keys = schema_from(json.at("keys"));
  if (json.contains("values")) schema->values = schema_from(json.at("values"));
  if (json.contains("default")) schema->default_value = std::make_shared<const Value>(value_from(schema, json.at("default")));
  return schema;
}

Value value_from(const SchemaPtr& schema, const Json& json) {
  if (json.is_null()) return {};
  switch (schema->type) {
    case Type::boolean: return Value{json.get<bool>()};
    case Type::float32: return Value{json.get<float>()};
    case Type::float64: return Value{json.get<double>()};
    case Type::string: return Value{json.get<std::string>()};
    case Type::bytes: return Value{Bytes{unbase64(json.get<std::string>())}};
    case Type::array: {
      Value::Array items;
      for (const Json& item : json) items.push_back(value_from(schema->values, item));
      return Value{std::move(items)};
    }
    case Type::map: {
      Value::Map entries;
      for (const auto& [key, item] : json.items()) entries.emplace_back(Value{key}, value_from(schema->values, item));
      return Value{std::move(entries)};
    }
    case Type::structure: {
      Value::Struct structure{.schema = schema, .fields = {}};
      for (const Field& field : schema->fields) structure.fields.push_back(value_from(field.schema, json.at(field.name)));
      return Value{std::move(structure)};
    }
    default: return Value{json.get<std::int64_t>()};
  }
}

void read(const Json& json, SchemaPtr& schema, Value& value) {
  if (json.is_null()) return;
  schema = schema_from(json.at("schema"));
  value = value_from(schema, json.at("payload"));
}

ConnectRecord record_of(const Json& json) {
  ConnectRecord record;
  record.topic = json.at("topic");
  record.partition = json.value("partition", -1);
  if (json.contains("timestamp")) record.timestamp_ms = json.at("timestamp").get<std::int64_t>();
  read(json.at("key"), record.key_schema, record.key);
  read(json.at("value"), record.value_schema, record.value);
  if (json.contains("headers"))
    for (const Json& header : json.at("headers")) {
      Header& added = record.headers.emplace_back();
      added.name = header.at(0);
      read(header.at(1), added.schema, added.value);
    }
  return record;
}

// With schemas; nulls stay nulls where a schema has a default, so that those show which a transform has filled.
class ConvertedBytes {
 public:
  ConvertedBytes() : converter_{*make_converter("org.apache.kafka.connect.json.JsonConverter", Config{{{"replace.null.with.default", "false"}}})} {}

  Json of(const SchemaPtr& schema, const Value& value) const {
    StringOutput out;
    const auto some = converter_->convert(schema, value, out);
    if (!some) return "unwritable: " + some.error().text;
    return *some ? Json(std::string{out.written()}) : Json();
  }

 private:
  std::unique_ptr<Converter> converter_;
};

std::string text_of(const Error& error) { return error.exception + ": " + error.text; }

Json outcome(const Json& test, const ConnectRecord& given) {
  static const ConvertedBytes bytes;
  Config config;
  for (const auto& [name, text] : test.at("config").items()) config.set(name, text);
  const auto chain = TransformChain::create(config, SourceRegistration{});
  if (!chain) return {{"refused", text_of(chain.error())}};
  const auto made = chain->apply(given);
  if (!made) {
    Json out{{"error", text_of(made.error())}};
    if (made.error().cause) out["cause"] = text_of(*made.error().cause);
    return out;
  }
  if (!*made) return {{"dropped", true}};
  const ConnectRecord& record = **made;
  Json out{{"topic", record.topic},
           {"partition", record.partition < 0 ? Json() : Json(record.partition)},
           {"timestamp", record.timestamp_ms ? Json(*record.timestamp_ms) : Json()},
           {"key", bytes.of(record.key_schema, record.key)},
           {"value", bytes.of(record.value_schema, record.value)},
           {"headers", Json::array()}};
  for (const Header& header : record.headers) out["headers"].push_back({header.name, bytes.of(header.schema, header.value)});
  return out;
}

// The exception's class says why a text is no number or date; how Java words it beyond that is not compared.
void keep_class_of_cause(Json& out) {
  if (out.contains("cause")) out["cause"] = out.at("cause").get<std::string>().substr(0, out.at("cause").get<std::string>().find(':'));
}

// What a converter refuses is an error of the record wherever it is found: a Decimal of another scale than its schema's cannot
// leave MaskField here, and goes as far as the converter in Java.
void count_unwritable_as_error(Json& out) {
  constexpr std::string_view mark = "unwritable: ";
  if (!out.contains("value") || !out.at("value").is_string()) return;
  const std::string text = out.at("value");
  if (text.starts_with(mark)) out = {{"error", text.substr(mark.size())}};
}

std::vector<Json> lines_of(const std::string& name) {
  std::ifstream file{std::string{MILLRACE_SOURCE_DIR} + "/tests/transforms/" + name};
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST(TransformCases, RealConnectMakesTheSame) {
  const Json records = lines_of("records.json").at(0);
  const std::vector<Json> tests = lines_of("expected.jsonl");
  ASSERT_GT(tests.size(), 1000U);
  for (const Json& test : tests) {
    Json expected = test.at("expect");
    Json got = outcome(test, record_of(records.at(test.at("record").get<std::string>())));
    for (Json* out : {&expected, &got}) {
      keep_class_of_cause(*out);
      count_unwritable_as_error(*out);
    }
    EXPECT_EQ(got, expected) << test.at("record") << ' ' << test.at("config").dump();
  }
}

}  // namespace
}  // namespace millrace
