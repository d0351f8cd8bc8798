#include "rest/log_levels.h"

#include <array>
#include <utility>

#include "core/letters.h"
#include "core/log.h"
#include "core/wall_clock.h"

namespace millrace {
namespace {

constexpr std::array<std::pair<std::string_view, spdlog::level::level_enum>, 7> k_levels{{
    {"TRACE", spdlog::level::trace}, {"DEBUG", spdlog::level::debug}, {"INFO", spdlog::level::info},
    {"WARN", spdlog::level::warn},   {"ERROR", spdlog::level::err},   {"FATAL", spdlog::level::critical},
    {"OFF", spdlog::level::off},
}};

bool is_root(std::string_view name) { return name.empty() || upper(name) == "ROOT"; }

// The default logger is the root, whatever it is called.
std::map<std::string, std::shared_ptr<spdlog::logger>> loggers() {
  std::map<std::string, std::shared_ptr<spdlog::logger>> out;
  const auto root = spdlog::default_logger();
  spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& one) {
    if (one != root && !one->name().empty()) out[one->name()] = one;
  });
  if (root) out["root"] = root;
  return out;
}

bool below(std::string_view name, std::string_view space) {
  return name == space || (name.starts_with(space) && name[space.size()] == '.');
}

}  // namespace

LoggerState LogLevels::state_of(const std::string& name, int level) const {
  LoggerState state{.level = "OFF", .last_modified_ms = std::nullopt};
  for (const auto& [word, value] : k_levels)
    if (value == level) state.level = word;
  if (const auto at = last_modified_ms_.find(name); at != last_modified_ms_.end()) state.last_modified_ms = at->second;
  return state;
}

std::map<std::string, LoggerState> LogLevels::all() const {
  const std::scoped_lock lock{mutex_};
  std::map<std::string, LoggerState> out;
  for (const auto& [name, one] : loggers())
    if (one->level() != spdlog::level::off) out.emplace(name, state_of(name, one->level()));
  return out;
}

std::optional<LoggerState> LogLevels::find(std::string_view name) const {
  const std::scoped_lock lock{mutex_};
  const auto known = loggers();
  const auto at = known.find(is_root(name) ? "root" : std::string{name});
  if (at == known.end()) return std::nullopt;
  return state_of(at->first, at->second->level());
}

// ALL is a word of configuration files only.
bool LogLevels::is_level(std::string_view level) { return upper(level) != "ALL" && log_level_of(level).has_value(); }

std::vector<std::string> LogLevels::set(std::string_view name, std::string_view level_word) {
  const std::scoped_lock lock{mutex_};
  const auto level = log_level_of(level_word).value_or(spdlog::level::info);
  const bool all = is_root(name);
  auto known = loggers();
  std::vector<std::string> changed;
  if (!all && !known.contains(std::string{name})) known.emplace(name, logger(name));
  const std::int64_t now = wall_clock_ms();
  for (const auto& [known_name, one] : known) {
    if (!all && !below(known_name, name)) continue;
    if (one->level() == level) continue;
    last_modified_ms_[known_name] = now;
    changed.push_back(known_name);   // in the map's order: sorted
  }
  set_log_level(all ? "" : name, level);   // of loggers made later too
  return changed;
}

}  // namespace millrace
