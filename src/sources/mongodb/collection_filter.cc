#include <algorithm>
#include <array>
#include <utility>

#include "core/letters.h"
#include "core/log.h"
#include "sources/mongodb/mongodb_config.h"
#include "sources/mongodb/server_regex.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_log = "io.debezium.connector.mongodb.Filters";
constexpr std::array<std::string_view, 3> k_builtin{"admin", "config", "local"};

bool is_literal(const Config& config) { return lower(trimmed(config.get("filters.match.mode"))) == "literal"; }

// The list that counts: the include list where it names something. Null: neither does.
const std::string* list_of(const Config& config, const std::string& include, const std::string& exclude) {
  for (const std::string& name : {include, exclude})
    if (const std::string* text = config.find(name); text != nullptr && !config.list(name).empty()) return text;
  return nullptr;
}

// `always`: a name that is taken whatever the list says; empty: none.
std::string server_regex(const Config& config, const std::string& include, const std::string& exclude, const std::string& always) {
  const std::string* text = list_of(config, include, exclude);
  if (text == nullptr) return {};
  const bool including = text == config.find(include), literal = is_literal(config);
  const NameForm form = literal ? NameForm::literal : NameForm::regex;
  const std::vector<std::string> items = literal ? config.list(including ? include : exclude) : split_regex_list(*text);
  if (!including) return always.empty() ? server_exclude_regex(items, form) : std::string{};
  std::string regex = server_include_regex(items, form);
  if (regex.empty() || always.empty()) return regex;
  return "(?:" + regex + "|" + server_include_regex({always}, NameForm::literal) + ")";
}

// Every namespace that an include list of single ones takes; empty: it may take others.
std::vector<CollectionFilter::NamePair> single_namespaces(const Config& config, const std::string& always) {
  constexpr std::size_t k_names_max = 100;
  const std::string name = "collection.include.list";
  std::vector<std::string> items = is_literal(config) ? config.list(name) : split_regex_list(config.get(name));
  if (items.empty()) return {};
  if (!always.empty()) items.push_back(always);
  std::vector<CollectionFilter::NamePair> out;
  for (const std::string& item : items) {
    auto names = single_namespace(item);
    if (!names || out.size() == k_names_max) return {};
    out.push_back(std::move(*names));
  }
  return out;
}

}  // namespace

Result<CollectionFilter::NameList> CollectionFilter::NameList::create(const Config& config, const std::string& include,
                                                                      const std::string& exclude) {
  NameList out;
  const std::string* text = list_of(config, include, exclude);
  if (text == nullptr) return out;
  out.including = text == config.find(include);
  const std::string& name = out.including ? include : exclude;
  if (is_literal(config)) {
    for (const std::string& item : config.list(name)) out.literals.push_back(lower(item));
  } else {
    auto patterns = RegexList::compile(*text);
    if (!patterns) {
      Error error = std::move(patterns).error();
      error.text = name + ": " + error.text;
      return std::unexpected{std::move(error)};
    }
    out.patterns = std::move(*patterns);
  }
  out.empty = out.patterns.empty() && out.literals.empty();
  return out;
}

bool CollectionFilter::NameList::takes(const std::string& name) const {
  if (empty) return true;
  if (!literals.empty()) return (std::ranges::find(literals, lower(name)) != literals.end()) == including;
  const auto in_list = patterns.matches_any(name);
  if (!in_list) {
    logger(k_log)->error("{} is captured: {}", name, in_list.error().text);
    return true;
  }
  return *in_list == including;
}

Result<CollectionFilter> CollectionFilter::create(const Config& config) {
  CollectionFilter out;
  MR_TRY(out.databases_, NameList::create(config, "database.include.list", "database.exclude.list"));
  MR_TRY(out.collections_, NameList::create(config, "collection.include.list", "collection.exclude.list"));
  out.signal_collection_ = trimmed(config.get("signal.data.collection"));
  const std::string signal_database = out.signal_collection_.substr(0, out.signal_collection_.find('.'));
  out.server_databases_ = server_regex(config, "database.include.list", "database.exclude.list", signal_database);
  out.server_namespaces_ = server_regex(config, "collection.include.list", "collection.exclude.list", out.signal_collection_);
  out.server_names_ = single_namespaces(config, out.signal_collection_);
  return out;
}

bool CollectionFilter::takes_database(std::string_view database) const {
  if (std::ranges::find(k_builtin, database) != k_builtin.end()) return false;
  if (!signal_collection_.empty() && signal_collection_.starts_with(std::string{database} + ".")) return true;
  return databases_.takes(std::string{database});
}

bool CollectionFilter::takes(std::string_view database, std::string_view collection) const {
  if (std::ranges::find(k_builtin, database) != k_builtin.end()) return false;
  const std::string name = std::string{database} + "." + std::string{collection};
  if (!signal_collection_.empty() && name == signal_collection_) return true;
  return databases_.takes(std::string{database}) && collections_.takes(name);
}

}  // namespace millrace::mongodb
