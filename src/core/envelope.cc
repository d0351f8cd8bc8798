#include "core/envelope.h"

#include <algorithm>

namespace millrace::envelope {
namespace {

bool allowed_in_topic(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

// UTF-16 units that the UTF-8 byte stands for: continuation bytes add none, characters beyond the BMP two.
std::size_t utf16_units(unsigned char byte) {
  if ((byte & 0xC0) == 0x80) return 0;
  return byte >= 0xF0 ? 2 : 1;
}

}  // namespace

SchemaPtr plain_schema(Type type, bool optional) {
  Schema schema;
  schema.type = type;
  schema.optional = optional;
  return std::make_shared<const Schema>(std::move(schema));
}

Schema semantic_schema(Type type, std::string_view name, bool optional) {
  Schema schema;
  schema.type = type;
  schema.optional = optional;
  schema.name = name;
  schema.version = 1;
  return schema;
}

Schema structure_schema(std::string_view name, bool optional, std::vector<Field> fields) {
  Schema schema;
  schema.type = Type::structure;
  schema.optional = optional;
  schema.name = name;
  schema.fields = std::move(fields);
  return schema;
}

SchemaPtr transaction_block() {
  static const SchemaPtr block = [] {
    Schema schema = structure_schema("event.block", true,
                                     {{"id", plain_schema(Type::string, false)},
                                      {"total_order", plain_schema(Type::int64, false)},
                                      {"data_collection_order", plain_schema(Type::int64, false)}});
    schema.version = 1;
    return std::make_shared<const Schema>(std::move(schema));
  }();
  return block;
}

SchemaPtr snapshot_marker() {
  static const SchemaPtr marker = [] {
    Schema schema = semantic_schema(Type::string, "io.debezium.data.Enum", true);
    schema.parameters = {{"allowed", "true,last,false,incremental"}};
    schema.default_value = std::make_shared<const Value>("false");
    return std::make_shared<const Schema>(std::move(schema));
  }();
  return marker;
}

std::string key_name(std::string_view topic) { return std::string{topic} + ".Key"; }
std::string row_name(std::string_view topic) { return std::string{topic} + ".Value"; }
std::string envelope_name(std::string_view topic) { return std::string{topic} + ".Envelope"; }

SchemaPtr relational_schema(std::string_view topic, const SchemaPtr& row, const SchemaPtr& source) {
  Schema schema = structure_schema(envelope_name(topic), false,
                                   {{"before", row},
                                    {"after", row},
                                    {"source", source},
                                    {"transaction", transaction_block()},
                                    {"op", plain_schema(Type::string, false)},
                                    {"ts_ms", plain_schema(Type::int64, true)},
                                    {"ts_us", plain_schema(Type::int64, true)},
                                    {"ts_ns", plain_schema(Type::int64, true)}});
  schema.version = 2;
  return std::make_shared<const Schema>(std::move(schema));
}

std::string joined_name(std::span<const std::string_view> parts, std::string_view delimiter) {
  std::string name;
  for (const std::string_view part : parts) {
    if (part.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos) continue;
    if (!name.empty()) name += delimiter;
    name += part;
  }
  return name;
}

std::string sanitized_topic(std::string_view name) {
  if (name == ".") return "_";
  if (name == "..") return "__";
  std::string topic;
  topic.reserve(name.size());
  for (const char c : name) {
    if (allowed_in_topic(c)) topic += c;
    else topic.append(utf16_units(static_cast<unsigned char>(c)), '_');
  }
  if (topic.size() > k_topic_length_max) topic.resize(k_topic_length_max);
  return topic;
}

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= k_topic_length_max && name != "." && name != ".." && std::ranges::all_of(name, allowed_in_topic);
}

}  // namespace millrace::envelope
