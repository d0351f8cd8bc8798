// Kafka Connect's own predicates.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/config_values.h"
#include "core/java_regex.h"
#include "core/log.h"
#include "transform/class_lists.h"
#include "transform/connect_options.h"

namespace millrace {
namespace {

// Both of Kafka's validators, one after the other.
std::string check_pattern(const std::string& name, const std::string* value) {
  static const ConfigValidator non_empty = non_empty_string();
  static const ConfigValidator regex = java_regex();
  std::string problem = non_empty(name, value);
  return problem.empty() ? regex(name, value) : problem;
}

const ConfigDef& has_header_key_def() {
  static const ConfigDef def{
      {required_option("name", ConfigType::string, Importance::medium, "The name of the header.", non_empty_string())}};
  return def;
}
const ConfigDef& topic_name_matches_def() {
  static const ConfigDef def{{required_option("pattern", ConfigType::string, Importance::medium,
                                              "A Java regular expression that the whole topic must match.", check_pattern)}};
  return def;
}
const ConfigDef& record_is_tombstone_def() {
  static const ConfigDef def{{}};
  return def;
}

class HasHeaderKey final : public Predicate {
 public:
  explicit HasHeaderKey(std::string name) : name_{std::move(name)} {}

  static Result<std::unique_ptr<Predicate>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(has_header_key_def(), given));
    return std::make_unique<HasHeaderKey>(options.text("name"));
  }
  bool test(const ConnectRecord& record) const override { return std::ranges::find(record.headers, name_, &Header::name) != record.headers.end(); }

 private:
  std::string name_;
};

class TopicNameMatches final : public Predicate {
 public:
  explicit TopicNameMatches(JavaRegex pattern) : pattern_{std::move(pattern)} {}

  static Result<std::unique_ptr<Predicate>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(topic_name_matches_def(), given));
    MR_TRY(JavaRegex pattern, JavaRegex::compile(options.text("pattern")));
    return std::make_unique<TopicNameMatches>(std::move(pattern));
  }

  bool test(const ConnectRecord& record) const override {
    const auto matched = pattern_.matches(record.topic);
    if (!matched) logger("org.apache.kafka.connect.transforms.predicates.TopicNameMatches")->warn("Taken as no match: {}", matched.error().text);
    return matched.value_or(false);
  }
  bool follows_plan() const override { return true; }

 private:
  JavaRegex pattern_;
};

class RecordIsTombstone final : public Predicate {
 public:
  static Result<std::unique_ptr<Predicate>> create(const Config&) { return std::make_unique<RecordIsTombstone>(); }
  bool test(const ConnectRecord& record) const override { return record.value.is_null(); }
  bool follows_plan() const override { return true; }
};

}  // namespace

std::span<const TransformClass> connect_predicates() {
  static const TransformClass classes[] = {
      {.class_name = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey", .version = k_connect_version,
       .config_def = has_header_key_def, .make_predicate = HasHeaderKey::create},
      {.class_name = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone", .version = k_connect_version,
       .config_def = record_is_tombstone_def, .make_predicate = RecordIsTombstone::create},
      {.class_name = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches", .version = k_connect_version,
       .config_def = topic_name_matches_def, .make_predicate = TopicNameMatches::create}};
  return classes;
}

}  // namespace millrace
