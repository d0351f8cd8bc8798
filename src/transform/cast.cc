// Cast: fields, or the whole key or value, get another type.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/letters.h"
#include "core/numbers.h"
#include "core/schema_cache.h"
#include "core/setting_rules.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/java_numbers.h"
#include "transform/simple_date_format.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_casting = "cast types";
constexpr std::string_view k_output_types = "INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING";

struct CastSpec {
  std::string field;   // of `casts`
  Type type = Type::string;
};

struct CastSpecs {
  std::vector<CastSpec> casts;
  std::optional<Type> whole;

  const CastSpec* find(std::string_view field) const {
    const CastSpec* found = nullptr;
    for (const CastSpec& cast : casts)
      if (cast.field == field) found = &cast;   // the last of two counts
    return found;
  }
};

std::unexpected<Error> config_error(std::string text) { return fail(std::move(text), Retry::no, k_config_exception); }

Result<Type> type_named(std::string_view given) {
  const std::string name{trimmed(given)};
  const std::string constant = upper(name);
  for (int i = 0; i <= static_cast<int>(Type::structure); ++i) {
    const Type type = static_cast<Type>(i);
    if (constant != type_constant(type)) continue;
    if (type < Type::bytes) return type;
    return config_error("Cast transformation does not support casting to " + constant + "; supported types are [" +
                        std::string{k_output_types} + "]");
  }
  return config_error("Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type." +
                      constant + " for configuration Invalid type found in casting spec: " + name);
}

Result<CastSpecs> read_specs(const std::vector<std::string>& mappings) {
  CastSpecs specs;
  for (const std::string& mapping : mappings) {
    const auto parts = setting::java_split(mapping, ':');
    if (parts.size() > 2) return config_error(invalid_value(java_list_text(mappings), "renames", "Invalid rename mapping: " + mapping));
    MR_TRY(const Type type, type_named(parts.back()));
    if (parts.size() == 1) specs.whole = type;
    else specs.casts.push_back({std::string{trimmed(parts[0])}, type});
  }
  if (specs.whole && mappings.size() > 1)
    return config_error("Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec");
  return specs;
}

std::string check_spec(const std::string&, const std::string* value) {
  const auto mappings = value == nullptr ? std::vector<std::string>{} : list_parts(*value);
  if (mappings.empty()) return "Must specify at least one field to cast.";
  const auto specs = read_specs(mappings);
  return specs ? "" : specs.error().text;
}

const ConfigDef& cast_def() {
  static const ConfigDef def{
      {required_option("spec", ConfigType::list, Importance::high,
                       "Fields and their new types, as field1:type,field2:type, or one type for the whole. Types are int8, int16, "
                       "int32, int64, float32, float64, boolean and string; bytes become a string only.",
                       check_spec),
       replace_null_option()}};
  return def;
}

// Values.dateFormatFor: by how the number looks, not by the schema.
std::string date_text(std::int64_t ms) {
  static const auto time = SimpleDateFormat::compile("HH:mm:ss.SSS'Z'");
  static const auto date = SimpleDateFormat::compile("yyyy-MM-dd");
  static const auto timestamp = SimpleDateFormat::compile("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
  return (ms < k_day_ms ? time : ms % k_day_ms == 0 ? date : timestamp)->format(ms);
}

// A value that was not null, on its way to another type.
class CastValue {
 public:
  CastValue(const Schema* schema, const Value& value) : schema_{schema}, value_{value} {
    if (value.bytes() != nullptr && schema != nullptr && schema->name == k_decimal) decimal_ = BigDecimal{.unscaled = value.bytes()->data};
  }

  Result<Value> to(Type type) {
    if (decimal_) {
      MR_TRY(decimal_->scale, scale_of(*schema_));
    }
    switch (type) {
      case Type::boolean: return boolean();
      case Type::float32: return float32();
      case Type::float64: return float64();
      case Type::string: return Value{text()};
      default: return integer(type);
    }
  }

 private:
  Result<Value> integer(Type type) const {
    if (const std::int64_t* number = value_.integer()) return Value{cut_to(type, *number)};
    if (const float* number = value_.float32()) return Value{cut_to(type, double{*number})};
    if (const double* number = value_.float64()) return Value{cut_to(type, *number)};
    if (decimal_) return Value{cut_to(type, decimal_->low_bits())};
    if (const bool* truth = value_.boolean()) return Value{std::int64_t{*truth}};
    if (value_.string() == nullptr) return unexpected_type();
    MR_TRY(const std::int64_t number, parse_java_integer(*value_.string(), type));
    return Value{number};
  }

  Result<Value> float32() const {
    if (const std::int64_t* number = value_.integer()) return Value{static_cast<float>(*number)};
    if (value_.float32() != nullptr) return value_;
    if (const double* number = value_.float64()) return Value{static_cast<float>(*number)};
    if (decimal_) return Value{decimal_->float32()};
    if (const bool* truth = value_.boolean()) return Value{*truth ? 1.0F : 0.0F};
    if (value_.string() == nullptr) return unexpected_type();
    MR_TRY(const float number, parse_java_float(*value_.string()));
    return Value{number};
  }

  Result<Value> float64() const {
    if (const std::int64_t* number = value_.integer()) return Value{static_cast<double>(*number)};
    if (const float* number = value_.float32()) return Value{double{*number}};
    if (value_.float64() != nullptr) return value_;
    if (decimal_) return Value{decimal_->float64()};
    if (const bool* truth = value_.boolean()) return Value{*truth ? 1.0 : 0.0};
    if (value_.string() == nullptr) return unexpected_type();
    MR_TRY(const double number, parse_java_double(*value_.string()));
    return Value{number};
  }

  Result<Value> boolean() const {
    if (value_.boolean() != nullptr) return value_;
    if (const std::string* text = value_.string()) return Value{lower(*text) == "true"};
    if (value_.bytes() != nullptr && !decimal_) return unexpected_type();
    MR_TRY(const Value number, integer(Type::int64));
    return Value{*number.integer() != 0};
  }

  std::string text() const {
    if (const std::int64_t* number = value_.integer())
      return is_java_date(schema_) ? date_text(java_date_ms(*schema_, *number)) : std::to_string(*number);
    if (const float* number = value_.float32()) return float_text(*number);
    if (const double* number = value_.float64()) return double_text(*number);
    if (const bool* truth = value_.boolean()) return *truth ? "true" : "false";
    if (const std::string* text = value_.string()) return *text;
    return decimal_ ? decimal_->text() : base64(value_.bytes()->data);
  }

  std::unexpected<Error> unexpected_type() const {
    return fail("Unexpected type in Cast transformation: class " + std::string{java_class_of(schema_, value_)}, Retry::no, k_data_exception);
  }

  const Schema* schema_;
  const Value& value_;
  std::optional<BigDecimal> decimal_;
};

Type type_of_schemaless(const Value& value) {
  return value.map() != nullptr ? Type::map : value.array() != nullptr ? Type::array : value.structure() != nullptr ? Type::structure : Type::string;
}

Result<Value> cast(const Schema* schema, const Value& value, Type target) {
  if (value.is_null()) return value;
  const Type given = schema == nullptr ? type_of_schemaless(value) : schema->type;
  if (given > Type::bytes)
    return fail("Cast transformation does not support casting from " + std::string{type_constant(given)} + "; supported types are [" +
                    std::string{k_output_types} + ", BYTES]", Retry::no, k_data_exception);
  auto made = CastValue{schema, value}.to(target);
  if (made || made.error().exception != k_number_format_exception) return made;
  return std::unexpected{std::move(made.error()).as_cause_of("Value (" + *value.string() + ") was out of range for requested data type",
                                                             k_data_exception)};
}

class Cast final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(cast_def(), given));
    auto made = std::make_unique<Cast>();
    made->part_ = part;
    made->replace_null_ = options.replace_null();
    MR_TRY(made->specs_, read_specs(options.list("spec")));
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (value_of(record, part_).is_null()) return record;
    return schema_of(record, part_) == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

 private:
  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    const Value& value = value_of(record, part_);
    if (specs_.whole) {
      MR_TRY(Value made, cast(nullptr, value, *specs_.whole));
      return with_part(std::move(record), part_, nullptr, std::move(made));
    }
    MR_TRY(const Value::Map* map, require_map(value, k_casting));
    Value::Map entries = *map;
    for (const CastSpec& spec : specs_.casts) {
      const Value* field = find_in(*map, spec.field);
      MR_TRY(Value made, cast(nullptr, field == nullptr ? Value{} : *field, spec.type));
      put_in(entries, spec.field, std::move(made));
    }
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets_for_copy(map->size()))});
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) {
    const SchemaPtr schema = schema_of(record, part_);
    MR_TRY(const SchemaPtr made_schema, cast_schema(schema));
    if (specs_.whole) {
      MR_TRY(Value made, cast(schema.get(), value_of(record, part_), *specs_.whole));
      return with_part(std::move(record), part_, made_schema, std::move(made));
    }
    MR_CHECK(require_struct(schema, value_of(record, part_), k_casting));
    Value::Struct from = std::move(value_of(record, part_)).taken_structure();
    Value::Struct to = empty_struct(made_schema);
    for (std::size_t i = 0; i < from.fields.size(); ++i) {
      const Field& field = from.schema->fields[i];
      MR_TRY(Value value, taken_value(*field.schema, std::move(from.fields[i]), replace_null_));
      if (const CastSpec* spec = specs_.find(field.name)) {
        MR_TRY(value, cast(field.schema.get(), value, spec->type));
      }
      MR_CHECK(put(to, i, std::move(value)));
    }
    return with_part(std::move(record), part_, made_schema, Value{std::move(to)});
  }

  Result<SchemaPtr> cast_schema(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    MR_TRY(Schema made, specs_.whole ? whole_schema(*from) : struct_schema(*from));
    made.optional = from->optional;
    return cache_.put(from, std::make_shared<const Schema>(std::move(made)));
  }

  Result<Schema> whole_schema(const Schema& from) const {
    Schema made = schema_basics(from);
    made.type = *specs_.whole;
    made.values = nullptr;
    MR_TRY(made.default_value, cast_default(from, made.type));
    return made;
  }

  Result<Schema> struct_schema(const Schema& from) const {
    MR_CHECK(require_fields(from, "list"));
    Schema made = struct_basics(from);
    for (const Field& field : from.fields) {
      const CastSpec* spec = specs_.find(field.name);
      if (spec == nullptr) {
        made.fields.push_back(field);
        continue;
      }
      Schema schema{.type = spec->type, .optional = field.schema->optional};
      MR_TRY(schema.default_value, cast_default(*field.schema, spec->type));
      made.fields.push_back({field.name, std::make_shared<const Schema>(std::move(schema))});
    }
    if (from.default_value != nullptr) {   // no type can be cast to a structure
      MR_TRY(made.default_value, cast_default(from, Type::structure));
    }
    return made;
  }

  static Result<std::shared_ptr<const Value>> cast_default(const Schema& from, Type type) {
    if (from.default_value == nullptr) return nullptr;
    MR_TRY(Value made, cast(&from, *from.default_value, type));
    return std::make_shared<const Value>(std::move(made));
  }

  RecordPart part_ = RecordPart::value;
  CastSpecs specs_;
  bool replace_null_ = true;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> cast_classes() {
  return classes_of_both_parts<Cast>("org.apache.kafka.connect.transforms.Cast$Key", "org.apache.kafka.connect.transforms.Cast$Value",
                                     cast_def);
}

}  // namespace millrace
