// ReplaceField: fields are left out, kept, renamed.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/java_hash.h"
#include "core/schema_cache.h"
#include "core/setting_rules.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_field_replacement = "field replacement";

std::string check_renames(const std::string& name, const std::string* value) {
  if (value == nullptr) return "";
  const auto mappings = list_parts(*value);
  for (const std::string& mapping : mappings)
    if (setting::java_split(mapping, ':').size() != 2)
      return invalid_value(java_list_text(mappings), name, "Invalid rename mapping: " + mapping);
  return "";
}

const ConfigDef& replace_field_def() {
  static const ConfigDef def{
      {option("exclude", ConfigType::list, "", Importance::medium, "The fields that are left out, even where include names them."),
       option("include", ConfigType::list, "", Importance::medium, "The fields that are kept; all of them where none is named."),
       option("renames", ConfigType::list, "", Importance::medium, "New names of fields, as old:new.", check_renames),
       replace_null_option()}};
  return def;
}

class ReplaceField final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(replace_field_def(), given));
    auto made = std::make_unique<ReplaceField>();
    made->part_ = part;
    made->replace_null_ = options.replace_null();
    for (std::string& name : options.list("exclude")) made->exclude_.insert(std::move(name));
    for (std::string& name : options.list("include")) made->include_.insert(std::move(name));
    made->take_renames(options.list("renames"));
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (value_of(record, part_).is_null()) return record;
    return schema_of(record, part_) == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

  bool follows_plan() const override { return true; }

 private:
  struct Reduced {
    SchemaPtr schema;
    std::vector<std::size_t> from;   // of each field
    std::string unknown;             // a field that renames name as the origin of one that it is not; empty: none
  };

  // Two fields renamed alike: the reverse knows the last of them in the order of a HashMap.
  void take_renames(const std::vector<std::string>& mappings) {
    std::vector<std::string> olds;
    for (const std::string& mapping : mappings) {
      const auto parts = setting::java_split(mapping, ':');
      if (renames_.emplace(parts[0], parts[1]).second) olds.emplace_back(parts[0]);
      else renames_[std::string{parts[0]}] = parts[1];
    }
    for (const std::size_t i : java_hash_map_order(olds)) origins_[renames_[olds[i]]] = olds[i];
  }

  bool kept(const std::string& name) const {
    return !exclude_.contains(name) && (include_.empty() || include_.contains(name));
  }
  static const std::string& mapped(const std::map<std::string, std::string>& names, const std::string& name) {
    const auto at = names.find(name);
    return at == names.end() ? name : at->second;
  }

  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    MR_TRY(const Value::Map* map, require_map(value_of(record, part_), k_field_replacement));
    Value::Map entries;
    for (const auto& [key, value] : *map)
      if (const std::string* name = key.string(); name != nullptr && kept(*name)) put_in(entries, mapped(renames_, *name), value);
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets_for_capacity(map->size()))});
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) {
    MR_CHECK(require_struct(schema_of(record, part_), value_of(record, part_), k_field_replacement));
    Value::Struct from = std::move(value_of(record, part_)).taken_structure();
    MR_TRY(const Reduced* reduced, reduced_schema(from.schema));
    if (!reduced->unknown.empty()) return fail(reduced->unknown + " is not a valid field name", Retry::no, k_data_exception);
    Value::Struct to = empty_struct(reduced->schema);
    for (std::size_t i = 0; i < to.fields.size(); ++i) {
      const std::size_t origin = reduced->from[i];
      MR_TRY(Value value, taken_value(*from.schema->fields[origin].schema, from.fields[origin], replace_null_));
      MR_CHECK(put(to, i, std::move(value)));
    }
    return with_part(std::move(record), part_, reduced->schema, Value{std::move(to)});
  }

  Result<const Reduced*> reduced_schema(const SchemaPtr& from) {
    if (const Reduced* known = cache_.find(from)) return known;
    SchemaDraft draft{struct_basics(*from)};
    for (const Field& field : from->fields)
      if (kept(field.name)) draft.add(mapped(renames_, field.name), field.schema);
    Reduced reduced;
    MR_TRY(reduced.schema, std::move(draft).built());
    for (const Field& field : reduced.schema->fields) {
      const std::string& origin = mapped(origins_, field.name);
      const auto index = field_index(*from, origin);
      if (!index && reduced.unknown.empty()) reduced.unknown = origin;
      reduced.from.push_back(index.value_or(0));
    }
    return &cache_.put(from, std::move(reduced));
  }

  RecordPart part_ = RecordPart::value;
  bool replace_null_ = true;
  std::set<std::string> exclude_, include_;
  std::map<std::string, std::string> renames_, origins_;   // old to new, new to old
  SchemaCache<Reduced> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> replace_field_classes() {
  return classes_of_both_parts<ReplaceField>("org.apache.kafka.connect.transforms.ReplaceField$Key",
                                             "org.apache.kafka.connect.transforms.ReplaceField$Value", replace_field_def);
}

}  // namespace millrace
