// RegexRouter: the topic is rewritten where a regular expression matches the whole of it.
#include <memory>
#include <utility>

#include "core/config_values.h"
#include "core/java_regex.h"
#include "transform/connect_classes.h"
#include "transform/connect_types.h"

namespace millrace {
namespace {

const ConfigDef& regex_router_def() {
  static const ConfigDef def{
      {required_option("regex", ConfigType::string, Importance::high, "A Java regular expression that the whole topic must match.", java_regex()),
       required_option("replacement", ConfigType::string, Importance::high,
                       "The new topic; $1 and ${name} stand for groups of the expression.")}};
  return def;
}

class RegexRouter final : public Transform {
 public:
  RegexRouter(JavaRegex regex, std::string replacement) : regex_{std::move(regex)}, replacement_{std::move(replacement)} {}

  static Result<std::unique_ptr<Transform>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(regex_router_def(), given));
    MR_TRY(JavaRegex regex, JavaRegex::compile(options.text("regex")));
    return std::make_unique<RegexRouter>(std::move(regex), options.text("replacement"));
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    MR_TRY(const bool matched, regex_.matches(record.topic));
    if (!matched) return record;
    auto topic = regex_.replace_first(record.topic, replacement_);
    if (!topic) return std::unexpected{as_java(std::move(topic.error()))};
    record.topic = std::move(*topic);
    record.tombstone_headers = nullptr;
    return record;
  }

  bool follows_plan() const override { return true; }

 private:
  // "No group 3" is an index out of bounds to Java, other faults of the replacement are not.
  static Error as_java(Error error) {
    if (constexpr std::string_view missing = "character to be escaped is missing"; error.text.starts_with(missing)) error.text = missing;
    const bool number = error.text.starts_with("No group ") && error.text.find('{') == std::string::npos;
    error.exception = number ? "java.lang.IndexOutOfBoundsException" : k_illegal_argument_exception;
    return error;
  }

  JavaRegex regex_;
  std::string replacement_;
};

}  // namespace

std::array<TransformClass, 1> regex_router_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.RegexRouter", .version = k_connect_version,
                         .config_def = regex_router_def, .make_transform = RegexRouter::create}};
}

}  // namespace millrace
