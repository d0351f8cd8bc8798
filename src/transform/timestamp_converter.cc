// TimestampConverter: a field, or the whole key or value, changes between texts, Unix times and Connect's dates.
#include <memory>
#include <optional>
#include <utility>

#include "core/config_values.h"
#include "core/envelope.h"
#include "core/letters.h"
#include "core/schema_cache.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"
#include "transform/simple_date_format.h"
#include "transform/struct_values.h"

namespace millrace {
namespace {

constexpr std::string_view k_converting_timestamps = "converting timestamp formats";

const ConfigDef& timestamp_converter_def() {
  static const ConfigDef def{
      {option("field", ConfigType::string, "", Importance::high, "The field that holds the timestamp; empty: the whole key or value does."),
       required_option("target.type", ConfigType::string, Importance::high, "What it becomes: string, unix, Date, Time or Timestamp.",
                       one_of({"string", "unix", "Date", "Time", "Timestamp"})),
       option("format", ConfigType::string, "", Importance::medium,
              "The pattern of java.text.SimpleDateFormat by which texts are written, or read, in UTC."),
       option("unix.precision", ConfigType::string, "milliseconds", Importance::low,
              "The unit of Unix times, given and made: seconds, milliseconds, microseconds or nanoseconds. Parts of a millisecond are lost.",
              one_of({"nanoseconds", "microseconds", "milliseconds", "seconds"})),
       replace_null_option()}};
  return def;
}

enum class Form { text, unix, date, time, timestamp };

Form form_named(std::string_view name) {
  return name == "string" ? Form::text : name == "unix" ? Form::unix : name == "Date" ? Form::date : name == "Time" ? Form::time : Form::timestamp;
}

// Of a value by its schema. Errors: none of them.
Result<Form> form_of(const Schema& schema) {
  if (schema.name == k_timestamp) return Form::timestamp;
  if (schema.name == k_date) return Form::date;
  if (schema.name == k_time) return Form::time;
  if (schema.type == Type::string) return Form::text;
  if (schema.type == Type::int64) return Form::unix;
  return fail("Schema " + schema_text(schema) + " does not correspond to a known timestamp type format");
}

SchemaPtr schema_for(Form form, bool optional) {
  const auto named = [&](Type type, std::string_view name) {
    return std::make_shared<const Schema>(envelope::semantic_schema(type, name, optional));
  };
  switch (form) {
    case Form::text: return envelope::plain_schema(Type::string, optional);
    case Form::unix: return envelope::plain_schema(Type::int64, optional);
    case Form::date: return named(Type::int32, k_date);
    case Form::time: return named(Type::int32, k_time);
    case Form::timestamp: return named(Type::int64, k_timestamp);
  }
  return nullptr;
}

// Unix times of a unit, as java.util.concurrent.TimeUnit converts them: towards zero, and no further than 64 bits go.
struct UnixUnit {
  std::int64_t of_millisecond = 1;    // how many are one millisecond
  std::int64_t milliseconds = 1;      // how many milliseconds one is

  static UnixUnit named(std::string_view name) {
    if (name == "seconds") return {1, 1000};
    return {name == "microseconds" ? 1000 : name == "nanoseconds" ? 1'000'000 : 1, 1};
  }
  std::int64_t to_milliseconds(std::int64_t value) const { return product(value / of_millisecond, milliseconds); }
  std::int64_t from_milliseconds(std::int64_t ms) const { return product(ms / milliseconds, of_millisecond); }

  static std::int64_t product(std::int64_t value, std::int64_t by) {
    std::int64_t out = 0;
    if (!__builtin_mul_overflow(value, by, &out)) return out;
    return value < 0 ? INT64_MIN : INT64_MAX;
  }
};

class TimestampConverter final : public Transform {
 public:
  static Result<std::unique_ptr<Transform>> create(RecordPart part, const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(timestamp_converter_def(), given));
    auto made = std::make_unique<TimestampConverter>();
    made->part_ = part;
    made->field_ = options.text("field");
    made->target_ = form_named(options.text("target.type"));
    made->unit_ = UnixUnit::named(options.text("unix.precision"));
    made->replace_null_ = options.replace_null();
    const std::string pattern = options.text("format");
    const bool blank = trimmed(pattern).empty();
    if (made->target_ == Form::text && blank)
      return fail("TimestampConverter requires format option to be specified when using string timestamps", Retry::no, k_config_exception);
    if (blank) return made;
    auto format = SimpleDateFormat::compile(pattern);
    if (!format)
      return fail(invalid_value("java.lang.IllegalArgumentException: " + format.error().text,
                                "TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps", pattern),
                  Retry::no, k_config_exception);
    made->format_ = std::move(*format);
    return made;
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    const SchemaPtr schema = schema_of(record, part_);
    if (schema == nullptr) return schemaless(std::move(record));
    if (!field_.empty()) return with_field(std::move(record), schema);
    MR_TRY(const Form form, form_of(*schema));
    MR_TRY(Value made, converted(value_of(record, part_), form));
    MR_TRY(const SchemaPtr made_schema, whole_schema(schema));
    return with_part(std::move(record), part_, made_schema, std::move(made));
  }

 private:
  Result<std::optional<ConnectRecord>> schemaless(ConnectRecord record) const {
    const Value& value = value_of(record, part_);
    if (value.is_null() || field_.empty()) {
      MR_TRY(Value made, converted_schemaless(value));
      return with_part(std::move(record), part_, nullptr, std::move(made));
    }
    MR_TRY(const Value::Map* map, require_map(value, k_converting_timestamps));
    Value::Map entries = *map;
    const Value* field = find_in(*map, field_);
    MR_TRY(Value made, converted_schemaless(field == nullptr ? Value{} : *field));
    put_in(entries, field_, std::move(made));
    return with_part(std::move(record), part_, nullptr, Value{hash_map(std::move(entries), buckets_for_copy(map->size()))});
  }

  Result<std::optional<ConnectRecord>> with_field(ConnectRecord record, const SchemaPtr& schema) {
    const bool null = value_of(record, part_).is_null();
    if (!null) MR_CHECK(require_struct(schema, value_of(record, part_), k_converting_timestamps));
    MR_TRY(const SchemaPtr made_schema, struct_schema(schema));
    if (null) return with_part(std::move(record), part_, made_schema, {});
    Value::Struct from = std::move(value_of(record, part_)).taken_structure();
    MR_TRY(Value::Struct made, converted_fields(std::move(from), made_schema));
    return with_part(std::move(record), part_, made_schema, Value{std::move(made)});
  }

  Result<Value::Struct> converted_fields(Value::Struct from, const SchemaPtr& schema) const {
    Value::Struct to = empty_struct(schema);
    for (std::size_t i = 0; i < from.fields.size(); ++i) {
      const Field& field = from.schema->fields[i];
      MR_TRY(Value value, taken_value(*field.schema, std::move(from.fields[i]), replace_null_));
      if (field.name == field_) {
        MR_TRY(const Form form, form_of(*field.schema));
        MR_TRY(value, converted(value, form));
      }
      MR_CHECK(put(to, i, std::move(value)));
    }
    return to;
  }

  Result<SchemaPtr> whole_schema(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    return cache_.put(from, schema_for(target_, from->optional));
  }

  Result<SchemaPtr> struct_schema(const SchemaPtr& from) {
    if (const SchemaPtr* known = cache_.find(from)) return *known;
    MR_CHECK(require_fields(*from, "list"));
    auto made = std::make_shared<Schema>(struct_basics(*from));
    for (const Field& field : from->fields)
      made->fields.push_back({field.name, field.name == field_ ? schema_for(target_, field.schema->optional) : field.schema});
    made->optional = from->optional;
    if (const Value* fallback = from->default_value.get(); fallback != nullptr && fallback->structure() != nullptr) {
      MR_TRY(Value::Struct converted_default, converted_fields(*fallback->structure(), made));
      converted_default.schema = from;   // not its own: a schema that holds itself would never be freed
      made->default_value = std::make_shared<const Value>(std::move(converted_default));
    }
    return cache_.put(from, std::move(made));
  }

  Result<Value> converted_schemaless(const Value& value) const {
    if (value.is_null()) return value;
    if (value.integer() != nullptr) return converted(value, Form::unix);
    if (value.string() != nullptr) return converted(value, Form::text);
    return fail("TimestampConverter does not support class " + std::string{java_class_of(nullptr, value)} + " objects as timestamps", Retry::no,
                k_data_exception);
  }

  Result<Value> converted(const Value& value, Form form) const {
    if (value.is_null()) return value;
    MR_TRY(const std::int64_t ms, milliseconds_of(value, form));
    switch (target_) {
      case Form::text: return Value{format_->format(ms)};
      case Form::unix: return Value{unit_.from_milliseconds(ms)};
      case Form::date: return Value{day_of(ms)};
      case Form::time: return Value{ms - day_of(ms) * k_day_ms};
      case Form::timestamp: return Value{ms};
    }
    return Value{};
  }

  static std::int64_t day_of(std::int64_t ms) { return ms / k_day_ms - (ms % k_day_ms < 0 ? 1 : 0); }

  Result<std::int64_t> milliseconds_of(const Value& value, Form form) const {
    if (form == Form::text ? value.string() == nullptr : value.integer() == nullptr)   // another transform has named its schema
      return fail("A value of class " + std::string{java_class_of(nullptr, value)} + " has the schema of a timestamp", Retry::no, k_data_exception);
    if (form == Form::text) return parsed(*value.string());
    const std::int64_t number = *value.integer();
    return form == Form::unix ? unit_.to_milliseconds(number) : form == Form::date ? number * k_day_ms : number;
  }

  Result<std::int64_t> parsed(const std::string& text) const {
    if (!format_)
      return fail("Cannot invoke \"java.text.SimpleDateFormat.parse(String)\" because \"config.format\" is null", Retry::no,
                  k_null_pointer_exception);
    auto ms = format_->parse(text);
    if (ms) return ms;
    return std::unexpected{std::move(ms.error()).as_cause_of(
        "Could not parse timestamp: value (" + text + ") does not match pattern (" + format_->pattern() + ")", k_data_exception)};
  }

  RecordPart part_ = RecordPart::value;
  std::string field_;
  Form target_ = Form::text;
  UnixUnit unit_;
  bool replace_null_ = true;
  std::optional<SimpleDateFormat> format_;
  SchemaCache<SchemaPtr> cache_{k_schemas_max};
};

}  // namespace

std::array<TransformClass, 2> timestamp_converter_classes() {
  return classes_of_both_parts<TimestampConverter>("org.apache.kafka.connect.transforms.TimestampConverter$Key",
                                                   "org.apache.kafka.connect.transforms.TimestampConverter$Value", timestamp_converter_def);
}

}  // namespace millrace
