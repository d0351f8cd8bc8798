// ExtractField: a field of the key or value takes the place of the whole.
#include <memory>
#include <utility>

#include "core/config_values.h"
#include "core/letters.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/field_path.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_field_extraction = "field extraction";

const ConfigDef& extract_field_def() {
  static const ConfigDef def{
      {required_option("field", ConfigType::string, Importance::medium, "The field that is taken out."), replace_null_option(),
       option("field.syntax.version", ConfigType::string, "V1", Importance::high,
              "V1: field is the name of a field. V2: dots in it lead to fields of fields; names with dots stand in backticks.",
              one_of_any_case({"V1", "V2"}))}};
  return def;
}

class ExtractField final : public Transform {
 public:
  ExtractField(RecordPart part, FieldPath path, bool replace_null) : part_{part}, path_{std::move(path)}, replace_null_{replace_null} {}

  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(extract_field_def(), given));
    const FieldSyntax syntax = upper(options.text("field.syntax.version")) == "V2" ? FieldSyntax::v2 : FieldSyntax::v1;
    MR_TRY(FieldPath path, FieldPath::create(options.text("field"), syntax));
    return std::make_unique<ExtractField>(part, std::move(path), options.replace_null());
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    const SchemaPtr schema = schema_of(record, part_);
    const Value& value = value_of(record, part_);
    if (schema == nullptr) {
      if (value.is_null()) return record;
      MR_TRY(const Value::Map* map, require_map(value, k_field_extraction));
      MR_TRY(Value found, path_.value_of(*map));
      return with_part(std::move(record), part_, nullptr, std::move(found));
    }
    const Value::Struct* structure = nullptr;
    if (!value.is_null()) {
      MR_TRY(structure, require_struct(schema, value, k_field_extraction));
    }
    MR_TRY(const Field* field, path_.field_of(*schema));
    if (field == nullptr) return fail("Unknown field: " + path_.text(), Retry::no, k_illegal_argument_exception);
    Value found;
    if (structure != nullptr) {
      MR_TRY(found, path_.value_of(*structure, replace_null_));
    }
    if (found.mark() != nullptr && field->schema->optional)   // what comes next treats null otherwise than a value
      return fail("A slot that may be null cannot stand for the whole");
    return with_part(std::move(record), part_, field->schema, std::move(found));
  }

  bool follows_plan() const override { return true; }

 private:
  RecordPart part_;
  FieldPath path_;
  bool replace_null_;
};

}  // namespace

std::array<TransformClass, 2> extract_field_classes() {
  return classes_of_both_parts<ExtractField>("org.apache.kafka.connect.transforms.ExtractField$Key",
                                             "org.apache.kafka.connect.transforms.ExtractField$Value", extract_field_def);
}

}  // namespace millrace
