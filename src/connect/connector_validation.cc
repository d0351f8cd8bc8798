#include "connect/connector_validation.h"

#include <algorithm>
#include <utility>

#include "connect/alias_validation.h"
#include "connect/setting_check.h"
#include "connect/topic_creation.h"
#include "core/config_values.h"
#include "core/java_hash.h"
#include "core/letters.h"
#include "core/log.h"
#include "format/converter.h"
#include "sources/registry.h"

namespace millrace {
namespace {

// A resolved value shorter than this is not looked for in other settings' errors: it would tear words apart.
constexpr std::size_t k_secret_size_min = 4;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (from.empty()) return;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

bool is_known_converter(std::string_view setting, std::string_view class_name) {
  return (setting == "header.converter" ? find_header_converter(class_name) : find_converter(class_name)) != nullptr;
}

// What is being validated.
struct Subject : CheckedSettings {
  const WorkerConfig& worker;
  const SourceRegistration& source;
};

class Validation {
 public:
  Validation(Subject subject, ValidationResult result) : subject_{std::move(subject)}, result_{std::move(result)} {}

  ValidationResult run(TestConnection test) && {
    framework();
    for (ConfigVerdict& verdict : validate_aliases(subject_, subject_.source)) add(std::move(verdict));
    exactly_once();
    topic_creation();
    connector(test);
    nulls_without_definition();
    overrides();
    converters();
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
    for (const ConfigKey& key : source_connector_config_def().keys()) {
      ConfigVerdict& verdict = add(subject_.verdict_of(key));
      if (key.type == ConfigType::class_name && verdict.value) converter_class(verdict);
    }
  }

  void converter_class(ConfigVerdict& verdict) {
    const std::string name = subject_.resolved.get(verdict.name);
    if (is_known_converter(verdict.name, trimmed(name))) return;
    verdict.value.reset();
    verdict.errors.push_back(invalid_value(name, verdict.name, missing_class(name)));
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

  // The options of a converter that the connector sets itself, in Connect's own form: their errors are without the prefix.
  // Those of the worker's converters were checked with its file.
  void converters() {
    for (const std::string setting : {"header.converter", "key.converter", "value.converter"}) {
      const ConfigVerdict* verdict = find(setting);
      const std::string* class_name = subject_.resolved.find(setting);
      if (class_name == nullptr || !verdict->errors.empty()) continue;
      const bool for_headers = setting == "header.converter";
      const ConverterClass* found = for_headers ? find_header_converter(trimmed(*class_name)) : find_converter(trimmed(*class_name));
      if (found != nullptr) converter_options(setting, *found);
    }
  }

  void converter_options(const std::string& setting, const ConverterClass& found) {
    const std::string prefix = setting + ".";
    const std::vector<ConfigKey>& keys = found.config_def().keys();
    std::vector<std::string> names;
    for (const ConfigKey& key : keys) names.push_back(key.name);
    bool good = true;
    for (const std::size_t i : java_hash_map_order(names)) {
      ConfigVerdict option{.definition = keys[i], .name = prefix + names[i]};
      option.definition->name = option.name;
      const bool is_type = names[i] == "converter.type";
      const std::string kind = setting.substr(0, setting.find('.'));
      const std::string* given = is_type ? &kind : subject_.resolved.find(option.name);
      CheckedValue checked = check_value(keys[i], "", given != nullptr, given);
      option.value = std::move(checked.value);
      option.errors = std::move(checked.errors);
      if (!is_type && given != nullptr && option.value && *given != subject_.given.get(option.name))
        option.value = subject_.given.get(option.name);
      good = good && option.errors.empty();
      add(std::move(option));
    }
    if (const auto made = found.create(subject_.resolved.with_prefix_stripped(prefix)); good && !made)
      find(setting)->errors.push_back(made.error().text);
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
      if (!value && find(name) == nullptr) without_definition(name, "Null value can not be supplied as the configuration value.");
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
        for (std::string& error : verdict.errors) {
          replace_all(error, secret, given);
          replace_all(error, java_list_text(list_parts(secret)), given);
          replace_all(error, std::string{trimmed(secret)}, given);
        }
      }
    }
  }

  Subject subject_;
  ValidationResult result_;
  std::ptrdiff_t undefined_ = 0;   // verdicts without a definition, which stand first
};

// Java's Map.toString, secrets masked.
std::string masked_text(const RawConfig& config) {
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
    return std::unexpected{RestError{400, "Connector config " + masked_text(config) + " contains no connector type"}};
  const std::string& shown_class = *given.find("connector.class");
  const SourceRegistration* source = find_connector_class(trimmed(*class_name));
  if (source == nullptr)
    return std::unexpected{RestError{500, "Failed to find any class that implements Connector and which name matches " +
                                              shown_class + ", available connectors are: " + available_connectors()}};
  ValidationResult result;
  result.name = shown_class;
  return Validation{Subject{{.raw = config, .given = std::move(given), .resolved = std::move(*resolved)}, worker, *source},
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
