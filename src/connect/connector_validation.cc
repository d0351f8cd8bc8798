#include "connect/connector_validation.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "connect/topic_creation.h"
#include "core/java_hash.h"
#include "core/letters.h"
#include "core/log.h"
#include "format/converter.h"
#include "sources/registry.h"

namespace millrace {
namespace {

constexpr std::string_view k_null_value = "Null value can not be supplied as the configuration value.";
// A resolved value shorter than this is not looked for in other settings' errors: it would tear words apart.
constexpr std::size_t k_secret_size_min = 4;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

// ConfigDef's LIST: blanks around commas go, empty parts stay.
std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> parts;
  std::string_view rest = trimmed(text);
  if (rest.empty()) return parts;
  while (true) {
    const auto comma = rest.find(',');
    parts.emplace_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<std::int64_t> number_of(std::string_view text, ConfigType type) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (type == ConfigType::int32 && (value < std::numeric_limits<std::int32_t>::min() ||
                                    value > std::numeric_limits<std::int32_t>::max()))
    return std::nullopt;
  return value;
}

bool is_known_converter(std::string_view setting, std::string_view class_name) {
  return setting == "header.converter" ? make_header_converter(class_name, Config{}).has_value()
                                       : make_converter(class_name, Config{}).has_value();
}

// Classes that exist in Java's world and not here get words of their own.
std::string missing_class(const std::string& class_name) {
  for (const std::string_view family : {"org.apache.kafka.connect.", "io.debezium.", "io.confluent.", "io.apicurio.",
                                        "io.aiven.", "com.github.jcustenborder."})
    if (class_name.starts_with(family)) return "Class " + class_name + " is not available in this version of millrace.";
  return "Class " + class_name + " could not be found.";
}

// One setting of the framework, parsed as ConfigDef parses it.
class SettingCheck {
 public:
  // `given`: the resolved text, null when absent or JSON's null. `shown`: the text as it was given, for errors.
  SettingCheck(const ConfigKey& key, bool present, const std::string* given, const std::string* shown)
      : verdict_{.definition = key, .name = key.name}, key_{key} {
    if (given != nullptr) {
      shown_ = shown == nullptr ? *given : *shown;
      parse(*given);
      if (verdict_.value && *given != shown_) verdict_.value = shown_;
    } else if (!present && key.required) {
      verdict_.errors.push_back("Missing required configuration \"" + key.name + "\" which has no default value.");
    } else if (!present) {
      verdict_.value = key.default_text;
      parsed_ = key.default_text;
    }
    check();
    if (present && given == nullptr) verdict_.errors.emplace_back(k_null_value);
  }

  ConfigVerdict take() && { return std::move(verdict_); }

 private:
  void refuse(const std::string& value, const std::string& reason) {
    verdict_.errors.push_back("Invalid value " + value + " for configuration " + key_.name + ": " + reason);
  }

  void parse(const std::string& text) {
    switch (key_.type) {
      case ConfigType::boolean: {
        const std::string word = lower(trimmed(text));
        if (word == "true" || word == "false") accept(word);
        else refuse(shown_, "Expected value to be either true or false");
        return;
      }
      case ConfigType::int32:
      case ConfigType::int64: {
        const auto number = number_of(text, key_.type);
        if (number) accept(std::to_string(*number));
        else refuse(shown_, key_.type == ConfigType::int32 ? "Not a number of type INT" : "Not a number of type LONG");
        return;
      }
      case ConfigType::class_name: {
        const std::string name{trimmed(text)};
        if (is_known_converter(key_.name, name)) accept(name);
        else refuse(shown_, missing_class(shown_));
        return;
      }
      case ConfigType::list: return accept(joined(list_of(text), ","));
      default: return accept(std::string{trimmed(text)});
    }
  }

  void accept(std::string text) {
    verdict_.value = text;
    parsed_ = std::move(text);
  }

  // The validators of ConnectorConfig and SourceConnectorConfig. They also see the null of a text that did not parse.
  void check() {
    const std::string& name = key_.name;
    if (name == "name") return check_name();
    if (name == "tasks.max") return check_least(1);
    if (name == "config.action.reload") return check_one_of({"none", "restart"});
    if (name == "errors.tolerance") return check_one_of({"none", "all"});
    if (name == "exactly.once.support") return check_one_of_any_case({"REQUESTED", "REQUIRED"});
    if (name == "transaction.boundary") return check_one_of_any_case({"POLL", "INTERVAL", "CONNECTOR"});
    if (name == "transaction.boundary.interval.ms" && parsed_) return check_least(0);
    if (name == "offsets.storage.topic" && parsed_ && parsed_->empty()) return refuse("", "String must be non-empty");
    if (key_.type == ConfigType::list) return check_unique();
  }

  void check_name() {
    if (!parsed_) return;
    if (parsed_->empty()) return refuse("", "String may not be empty");
    std::vector<std::string> controls;
    for (std::string_view rest = *parsed_; !rest.empty();) {
      const char32_t c = next_code_point(rest).value;
      if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) controls.push_back(std::to_string(static_cast<unsigned>(c)));
    }
    if (!controls.empty())
      refuse(*parsed_, "String may not contain control sequences but had the following ASCII chars: " +
                           joined(controls, ", "));
  }

  void check_least(std::int64_t least) {
    if (!parsed_) return refuse("null", "Value must be non-null");
    if (number_of(*parsed_, ConfigType::int64).value_or(least) < least)
      refuse(*parsed_, "Value must be at least " + std::to_string(least));
  }

  void check_one_of(const std::vector<std::string>& values) {
    if (parsed_ && std::ranges::find(values, *parsed_) != values.end()) return;
    refuse(parsed_ ? shown_ : "null", "String must be one of: " + joined(values, ", "));
  }

  // Java keeps these values in a HashSet and prints it.
  void check_one_of_any_case(const std::vector<std::string>& values) {
    if (parsed_ && std::ranges::find(values, upper(*parsed_)) != values.end()) return;
    std::vector<std::string> ordered;
    for (const std::size_t i : java_hash_map_order(values)) ordered.push_back(values[i]);
    refuse(parsed_ ? shown_ : "null", "String must be one of (case insensitive): " + joined(ordered, ", "));
  }

  void check_unique() {
    if (!parsed_) return refuse("null", "entry must be non null");
    std::vector<std::string> aliases = list_of(*parsed_);
    std::ranges::sort(aliases);
    if (std::ranges::adjacent_find(aliases) != aliases.end())
      refuse("[" + joined(list_of(shown_), ", ") + "]", "Duplicate alias provided.");
  }

  ConfigVerdict verdict_;
  const ConfigKey& key_;
  std::string shown_;
  std::optional<std::string> parsed_;
};

// What is being validated, in its three forms.
struct Subject {
  const RawConfig& raw;
  Config given;       // without nulls, unresolved
  Config resolved;
  const WorkerConfig& worker;
  const SourceRegistration& source;

  bool has(std::string_view name) const {
    return std::ranges::any_of(raw, [&](const auto& entry) { return entry.first == name; });
  }
};

class Validation {
 public:
  Validation(Subject subject, ValidationResult result) : subject_{std::move(subject)}, result_{std::move(result)} {}

  ValidationResult run(TestConnection test) && {
    framework();
    aliases("transforms", "Transforms", "Transformation", "transformation");
    aliases("predicates", "Predicates", "Predicate", "predicate");
    exactly_once();
    converters();
    topic_creation();
    connector(test);
    nulls_without_definition();
    overrides();
    hide_secrets();
    for (const ConfigVerdict& verdict : result_.verdicts)
      result_.error_count += static_cast<int>(verdict.errors.size());
    return std::move(result_);
  }

 private:
  void add_group(const std::string& group) {
    if (!group.empty() && std::ranges::find(result_.groups, group) == result_.groups.end())
      result_.groups.push_back(group);
  }

  ConfigVerdict& add(ConfigVerdict verdict) {
    if (verdict.definition) add_group(verdict.definition->group);
    return result_.verdicts.emplace_back(std::move(verdict));
  }

  ConfigVerdict* find(std::string_view name) {
    const auto at = std::ranges::find(result_.verdicts, name, &ConfigVerdict::name);
    return at == result_.verdicts.end() ? nullptr : &*at;
  }

  void framework() {
    for (const ConfigKey& key : source_connector_config_def().keys())
      add(SettingCheck{key, subject_.has(key.name), subject_.resolved.find(key.name), subject_.given.find(key.name)}
              .take());
  }

  // transforms=a,b: each alias brings "transforms.a.type". None of the classes exists here yet.
  void aliases(const std::string& setting, const std::string& group, const std::string& kind, const std::string& noun) {
    std::vector<std::string> seen;
    for (const std::string& alias : list_of(subject_.resolved.get(setting))) {
      if (alias.empty() || std::ranges::find(seen, alias) != seen.end()) continue;
      seen.push_back(alias);
      const std::string prefix = setting + "." + alias + ".";
      ConfigVerdict verdict{.definition = ConfigKey{.name = prefix + "type",
                                                    .type = ConfigType::class_name,
                                                    .required = true,
                                                    .importance = Importance::high,
                                                    .documentation = "Class for the '" + alias + "' " + noun + ".",
                                                    .group = group + ": " + alias,
                                                    .order = 0,
                                                    .width = Width::wide,
                                                    .display_name = kind + " type for " + alias},
                            .name = prefix + "type"};
      const std::string* class_name = subject_.given.find(verdict.name);
      if (class_name == nullptr)
        verdict.errors.push_back("Missing required configuration \"" + verdict.name + "\" which has no default value.");
      else
        verdict.errors.push_back("Invalid value " + *class_name + " for configuration " + verdict.name + ": " +
                                 missing_class(*class_name));
      if (subject_.has(prefix + "negate") && !subject_.has(prefix + "predicate") && setting == "transforms")
        verdict.errors.push_back("Config '" + prefix + "negate' was provided but there is no config '" + prefix +
                                 "predicate' defining a predicate to be negated.");
      add(std::move(verdict));
    }
  }

  void exactly_once() {
    if (subject_.worker.mode != WorkerMode::distributed) return;
    ConfigVerdict* support = find("exactly.once.support");
    if (support->errors.empty() && lower(trimmed(subject_.resolved.get("exactly.once.support"))) == "required") {
      const bool enabled = lower(trimmed(subject_.worker.settings.get("exactly.once.source.support"))) == "enabled";
      support->errors.emplace_back(
          enabled ? "Exactly-once delivery is not available in this version of millrace: records are delivered at least once."
                  : "This worker does not have exactly-once source support enabled.");
    }
    ConfigVerdict* boundary = find("transaction.boundary");
    if (boundary->errors.empty() && lower(trimmed(subject_.resolved.get("transaction.boundary"))) == "connector")
      boundary->errors.emplace_back("The connector does not support connector-defined transaction boundaries with the "
                                    "given configuration. Please reconfigure it to use a different transaction "
                                    "boundary definition.");
  }

  // The options of a converter that the connector sets itself; those of the worker's were checked with its file.
  void converters() {
    for (const char* setting : {"header.converter", "key.converter", "value.converter"}) {
      ConfigVerdict* verdict = find(setting);
      const std::string* class_name = subject_.resolved.find(setting);
      if (class_name == nullptr || !verdict->errors.empty()) continue;
      const Config options = subject_.resolved.with_prefix_stripped(std::string{setting} + ".");
      const auto made = std::string_view{setting} == "header.converter"
                            ? make_header_converter(trimmed(*class_name), options)
                            : make_converter(trimmed(*class_name), options);
      if (!made) verdict->errors.push_back(made.error().text);
    }
  }

  void topic_creation() {
    const bool enabled = subject_.worker.settings.boolean("topic.creation.enable", true);
    if (const auto rules = TopicCreationRules::create(subject_.resolved, enabled); !rules)
      find("topic.creation.groups")->errors.push_back(rules.error().text);
  }

  void connector(TestConnection test) {
    const ConfigDef& definition = subject_.source.config_def();
    ConfigErrors errors = definition.validate(subject_.resolved);
    if (subject_.source.check != nullptr) subject_.source.check(subject_.resolved, errors);
    if (test == TestConnection::yes) {
      const std::size_t found = errors.size();
      subject_.source.validate(subject_.resolved, errors);
      for (std::size_t i = found; i < errors.size(); ++i) errors[i].text += open_references();
    }
    // Debezium gives no values back, only what is wrong with them.
    for (const ConfigKey& key : definition.keys()) {
      ConfigVerdict verdict{.definition = key, .name = key.name};
      for (ConfigError& error : errors)
        if (error.name == key.name) verdict.errors.push_back(std::move(error.text));
      add(std::move(verdict));
    }
    for (ConfigError& error : errors)
      if (definition.find(error.name) == nullptr) without_definition(error.name, std::move(error.text));
  }

  // A reference that nobody answered stays as it is, as in Connect. When the connection then fails, it is the likely reason.
  std::string open_references() const {
    std::string out;
    for (const auto& [name, value] : subject_.resolved.entries())
      if (ConfigProviders::has_reference(value))
        out += ". The setting '" + name + "' still holds a reference ${provider:path:key} that no config provider has answered: look at "
               "config.providers of the worker, at the path and its allowed.paths, and at the key (a file with the bare value is "
               "read by DirectoryConfigProvider, not by FileConfigProvider)";
    return out;
  }

  // Connect lists these before all others.
  void without_definition(const std::string& name, std::string error) {
    if (ConfigVerdict* known = find(name)) {
      known->errors.push_back(std::move(error));
      return;
    }
    result_.verdicts.insert(result_.verdicts.begin() + undefined_++,
                            ConfigVerdict{.definition = {}, .name = name, .value = {}, .errors = {std::move(error)}});
  }

  // A null of a connector's own setting is as if it were absent: its definition hides Connect's error.
  void nulls_without_definition() {
    for (const auto& [name, value] : subject_.raw)
      if (!value && find(name) == nullptr) without_definition(name, std::string{k_null_value});
  }

  // connector.client.config.override.policy: All, None, Principal, or the class of one of them.
  void overrides() {
    std::string policy = subject_.worker.settings.get("connector.client.config.override.policy", "All");
    policy = policy.substr(policy.rfind('.') + 1);
    if (const auto suffix = policy.find("ConnectorClientConfigOverridePolicy"); suffix != std::string::npos)
      policy.erase(suffix);
    if (policy == "All") return;
    for (const std::string_view prefix : {"producer.override.", "admin.override."})
      for (const auto& [name, value] : subject_.raw) {
        if (!name.starts_with(prefix)) continue;
        const std::string setting = name.substr(prefix.size());
        if (policy == "Principal" &&
            (setting == "sasl.jaas.config" || setting == "sasl.mechanism" || setting == "security.protocol"))
          continue;
        add({.definition = {}, .name = name, .value = {},
             .errors = {"The '" + policy + "' policy does not allow '" + setting +
                        "' to be overridden in the connector configuration."}});
      }
  }

  // What a config provider answered must not come out in an error: the reference stands in its place.
  void hide_secrets() {
    for (const auto& [name, given] : subject_.given.entries()) {
      const std::string& secret = subject_.resolved.entries().at(name);
      if (secret == given || secret.empty()) continue;
      for (ConfigVerdict& verdict : result_.verdicts) {
        if (verdict.name != name && secret.size() < k_secret_size_min) continue;
        for (std::string& error : verdict.errors)
          for (std::size_t at = 0; (at = error.find(secret, at)) != std::string::npos; at += given.size())
            error.replace(at, secret.size(), given);
      }
    }
  }

  Subject subject_;
  ValidationResult result_;
  std::ptrdiff_t undefined_ = 0;   // verdicts without a definition, which stand first
};

// Java's Map.toString, secrets masked.
std::string shown(const RawConfig& config) {
  std::string out = "{";
  for (const auto& [name, value] : config) {
    if (out.size() > 1) out += ", ";
    out += name + "=" + (value ? masked(name, *value) : "null");
  }
  return out + "}";
}

std::string available_connectors() {
  std::string out;
  for (const SourceRegistration& source : source_registry()) {
    if (!out.empty()) out += ", ";
    out += std::string{source.connector_class} + " " + std::string{source.version};
  }
  return out;
}

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

}  // namespace

Reply<ValidationResult> validate_connector(const std::string& connector, const RawConfig& config,
                                           const WorkerConfig& worker, TestConnection test) {
  Config given;
  for (const auto& [name, value] : config)
    if (value) given.set(name, *value);
  auto resolved = worker.providers.resolve(given);
  if (!resolved) {
    logger("org.apache.kafka.connect.runtime.AbstractHerder")->error("{}: {}", connector, resolved.error().text);
    return std::unexpected{RestError{500, resolved.error().text}};
  }
  const std::string* class_name = resolved->find("connector.class");
  if (class_name == nullptr)
    return std::unexpected{RestError{400, "Connector config " + shown(config) + " contains no connector type"}};
  const std::string& shown_class = *given.find("connector.class");
  const SourceRegistration* source = find_connector_class(trimmed(*class_name));
  if (source == nullptr)
    return std::unexpected{RestError{500, "Failed to find any class that implements Connector and which name matches " +
                                              shown_class + ", available connectors are: " + available_connectors()}};
  ValidationResult result;
  result.name = shown_class;
  return Validation{Subject{.raw = config, .given = std::move(given), .resolved = std::move(*resolved),
                            .worker = worker, .source = *source},
                    std::move(result)}
      .run(test);
}

std::vector<std::string> errors_of(const ValidationResult& result) {
  std::vector<std::string> errors;
  for (const ConfigVerdict& verdict : result.verdicts)
    errors.insert(errors.end(), verdict.errors.begin(), verdict.errors.end());
  return errors;
}

std::string invalid_config_message(const ValidationResult& result) {
  std::string text = "Connector configuration is invalid and contains the following " +
                     std::to_string(result.error_count) + " error(s):\n";
  for (const std::string& error : errors_of(result)) text += error + "\n";
  return text + "You can also find the above list of errors at the endpoint "
                "`/connector-plugins/{connectorType}/config/validate`";
}

const SourceRegistration* find_connector_class(std::string_view name) {
  if (const SourceRegistration* exact = find_source(name)) return exact;
  for (const SourceRegistration& source : source_registry()) {
    const std::string_view simple = source.connector_class.substr(source.connector_class.rfind('.') + 1);
    if (name == simple || name == without_suffix(simple, "Connector")) return &source;
  }
  return nullptr;
}

}  // namespace millrace
