// MaskField: fields get the null value of their type (0, false, "") or a text of the configuration.
#include <memory>
#include <set>
#include <utility>

#include "core/config_values.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/java_numbers.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_masking = "mask fields";

const ConfigDef& mask_field_def() {
  static const ConfigDef def{
      {required_option("fields", ConfigType::list, Importance::high, "The fields that are masked.", non_empty_list()),
       option("replacement", ConfigType::string, std::nullopt, Importance::low,
              "What numbers and texts are replaced by; without it the null value of their type.", non_empty_string()),
       replace_null_option()}};
  return def;
}

std::unexpected<Error> data_error(std::string text) { return fail(std::move(text), Retry::no, k_data_exception); }

// A Decimal of Java has a scale of its own and is refused by the converter when it is not the schema's; ours has the schema's.
Result<Value> decimal(const Schema& schema, BigDecimal number) {
  MR_TRY(const int scale, scale_of(schema));
  if (number.scale == scale) return Value{Bytes{std::move(number.unscaled)}};
  return data_error("Decimal value has mismatching scale for given Decimal schema. Schema has scale " + std::to_string(scale) +
                    ", value has scale " + std::to_string(number.scale) + ".");
}

Result<Value> null_value(const Schema* schema, const Value& value) {
  if (value.boolean() != nullptr) return Value{false};
  if (value.integer() != nullptr) return Value{std::int64_t{0}};
  if (value.float32() != nullptr) return Value{0.0F};
  if (value.float64() != nullptr) return Value{0.0};
  if (value.string() != nullptr) return Value{""};
  if (value.array() != nullptr) return Value{Value::Array{}};
  if (value.map() != nullptr) return Value{Value::Map{}};
  if (value.bytes() != nullptr && schema != nullptr && schema->name == k_decimal) return decimal(*schema, {.unscaled = std::string(1, '\0'), .scale = 0});
  return data_error("Cannot mask value of type: class " + std::string{java_class_of(schema, value)});
}

Result<Value> number_or_text(const Schema* schema, const Value& value, const std::string& replacement) {
  if (value.string() != nullptr) return Value{replacement};
  MR_TRY(BigDecimal number, parse_big_decimal(replacement));
  if (value.bytes() != nullptr) return decimal(*schema, std::move(number));
  if (value.float32() != nullptr) return Value{static_cast<float>(number.float64())};
  if (value.float64() != nullptr) return Value{number.float64()};
  return Value{cut_to(schema == nullptr ? Type::int64 : schema->type, number.low_bits())};
}

class MaskField final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(mask_field_def(), given));
    auto made = std::make_unique<MaskField>();
    made->part_ = part;
    made->replace_null_ = options.replace_null();
    for (std::string& name : options.list("fields")) made->fields_.insert(std::move(name));
    if (const std::string* text = options.find("replacement")) made->replacement_ = *text;
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    return schema_of(record, part_) == nullptr ? schemaless(std::move(record)) : with_schema(std::move(record));
  }

 private:
  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    MR_TRY(const Value::Map* map, require_map(value_of(record, part_), k_masking));
    Value::Map entries = *map;
    for (const std::string& name : fields_) {
      const Value* value = find_in(*map, name);
      MR_TRY(Value masked_value, masked(nullptr, value == nullptr ? Value{} : *value));
      put_in(entries, name, std::move(masked_value));
    }
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets_for_copy(map->size()))});
  }

  Result<std::optional<ConnectRecord>> with_schema(ConnectRecord record) const {
    MR_CHECK(require_struct(schema_of(record, part_), value_of(record, part_), k_masking));
    Value::Struct structure = std::move(value_of(record, part_)).taken_structure();
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      const Field& field = structure.schema->fields[i];
      MR_TRY(Value value, taken_value(*field.schema, std::move(structure.fields[i]), replace_null_));
      if (fields_.contains(field.name)) {
        MR_TRY(value, masked(field.schema.get(), value));
      }
      MR_CHECK(put(structure, i, std::move(value)));
    }
    return with_part(std::move(record), part_, schema_of(record, part_), Value{std::move(structure)});
  }

  Result<Value> masked(const Schema* schema, const Value& value) const {
    if (value.is_null()) return value;
    if (!replacement_) return null_value(schema, value);
    const std::string_view java_class = java_class_of(schema, value);
    if (!java_class.starts_with("java.lang.") && java_class != "java.math.BigDecimal") return not_replaceable(java_class);
    if (value.boolean() != nullptr) return not_replaceable(java_class);
    auto made = number_or_text(schema, value, *replacement_);
    if (made || made.error().exception != k_number_format_exception) return made;
    const char* number = value.bytes() != nullptr ? ") to number" : ") to a number";
    return std::unexpected{std::move(made.error()).as_cause_of("Unable to convert " + *replacement_ + " (class java.lang.String" + number,
                                                               k_data_exception)};
  }

  static std::unexpected<Error> not_replaceable(std::string_view java_class) {
    return data_error("Cannot mask value of type class " + std::string{java_class} + " with custom replacement.");
  }

  RecordPart part_ = RecordPart::value;
  bool replace_null_ = true;
  std::set<std::string> fields_;
  std::optional<std::string> replacement_;
};

}  // namespace

std::array<TransformClass, 2> mask_field_classes() {
  return classes_of_both_parts<MaskField>("org.apache.kafka.connect.transforms.MaskField$Key",
                                          "org.apache.kafka.connect.transforms.MaskField$Value", mask_field_def);
}

}  // namespace millrace
