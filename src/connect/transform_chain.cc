#include "connect/transform_chain.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "core/config_values.h"
#include "core/letters.h"
#include "transform/registry.h"

namespace millrace {
namespace {

// Inner classes ("Cast$Value") have no simple name of their own.
bool has_name(const TransformClass& candidate, std::string_view name) {
  const std::string_view full = candidate.class_name;
  return full == name || (full.find('$') == std::string_view::npos && full.substr(full.rfind('.') + 1) == name);
}

Result<const TransformClass*> class_of(const std::string& setting, const Config& connector,
                                       const SourceRegistration& source) {
  if (!connector.has(setting + ".type")) return fail("Unknown configuration '" + setting + ".type'", Retry::no, k_config_exception);
  const std::string name{trimmed(connector.get(setting + ".type"))};
  if (const TransformClass* found = find_transform(name, source)) return found;
  return fail("Class " + name + ", which " + setting + ".type names, is not known", Retry::no, k_config_exception);
}

Result<std::shared_ptr<const Predicate>> make_predicate(const std::string& alias, const Config& connector,
                                                        const SourceRegistration& source) {
  const std::string setting = "predicates." + alias;
  MR_TRY(const TransformClass* found, class_of(setting, connector, source));
  if (found->make_predicate == nullptr)
    return fail(setting + ".type is " + std::string{found->class_name} + ", which is not a predicate", Retry::no, k_config_exception);
  MR_TRY(std::shared_ptr<const Predicate> predicate, found->make_predicate(connector.with_prefix_stripped(setting + ".")));
  return predicate;
}

}  // namespace

const TransformClass* find_transform(std::string_view name, const SourceRegistration& source) {
  for (const std::span<const TransformClass> classes : {transform_registry(), source.transforms})
    for (const TransformClass& candidate : classes)
      if (has_name(candidate, name)) return &candidate;
  return nullptr;
}

Result<TransformChain> TransformChain::create(const Config& connector, const SourceRegistration& source) {
  TransformChain chain;
  std::map<std::string, std::shared_ptr<const Predicate>> predicates;   // steps may share one
  for (const std::string& alias : list_parts(connector.get("transforms"))) {
    const std::string setting = "transforms." + alias;
    MR_TRY(const TransformClass* found, class_of(setting, connector, source));
    if (found->make_transform == nullptr)
      return fail(setting + ".type is " + std::string{found->class_name} + ", which is a predicate", Retry::no, k_config_exception);
    Step step;
    MR_TRY(step.transform, found->make_transform(connector.with_prefix_stripped(setting + ".")));
    if (const std::string* given = connector.find(setting + ".predicate")) {
      const std::string name{trimmed(*given)};
      std::shared_ptr<const Predicate>& predicate = predicates[name];
      if (!predicate) {
        MR_TRY(predicate, make_predicate(name, connector, source));
      }
      step.predicate = predicate;
      step.negate = connector.boolean(setting + ".negate", false);
    }
    chain.steps_.push_back(std::move(step));
  }
  return chain;
}

bool TransformChain::follows_plan() const {
  return std::ranges::all_of(steps_, [](const Step& step) {
    return step.transform->follows_plan() && (step.predicate == nullptr || step.predicate->follows_plan());
  });
}

Result<std::optional<ConnectRecord>> TransformChain::apply(ConnectRecord record) const {
  for (const Step& step : steps_) {
    if (step.predicate && step.predicate->test(record) == step.negate) continue;
    MR_TRY(std::optional<ConnectRecord> changed, step.transform->apply(std::move(record)));
    if (!changed) return std::nullopt;
    record = std::move(*changed);
  }
  return record;
}

Result<std::optional<ConnectRecord>> TransformChain::apply_next(const Record& record) {
  ConnectRecord tree = to_tree(record);
  if (record.tombstone) std::ranges::move(tombstone_headers_, std::back_inserter(tree.headers));
  tombstone_headers_.clear();
  if (!record.tombstone) tree.tombstone_headers = &tombstone_headers_;
  return apply(std::move(tree));
}

}  // namespace millrace
