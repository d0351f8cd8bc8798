// Config is a connector's or worker's settings: names to texts, with typed reads.
// ConfigDef lists the settings that a source knows: what documentation, validation and REST need of each.
// Threads: plain values. Texts of errors are Kafka Connect's and Debezium's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace millrace {

class Config {
 public:
  Config() = default;
  explicit Config(std::map<std::string, std::string, std::less<>> entries) : entries_{std::move(entries)} {}

  const std::string* find(std::string_view name) const {
    const auto at = entries_.find(name);
    return at == entries_.end() ? nullptr : &at->second;
  }
  std::string get(std::string_view name, std::string_view fallback = "") const {
    const std::string* text = find(name);
    return text == nullptr ? std::string{fallback} : *text;
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  void set(std::string name, std::string text) { entries_[std::move(name)] = std::move(text); }
  const std::map<std::string, std::string, std::less<>>& entries() const { return entries_; }

  // A text that does not parse gives the fallback: validation has refused it before a task starts.
  bool boolean(std::string_view name, bool fallback) const;           // trimmed, any case
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;  // trimmed
  std::vector<std::string> list(std::string_view name) const;         // at commas, trimmed, no empty parts
  Config with_prefix_stripped(std::string_view prefix) const;         // entries below a prefix, without it

  bool operator==(const Config&) const = default;

 private:
  std::map<std::string, std::string, std::less<>> entries_;
};

struct ConfigError {
  std::string name;   // of the setting
  std::string text;   // whole, as REST shows it
};
using ConfigErrors = std::vector<ConfigError>;
// In Debezium's words: "The 'x' value is invalid: <problem>".
ConfigError invalid_option(std::string_view name, const std::string& problem);

enum class ConfigType : std::uint8_t { boolean, string, int16, int32, int64, float64, list, class_name, password };
enum class Importance : std::uint8_t { high, medium, low };
enum class Width : std::uint8_t { none, narrow, medium, wide };   // NONE SHORT MEDIUM LONG

// Kafka's validator of a setting: sees the value after it parsed (LIST: its parts, joined by commas), null where there is
// none or it did not parse, and gives the whole text of what is wrong with it, or nothing. core/config_values.h has the
// usual ones. `name` is the setting's own, without the prefix of a transform's alias.
using ConfigValidator = std::function<std::string(const std::string& name, const std::string* value)>;

// One setting. Debezium's checks read "The '<name>' value is invalid: <problem>"; `check` gives <problem>s.
struct ConfigKey {
  std::string name;
  ConfigType type = ConfigType::string;
  bool required = false;                           // Connect's "required": no default
  std::optional<std::string> default_text{};       // as REST prints it
  Importance importance = Importance::medium;
  std::string documentation{};
  std::string group{};
  int order = -1;
  Width width = Width::medium;
  std::string display_name{};                      // empty: REST's null
  std::vector<std::string> allowed{};              // enums: recommended_values, in REST's order
  std::vector<std::string> (*check)(const Config& config, const ConfigKey& key) = nullptr;
  std::vector<std::string> dependents{};           // as REST lists them
  bool visible = true;                             // REST's "visible": false where another option replaces this one
  ConfigValidator validator{};                     // options of transforms, predicates and Connect's own; null: none
};

class ConfigDef {
 public:
  explicit ConfigDef(std::vector<ConfigKey> keys) : keys_{std::move(keys)} {}
  const std::vector<ConfigKey>& keys() const { return keys_; }
  const ConfigKey* find(std::string_view name) const;
  // Runs every key's check; the texts are complete ("The 'x' value is invalid: ...").
  ConfigErrors validate(const Config& config) const;

 private:
  std::vector<ConfigKey> keys_;
};

}  // namespace millrace
