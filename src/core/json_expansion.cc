#include "core/json_expansion.h"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/envelope.h"
#include "core/error.h"
#include "core/schema_draft.h"
#include "core/struct_access.h"

namespace millrace {
namespace {

constexpr std::size_t k_depth_max = 1000;
constexpr std::size_t k_number_size_max = 1000;
constexpr std::size_t k_schemas_max = 10'000;

struct Node {
  // int32 and int64 by what fits; `huge`: an integer that fits neither.
  enum class Kind : std::uint8_t { null, boolean, int32, int64, huge, float64, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double float64 = 0;
  std::string string{};
  std::vector<Node> items{};
  std::vector<std::pair<std::string, Node>> fields{};   // of two with one name the later value, at the former's place

  bool is_number() const { return kind >= Kind::int32 && kind <= Kind::float64; }
};

// A JSON text's tree; what follows the first value is not looked at, as Jackson does not.
class TreeReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  static std::optional<Node> read(std::string_view text) {
    TreeReader reader;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader, nlohmann::json::input_format_t::json, false)) return std::nullopt;
    return std::move(reader.root_);
  }

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({.kind = Node::Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) override {
    const bool is_short = value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
    return add({.kind = is_short ? Node::Kind::int32 : Node::Kind::int64, .integer = value});
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) return add({.kind = Node::Kind::huge});
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.size() > k_number_size_max) return false;
    if (text.find_first_of(".eE") == std::string::npos) return add({.kind = Node::Kind::huge});
    return add({.kind = Node::Kind::float64, .float64 = value});
  }
  bool string(string_t& value) override { return add({.kind = Node::Kind::string, .string = std::move(value)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Node::Kind::object); }
  bool start_array(std::size_t) override { return open(Node::Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }

 private:
  bool add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Node& parent = *open_.back();
    if (parent.kind == Node::Kind::array) {
      parent.items.push_back(std::move(node));
      return true;
    }
    const auto known = std::ranges::find(parent.fields, key_, &std::pair<std::string, Node>::first);
    if (known == parent.fields.end()) {
      last_ = &parent.fields.emplace_back(key_, std::move(node)).second;
    } else {
      known->second = std::move(node);
      last_ = &known->second;
    }
    return true;
  }
  bool open(Node::Kind kind) {
    if (open_.size() >= k_depth_max) return false;
    const bool at_root = open_.empty();
    add({.kind = kind});
    open_.push_back(at_root ? &root_ : open_.back()->kind == Node::Kind::array ? &open_.back()->items.back() : last_);
    return true;
  }
  bool close() {
    open_.pop_back();   // its parent takes no other child before this one is whole, so the pointers hold
    return true;
  }

  Node root_;
  std::vector<Node*> open_;
  Node* last_ = nullptr;
  std::string key_;
};

SchemaPtr optional_schema(Type type) {
  static const std::vector<SchemaPtr> all = [] {
    std::vector<SchemaPtr> made;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Type::bytes); ++i)
      made.push_back(envelope::plain_schema(static_cast<Type>(i), true));
    return made;
  }();
  return all[static_cast<std::size_t>(type)];
}

std::unexpected<Error> no_schema(std::string text) { return fail(std::move(text)); }

// Null: the value has no schema and is left out.
class Inference {
 public:
  Inference(bool null_is_bytes, NameAdjustment names) : null_is_bytes_{null_is_bytes}, names_{names} {}

  Result<SchemaPtr> schema_of(const std::string& name, const Node& node) const {
    switch (node.kind) {
      case Node::Kind::string: return optional_schema(Type::string);
      case Node::Kind::boolean: return optional_schema(Type::boolean);
      case Node::Kind::int32: return optional_schema(Type::int32);
      case Node::Kind::int64: return optional_schema(Type::int64);
      case Node::Kind::huge:
      case Node::Kind::float64: return optional_schema(Type::float64);
      case Node::Kind::array: return array_schema(name, node);
      case Node::Kind::object: return object_schema(name, node);
      case Node::Kind::null: break;
    }
    return null_is_bytes_ ? optional_schema(Type::bytes) : nullptr;
  }

 private:
  Result<SchemaPtr> object_schema(const std::string& name, const Node& node) const {
    Schema basics{.type = Type::structure, .optional = true, .name = name};
    SchemaDraft draft{std::move(basics)};
    std::vector<std::string> names;
    for (const auto& [given, value] : node.fields) {
      std::string field = adjusted_field_name(given, names_);
      MR_TRY(SchemaPtr schema, schema_of(name + '.' + field, value));
      if (!schema || std::ranges::find(names, field) != names.end()) continue;
      names.push_back(field);
      draft.add(std::move(field), std::move(schema));
    }
    return std::move(draft).built();
  }

  Result<SchemaPtr> array_schema(const std::string& name, const Node& node) const {
    if (node.items.empty()) return nullptr;
    Schema array{.type = Type::array, .optional = true};
    MR_TRY(array.values, item_schema(name, node));
    return std::make_shared<const Schema>(std::move(array));
  }

  Result<SchemaPtr> item_schema(const std::string& name, const Node& array) const {
    MR_TRY(const Node* sample, homogeneous_sample(array));
    if (sample->kind != Node::Kind::object) {
      MR_TRY(SchemaPtr schema, schema_of("", *sample));
      if (!schema) return no_schema("The items of the list " + name + " have no type");
      return schema;
    }
    std::vector<SchemaPtr> different;
    for (const Node& item : array.items) {
      if (item.kind != Node::Kind::object) continue;
      MR_TRY(SchemaPtr schema, schema_of(name, item));
      if (std::ranges::none_of(different, [&](const SchemaPtr& known) { return same_schema(known, schema); }))
        different.push_back(std::move(schema));
    }
    SchemaPtr merged = different.front();
    for (std::size_t i = 1; i < different.size(); ++i) {
      MR_TRY(merged, merge(*merged, *different[i]));
    }
    return merged;
  }

  static Result<SchemaPtr> merge(const Schema& left, const Schema& right) {
    std::vector<Field> fields = left.fields;
    for (const Field& field : right.fields) {
      const auto known = std::ranges::find(fields, field.name, &Field::name);
      if (known == fields.end()) fields.push_back(field);
      else if (known->schema->type == Type::bytes && field.schema->type != Type::bytes) *known = field;
    }
    SchemaDraft draft{schema_basics(left)};
    for (Field& field : fields) draft.add(std::move(field.name), std::move(field.schema));
    return std::move(draft).built();
  }

  // The first item that is not null, or a null. Errors: another one is of another type.
  static Result<const Node*> homogeneous_sample(const Node& array) {
    const Node* sample = &array.items.front();
    for (const Node& item : array.items) {
      if (item.kind == Node::Kind::null) continue;
      if (sample->kind == Node::Kind::null) sample = &item;
      const bool both_doubles = (sample->kind == Node::Kind::huge && item.kind == Node::Kind::float64) ||
                                (sample->kind == Node::Kind::float64 && item.kind == Node::Kind::huge);
      if (item.kind != sample->kind && !both_doubles) return no_schema("A list has items of several types");
    }
    return sample;
  }

  bool null_is_bytes_;
  NameAdjustment names_;
};

// None: the value does not fit.
std::optional<Value> value_of(const Node& node, const SchemaPtr& schema);

std::optional<Value> struct_of(const Node& node, const SchemaPtr& schema) {
  if (schema->type != Type::structure) return std::nullopt;
  Value::Struct made{.schema = schema, .fields = {}};
  for (const Field& field : schema->fields) {
    const auto found = std::ranges::find(node.fields, field.name, &std::pair<std::string, Node>::first);
    std::optional<Value> value = found == node.fields.end() ? Value{} : value_of(found->second, field.schema);
    if (!value) return std::nullopt;
    made.fields.push_back(std::move(*value));
  }
  return Value{std::move(made)};
}

std::optional<Value> list_of(const Node& node, const SchemaPtr& schema) {
  if (schema->type != Type::array) return std::nullopt;
  Value::Array items;
  for (const Node& item : node.items) {
    std::optional<Value> value = value_of(item, schema->values);
    if (!value) return std::nullopt;
    items.push_back(std::move(*value));
  }
  return Value{std::move(items)};
}

std::optional<Value> value_of(const Node& node, const SchemaPtr& schema) {
  const auto fitting = [&](Type type, auto value) { return schema->type == type ? std::optional{Value{value}} : std::nullopt; };
  switch (node.kind) {
    case Node::Kind::null: return schema->optional ? std::optional{Value{}} : std::nullopt;
    case Node::Kind::boolean: return fitting(Type::boolean, node.boolean);
    case Node::Kind::int32: return fitting(Type::int32, node.integer);
    case Node::Kind::int64: return fitting(Type::int64, node.integer);
    case Node::Kind::float64: return fitting(Type::float64, node.float64);
    case Node::Kind::string: return fitting(Type::string, node.string);
    case Node::Kind::array: return list_of(node, schema);
    case Node::Kind::object: return struct_of(node, schema);
    case Node::Kind::huge: break;
  }
  return std::nullopt;
}

// Of inferred schemas only: types, names and fields tell them apart.
void append_signature(std::string& out, const Schema& schema) {
  out += static_cast<char>('a' + static_cast<int>(schema.type));
  if (schema.optional) out += '?';
  out += schema.name;
  if (schema.values) append_signature(out, *schema.values);
  out += '(';
  for (const Field& field : schema.fields) {
    out += std::to_string(field.name.size()) + ':' + field.name;
    append_signature(out, *field.schema);
  }
  out += ')';
}

}  // namespace

SchemaPtr JsonExpansion::kept(SchemaPtr schema) {
  std::string signature;
  append_signature(signature, *schema);
  if (schemas_.size() >= k_schemas_max) schemas_.clear();
  return schemas_.try_emplace(std::move(signature), std::move(schema)).first->second;
}

void JsonExpansion::expand(std::string_view name, SchemaPtr& schema, Value& value) {
  const std::string* text = value.string();
  if (text == nullptr) return spdlog::warn("A payload is not expanded: it is no text");
  if (!text->starts_with('{') && !text->starts_with('[')) return spdlog::warn("A payload is not expanded: it is no JSON object");
  const std::optional<Node> tree = TreeReader::read(*text);
  if (!tree) return spdlog::warn("A payload is not expanded: it is no valid JSON");
  Result<SchemaPtr> inferred = Inference{nulls_ == Nulls::optional_bytes, names_}.schema_of(std::string{name}, *tree);
  if (!inferred) return spdlog::warn("A payload is not expanded: {}", inferred.error().text);
  schema = *inferred ? kept(std::move(*inferred)) : nullptr;
  std::optional<Value> made = schema ? struct_of(*tree, schema) : std::nullopt;
  if (!made) return spdlog::warn("A payload is not expanded: its values do not fit the schema that they gave");
  value = std::move(*made);
}

}  // namespace millrace
