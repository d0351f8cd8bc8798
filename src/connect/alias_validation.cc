#include "connect/alias_validation.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "connect/transform_chain.h"
#include "core/config_values.h"
#include "core/letters.h"
#include "transform/registry.h"

namespace millrace {
namespace {

enum class Kind { transform, predicate };

bool is_of(Kind kind, const TransformClass& candidate) {
  return kind == Kind::transform ? candidate.make_transform != nullptr : candidate.make_predicate != nullptr;
}

std::vector<std::string> class_names(Kind kind, const SourceRegistration& source) {
  std::vector<std::string> names;
  for (const auto& classes : {transform_registry(), source.transforms})
    for (const TransformClass& candidate : classes)
      if (is_of(kind, candidate)) names.emplace_back(candidate.class_name);
  std::ranges::sort(names);
  return names;
}

// What ConfigDef.sortedConfigs gives: by group (Debezium's, in order of appearance; without one first), place in it,
// required ones first, importance, name.
std::vector<ConfigKey> in_order(std::vector<ConfigKey> keys) {
  std::vector<std::string> groups;
  for (const ConfigKey& key : keys)
    if (!key.group.empty() && std::ranges::find(groups, key.group) == groups.end()) groups.push_back(key.group);
  const auto place = [&](const ConfigKey& key) {
    const auto group = key.group.empty() ? -1 : std::ranges::find(groups, key.group) - groups.begin();
    return std::tuple{group, key.order, !key.required, static_cast<int>(key.importance), std::string_view{key.name}};
  };
  std::ranges::sort(keys, {}, place);
  return keys;
}

class AliasValidation {
 public:
  AliasValidation(Kind kind, const CheckedSettings& settings, const SourceRegistration& source)
      : kind_{kind}, settings_{settings}, source_{source} {}

  std::vector<ConfigVerdict> run() && {
    std::vector<std::string> seen;
    for (const std::string& alias : list_parts(settings_.resolved.get(setting()))) {
      if (std::ranges::find(seen, alias) != seen.end()) continue;
      seen.push_back(alias);
      add(alias);
    }
    return std::move(verdicts_);
  }

 private:
  std::string setting() const { return kind_ == Kind::transform ? "transforms" : "predicates"; }
  std::string kind_name() const { return kind_ == Kind::transform ? "Transformation" : "Predicate"; }

  void add(const std::string& alias) {
    const std::string prefix = setting() + "." + alias + ".";
    const std::string group = (kind_ == Kind::transform ? "Transforms: " : "Predicates: ") + alias;
    const TransformClass* found = nullptr;
    verdicts_.push_back(type_verdict(alias, prefix, group, found));
    if (found == nullptr) return;
    int order = 1;
    for (ConfigKey key : in_order(keys_of(*found))) {
      key.order = order++;
      key.group = group + (key.group.empty() ? "" : ": " + key.group);
      verdicts_.push_back(settings_.verdict_of(key, prefix));
    }
  }

  ConfigVerdict type_verdict(const std::string& alias, const std::string& prefix, const std::string& group,
                             const TransformClass*& found) const {
    const ConfigKey type{.name = "type", .type = ConfigType::class_name, .required = true, .importance = Importance::high,
                         .documentation = "Class for the '" + alias + "' " + lower(kind_name()) + ".", .group = group,
                         .order = 0, .width = Width::wide, .display_name = kind_name() + " type for " + alias,
                         .allowed = class_names(kind_, source_)};
    ConfigVerdict verdict = settings_.verdict_of(type, prefix);
    if (const std::string* name = settings_.resolved.find(verdict.name)) find_class(*name, verdict, found);
    if (kind_ == Kind::transform && settings_.has(prefix + "negate") && !settings_.has(prefix + "predicate"))
      verdict.errors.push_back("Config '" + prefix + "negate' was provided but there is no config '" + prefix +
                               "predicate' defining a predicate to be negated.");
    else if (found != nullptr && !is_of(kind_, *found))
      verdict.errors.push_back("Class class " + std::string{found->class_name} + " does not implement the " + kind_name() +
                               " interface");
    if (found != nullptr && !is_of(kind_, *found)) found = nullptr;
    return verdict;
  }

  void find_class(const std::string& name, ConfigVerdict& verdict, const TransformClass*& found) const {
    found = find_transform(trimmed(name), source_);
    if (found == nullptr) {
      verdict.value.reset();
      verdict.errors.push_back(invalid_value(name, verdict.name, missing_class(name)));
    } else if (name == settings_.given.get(verdict.name)) {
      verdict.value = found->class_name;
    }
  }

  // Every transform has a predicate, which hides an option of the class with the same name.
  std::vector<ConfigKey> keys_of(const TransformClass& found) const {
    std::vector<ConfigKey> keys;
    if (kind_ == Kind::transform) {
      keys.push_back({.name = "predicate", .importance = Importance::medium,
                      .documentation = "Alias of the predicate that says to which records this transformation applies.",
                      .width = Width::none, .display_name = "predicate"});
      keys.push_back({.name = "negate", .type = ConfigType::boolean, .default_text = "false", .importance = Importance::medium,
                      .documentation = "Apply this transformation where the predicate is false.",
                      .width = Width::none, .display_name = "negate"});
    }
    for (const ConfigKey& key : found.config_def().keys())
      if (std::ranges::find(keys, key.name, &ConfigKey::name) == keys.end()) keys.push_back(key);
    return keys;
  }

  Kind kind_;
  const CheckedSettings& settings_;
  const SourceRegistration& source_;
  std::vector<ConfigVerdict> verdicts_;
};

}  // namespace

std::vector<ConfigVerdict> validate_aliases(const CheckedSettings& settings, const SourceRegistration& source) {
  std::vector<ConfigVerdict> verdicts = AliasValidation{Kind::transform, settings, source}.run();
  for (ConfigVerdict& verdict : AliasValidation{Kind::predicate, settings, source}.run()) verdicts.push_back(std::move(verdict));
  return verdicts;
}

}  // namespace millrace
