// io.debezium.transforms.TimezoneConverter: times with a zone told at another one; times without one taken as local there.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "core/debezium_options.h"
#include "core/envelope.h"
#include "core/iso_offset_time.h"
#include "core/java_regex.h"
#include "core/struct_access.h"
#include "core/time_zone.h"
#include "core/unwrapping.h"
#include "transform/debezium_classes.h"

namespace millrace {
namespace {

using NameSet = std::set<std::string, std::less<>>;
using FieldsByName = std::map<std::string, NameSet, std::less<>>;
constexpr std::string_view k_invalid_zone =
    "Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC offset in the format of "
    "+/-hh:mm, (e.g. +08:00).";
constexpr std::string_view k_list_form =
    R"(^\[(source|topic|[".\w\s_]+):([".\w\s_]+(?::[".\w\s_]+)?(?:,|]$))+$)";

// The fields of some table or topic that the lists name; empty: all of them.
struct Rules {
  FieldsByName by_topic, by_table, by_either;

  static Rules of(const std::vector<std::string>& items) {
    Rules rules;
    std::string prefix;   // holds for the items behind it, too
    for (const std::string& item : items) {
      const auto parts = setting::java_split(item, ':');
      const std::string first = lower(parts[0]);
      const bool prefixed = parts.size() > 1 && (first == "source" || first == "topic");
      if (prefixed) prefix = parts[0];
      const std::size_t at = prefixed ? 1 : 0;
      FieldsByName& kind = prefix == "topic" ? rules.by_topic : prefix == "source" ? rules.by_table : rules.by_either;
      NameSet& fields = kind[std::string{parts[at]}];
      if (parts.size() > at + 1) fields.emplace(parts[at + 1]);
    }
    return rules;
  }

  const NameSet* match(const std::optional<std::string>& table, const std::string& topic) const {
    const auto in = [](const FieldsByName& kind, const std::string& name) {
      const auto at = kind.find(name);
      return at == kind.end() ? nullptr : &at->second;
    };
    if (const NameSet* found = in(by_topic, topic)) return found;
    if (const NameSet* found = table ? in(by_table, *table) : nullptr) return found;
    if (const NameSet* found = in(by_either, topic)) return found;
    return table ? in(by_either, *table) : nullptr;
  }
};

enum class Which { all, listed, others };

std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

class TimezoneConverter final : public Transform {
 public:
  enum class Lists { none, include, exclude };

  TimezoneConverter(TimeZone zone, Lists lists, Rules rules) : zone_{std::move(zone)}, lists_{lists}, rules_{std::move(rules)} {}

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (record.value.is_null() || !is_change_event(record)) return record;
    MR_TRY(const Value::Struct* event, require_struct(record.value_schema, record.value, "time zone conversion"));
    const std::optional<std::string> table = table_of(*event);
    const NameSet* matched = rules_.match(table, record.topic);
    static const NameSet none;
    Which which = Which::all;
    if (lists_ == Lists::exclude && matched != nullptr) {
      if (matched->empty()) return record;
      which = Which::others;
    } else if (lists_ == Lists::include) {
      if (matched == nullptr && !table) return record;
      if (matched != nullptr && !matched->empty()) which = Which::listed;
    }
    MR_TRY(record.value, converted(*event, which, matched == nullptr ? none : *matched));
    return record;
  }

 private:
  static std::optional<std::string> table_of(const Value::Struct& event) {
    const auto source = field_of_type(event, "source", Type::structure);
    if (!source || (*source)->structure() == nullptr) return std::nullopt;
    const auto table = field_of_type(*(*source)->structure(), "table", Type::string);
    if (!table || (*table)->string() == nullptr) return std::nullopt;
    return *(*table)->string();
  }

  Result<Value> converted(const Value::Struct& event, Which which, const NameSet& fields) const {
    std::map<std::string_view, NameSet> of_part;
    for (const std::string& field : fields) {
      bool has_part = false;
      for (const std::string_view part : {"source", "before", "after"})
        if (field.starts_with(std::string{part} + '.')) {
          of_part[part].insert(field.substr(part.size() + 1));
          has_part = true;
        }
      if (!has_part)
        for (const std::string_view part : {"before", "after"}) of_part[part].insert(field);
    }
    Value::Struct made = event;
    for (const std::string_view part : {"before", "after", "source"}) {
      const auto index = field_index(*event.schema, part);
      if (!index || event.fields[*index].structure() == nullptr) continue;
      if (part == "source" && of_part[part].empty()) continue;
      MR_TRY(made.fields[*index], converted_row(*event.fields[*index].structure(), which, of_part[part]));
    }
    return Value{std::move(made)};
  }

  Result<Value> converted_row(const Value::Struct& row, Which which, const NameSet& fields) const {
    Value::Struct made = row;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      const Field& field = row.schema->fields[i];
      if (field.schema->name.empty()) continue;
      if (which != Which::all && fields.contains(field.name) != (which == Which::listed)) continue;
      MR_TRY(const Value value, value_or_default(*field.schema, row.fields[i]));
      if (value.is_null()) continue;
      MR_TRY(std::optional<Value> changed, converted_time(field, value));
      if (changed) made.fields[i] = std::move(*changed);
    }
    return Value{std::move(made)};
  }

  // None: no time that is converted.
  Result<std::optional<Value>> converted_time(const Field& field, const Value& value) const {
    const std::string& name = field.schema->name;
    if (name == "io.debezium.time.ZonedTimestamp" || name == "io.debezium.time.ZonedTime") {
      const bool has_date = name == "io.debezium.time.ZonedTimestamp";
      const std::string* text = value.string();
      auto time = text == nullptr ? std::nullopt : has_date ? parse_offset_date_time(*text) : parse_offset_time(*text);
      if (!time)
        return fail("Text '" + (text == nullptr ? "" : *text) + "' could not be parsed: the column " + field.name +
                        " holds a time that TimezoneConverter does not read",
                    Retry::no, "java.time.format.DateTimeParseException");
      const std::int32_t offset = has_date ? zone_.offset_at_local(time->local_seconds) : offset_now();
      time->local_seconds += offset - time->offset;
      time->offset = offset;
      return Value{has_date ? date_time_text(*time) : time_text(*time)};
    }
    std::int64_t unit = 0;   // of a second
    if (name == "io.debezium.time.MicroTimestamp") unit = 1'000'000;
    else if (name == "io.debezium.time.NanoTimestamp") unit = 1'000'000'000;
    else if (name == "io.debezium.time.Timestamp" || name == "org.apache.kafka.connect.data.Timestamp") unit = 1000;
    if (unit == 0 || value.integer() == nullptr) return std::nullopt;
    const std::int64_t offset = zone_.offset_at_local(floor_divide(*value.integer(), unit));
    return Value{static_cast<std::int64_t>(static_cast<std::uint64_t>(*value.integer()) - static_cast<std::uint64_t>(offset * unit))};
  }

  std::int32_t offset_now() const {
    return zone_.offset_at(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count());
  }

  TimeZone zone_;
  Lists lists_;
  Rules rules_;
};

const ConfigDef& timezone_converter_definition() {
  static const ConfigDef def{{
      {.name = "converted.timezone", .importance = Importance::high,
       .documentation = "The zone: a place, as Europe/Berlin, or an offset from UTC, as +05:30.", .order = 1,
       .display_name = "Converted Timezone"},
      {.name = "include.list", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Which times are converted: source:<table>, source:<table>:<field>, topic:<topic>, topic:<topic>:<field>, or "
                        "<table or topic>:<field>. Without it, all.",
       .order = 1, .display_name = "Include List"},
      {.name = "exclude.list", .type = ConfigType::list, .importance = Importance::high,
       .documentation = "Which times are not converted, in the form of include.list.", .order = 1, .display_name = "Exclude List"},
  }};
  return def;
}

constexpr setting::NamedRule k_timezone_converter_rules[] = {{"converted.timezone", setting::required},
                                                             {"include.list", setting::regex_list},
                                                             {"exclude.list", setting::regex_list}};

Result<void> check_list(const std::vector<std::string>& items, std::string_view name) {
  if (items.empty()) return {};
  static const Result<JavaRegex> form = JavaRegex::compile(k_list_form);
  if (!form) return std::unexpected{form.error()};
  MR_TRY(const bool matches, form->matches(java_list_text(items)));
  if (matches) return {};
  return fail("Invalid " + std::string{name} + " list format. Please specify a list of rules in the format of "
              "\"source:<tablename>:<fieldnames>\", \"topic:<topicname>:<fieldnames>\", \"<matchname>:<fieldnames>\"",
              Retry::no, k_debezium_exception);
}

Result<std::unique_ptr<Transform>> make_timezone_converter(const Config& options) {
  MR_CHECK(check_each_option(options, timezone_converter_definition(), k_timezone_converter_rules));
  const std::vector<std::string> included = option_parts(options, "include.list");
  const std::vector<std::string> excluded = option_parts(options, "exclude.list");
  MR_CHECK(check_list(included, "include"));
  if (included.empty()) MR_CHECK(check_list(excluded, "exclude"));
  if (!included.empty() && !excluded.empty())
    return fail("Both include and exclude lists are specified. Please specify only one.", Retry::no, k_debezium_exception);
  auto zone = TimeZone::named(options.get("converted.timezone"));
  if (!zone) return fail(std::string{k_invalid_zone} + " " + zone.error().text, Retry::no, k_debezium_exception);
  using enum TimezoneConverter::Lists;
  return std::make_unique<TimezoneConverter>(std::move(*zone), !included.empty() ? include : !excluded.empty() ? exclude : none,
                                             Rules::of(included.empty() ? excluded : included));
}

}  // namespace

TransformClass timezone_converter() {
  return {.class_name = "io.debezium.transforms.TimezoneConverter", .version = envelope::k_debezium_version,
          .config_def = timezone_converter_definition, .make_transform = make_timezone_converter};
}

}  // namespace millrace
