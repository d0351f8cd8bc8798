#include "core/json_expansion.h"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/envelope.h"
#include "core/error.h"
#include "core/schema_draft.h"

namespace millrace {
namespace {

constexpr std::size_t k_nesting_max = 1000;
constexpr std::size_t k_number_size_max = 1000;
constexpr std::size_t k_signature_bytes_max = 8 * 1024 * 1024;
// Of what is in no proportion to the text: names of structures, each with all those around it, and nulls for the fields that
// only other items of a list have.
constexpr std::size_t k_added_bytes_max = 16 * 1024 * 1024;

struct Node {
  // int32 and int64 by what fits; `huge`: an integer that fits neither.
  enum class Kind : std::uint8_t { null, boolean, int32, int64, huge, float64, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double float64 = 0;
  std::string string{};
  std::vector<Node> items{};
  std::vector<std::pair<std::string, Node>> fields{};   // in order, each name once
};

using Places = std::unordered_map<std::string_view, std::size_t>;   // of fields, by name

// Of two fields with one name the later value counts, at the former's place.
void unite_repeated(std::vector<std::pair<std::string, Node>>& fields) {
  Places places;
  places.reserve(fields.size());
  std::vector<bool> repeated(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [first, is_new] = places.try_emplace(fields[i].first, i);
    if (is_new) continue;
    fields[first->second].second = std::move(fields[i].second);
    repeated[i] = true;
  }
  if (places.size() == fields.size()) return;
  std::size_t i = 0;
  std::erase_if(fields, [&](const auto&) { return repeated[i++]; });
}

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
    last_ = &parent.fields.emplace_back(std::move(key_), std::move(node)).second;
    return true;
  }
  bool open(Node::Kind kind) {
    if (open_.size() >= k_nesting_max) return false;
    const bool at_root = open_.empty();
    add({.kind = kind});
    open_.push_back(at_root ? &root_ : open_.back()->kind == Node::Kind::array ? &open_.back()->items.back() : last_);
    return true;
  }
  bool close() {
    unite_repeated(open_.back()->fields);
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

// A schema's signature tells it from others that were inferred: type, name, and the fields with their schemas, which are
// the only ones of their kind.
std::string signature_of(const Schema& schema) {
  std::string out;
  const auto number = [&out](std::uint64_t value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto address = [&](const SchemaPtr& part) { number(reinterpret_cast<std::uintptr_t>(part.get())); };
  out += static_cast<char>(schema.type);
  out += schema.optional ? '?' : '!';
  number(schema.name.size());
  out += schema.name;
  address(schema.values);
  for (const Field& field : schema.fields) {
    number(field.name.size());
    out += field.name;
    address(field.schema);
  }
  return out;
}

}  // namespace

SchemaPtr JsonExpansion::Schemas::only(SchemaPtr schema) {
  const auto [at, is_new] = known_.try_emplace(signature_of(*schema), std::move(schema));
  if (is_new) bytes_ += at->first.size();
  return at->second;
}

void JsonExpansion::Schemas::start_anew_if_large() {
  if (bytes_ <= k_signature_bytes_max) return;
  known_.clear();
  bytes_ = 0;
}

namespace {

// Null: the value has no schema and is left out.
class Inference {
 public:
  Inference(bool null_is_bytes, NameAdjustment names, JsonExpansion::Schemas& schemas)
      : null_is_bytes_{null_is_bytes}, names_{names}, schemas_{schemas} {}

  Result<SchemaPtr> schema_of(const std::string& name, const Node& node) {
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
  Result<SchemaPtr> object_schema(const std::string& name, const Node& node) {
    name_bytes_ += name.size();
    if (name_bytes_ > k_added_bytes_max) return no_schema("The names of its structures would be too long");
    SchemaDraft draft{{.type = Type::structure, .optional = true, .name = name}};
    std::unordered_set<std::string> names;
    for (const auto& [given, value] : node.fields) {
      std::string field = adjusted_field_name(given, names_);
      const bool is_nested = value.kind == Node::Kind::array || value.kind == Node::Kind::object;
      MR_TRY(SchemaPtr schema, schema_of(is_nested ? name + '.' + field : std::string{}, value));
      if (schema && names.insert(field).second) draft.add(std::move(field), std::move(schema));
    }
    MR_TRY(SchemaPtr made, std::move(draft).built());
    return schemas_.only(std::move(made));
  }

  Result<SchemaPtr> array_schema(const std::string& name, const Node& node) {
    if (node.items.empty()) return nullptr;
    Schema array{.type = Type::array, .optional = true};
    MR_TRY(array.values, item_schema(name, node));
    return schemas_.only(std::make_shared<const Schema>(std::move(array)));
  }

  Result<SchemaPtr> item_schema(const std::string& name, const Node& array) {
    MR_TRY(const Node* sample, homogeneous_sample(array));
    if (sample->kind != Node::Kind::object) {
      MR_TRY(SchemaPtr schema, schema_of("", *sample));
      if (!schema) return no_schema("The items of the list " + name + " have no type");
      return schema;
    }
    std::vector<SchemaPtr> different;
    std::unordered_set<const Schema*> known;
    for (const Node& item : array.items) {
      if (item.kind != Node::Kind::object) continue;
      MR_TRY(SchemaPtr schema, schema_of(name, item));
      if (known.insert(schema.get()).second) different.push_back(std::move(schema));
    }
    return different.size() == 1 ? different.front() : merged(different);
  }

  Result<SchemaPtr> merged(const std::vector<SchemaPtr>& schemas) {
    std::vector<Field> fields;
    Places places;   // names stay where they are: in the schemas
    for (const SchemaPtr& schema : schemas)
      for (const Field& field : schema->fields) {
        const auto [known, is_new] = places.try_emplace(field.name, fields.size());
        if (is_new) fields.push_back(field);
        else if (SchemaPtr& type = fields[known->second].schema; type->type == Type::bytes) type = field.schema;
      }
    SchemaDraft draft{schema_basics(*schemas.front())};
    for (Field& field : fields) draft.add(std::move(field.name), std::move(field.schema));
    MR_TRY(SchemaPtr made, std::move(draft).built());
    return schemas_.only(std::move(made));
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
  JsonExpansion::Schemas& schemas_;
  std::size_t name_bytes_ = 0;
};

// The values of one text. Null: what is asked for does not fit its schema.
class Values {
 public:
  bool too_large() const { return added_bytes_ > k_added_bytes_max; }

  std::optional<Value> struct_of(const Node& node, const SchemaPtr& schema) {
    if (schema->type != Type::structure) return std::nullopt;
    Value::Struct made{.schema = schema, .fields = {}};
    made.fields.reserve(schema->fields.size());
    FieldSearch fields{node};
    for (const Field& field : schema->fields) {
      const Node* found = fields.find(field.name);
      if (found == nullptr) added_bytes_ += sizeof(Value);
      if (too_large()) return std::nullopt;
      std::optional<Value> value = found == nullptr ? Value{} : value_of(*found, field.schema);
      if (!value) return std::nullopt;
      made.fields.push_back(std::move(*value));
    }
    return Value{std::move(made)};
  }

 private:
  // Mostly the fields are asked for in their order.
  class FieldSearch {
   public:
    explicit FieldSearch(const Node& node) : fields_{node.fields} {}
    const Node* find(const std::string& name) {
      if (next_ < fields_.size() && fields_[next_].first == name) return &fields_[next_++].second;
      if (places_.empty())
        for (std::size_t i = 0; i < fields_.size(); ++i) places_.emplace(fields_[i].first, i);
      const auto at = places_.find(name);
      if (at == places_.end()) return nullptr;
      next_ = at->second + 1;
      return &fields_[at->second].second;
    }

   private:
    const std::vector<std::pair<std::string, Node>>& fields_;
    std::size_t next_ = 0;
    Places places_;
  };

  std::optional<Value> list_of(const Node& node, const SchemaPtr& schema) {
    if (schema->type != Type::array) return std::nullopt;
    Value::Array items;
    items.reserve(node.items.size());
    for (const Node& item : node.items) {
      std::optional<Value> value = value_of(item, schema->values);
      if (!value) return std::nullopt;
      items.push_back(std::move(*value));
    }
    return Value{std::move(items)};
  }

  std::optional<Value> value_of(const Node& node, const SchemaPtr& schema) {
    const auto fitting = [&](Type type, const auto& value) { return schema->type == type ? std::optional{Value{value}} : std::nullopt; };
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

  std::size_t added_bytes_ = 0;
};

}  // namespace

void JsonExpansion::expand(std::string_view name, SchemaPtr& schema, Value& value) {
  const std::string* text = value.string();
  if (text == nullptr) return spdlog::warn("A payload is not expanded: it is no text");
  if (!text->starts_with('{') && !text->starts_with('[')) return spdlog::warn("A payload is not expanded: it is no JSON object");
  const std::optional<Node> tree = TreeReader::read(*text);
  if (!tree) return spdlog::warn("A payload is not expanded: it is no valid JSON");
  schemas_.start_anew_if_large();
  Result<SchemaPtr> inferred = Inference{nulls_ == Nulls::optional_bytes, names_, schemas_}.schema_of(std::string{name}, *tree);
  if (!inferred) return spdlog::warn("A payload is not expanded: {}", inferred.error().text);
  Values values;
  std::optional<Value> made = *inferred ? values.struct_of(*tree, *inferred) : std::nullopt;
  if (values.too_large()) return spdlog::warn("A payload is not expanded: the items of its lists have too many different fields");
  schema = std::move(*inferred);
  if (!made) return spdlog::warn("A payload is not expanded: its values do not fit the schema that they gave");
  value = std::move(*made);
}

}  // namespace millrace
