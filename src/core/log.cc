#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <mutex>
#include <utility>

#include "core/letters.h"

namespace millrace {
namespace {

// What is set, and the lock under which loggers are made and levels change: none is made with a level of before.
struct Levels {
  std::mutex mutex;
  std::map<std::string, LogLevel, std::less<>> by_name;   // the root's under ""
};

Levels& levels() {
  static Levels all;
  return all;
}

bool is_below(std::string_view name, std::string_view space) {
  return space.empty() || name == space || (name.starts_with(space) && name[space.size()] == '.');
}

// With the lock held. `fallback`: where nothing is set.
LogLevel level_for(std::string_view category, LogLevel fallback) {
  const auto& by_name = levels().by_name;
  for (std::string_view name = category;; name = name.substr(0, name.rfind('.'))) {
    if (const auto at = by_name.find(name); at != by_name.end()) return at->second;
    if (name.find('.') == name.npos) break;
  }
  const auto root = by_name.find("");
  return root != by_name.end() ? root->second : fallback;
}

void apply() {
  const auto root = spdlog::default_logger();
  if (const auto at = levels().by_name.find(""); at != levels().by_name.end()) root->set_level(at->second);
  spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& one) {   // under the registry's lock: no default_logger()
    if (one != root) one->set_level(level_for(one->name(), root->level()));
  });
}

}  // namespace

void start_logging() {
  auto root = spdlog::stdout_logger_mt("root");
  root->set_pattern("[%Y-%m-%d %H:%M:%S,%e] %^%l%$ %v (%n)");
  root->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(root));
}

std::shared_ptr<spdlog::logger> logger(std::string_view category) {
  const std::string name{category};
  if (auto known = spdlog::get(name)) return known;
  const std::scoped_lock lock{levels().mutex};
  if (auto known = spdlog::get(name)) return known;   // another thread was first
  auto made = spdlog::default_logger()->clone(name);
  made->set_level(level_for(name, made->level()));
  spdlog::register_logger(made);
  return made;
}

void set_log_level(std::string_view name, LogLevel level) {
  const std::scoped_lock lock{levels().mutex};
  std::erase_if(levels().by_name, [&](const auto& entry) { return is_below(entry.first, name); });
  levels().by_name.emplace(name, level);
  const auto root = spdlog::default_logger();
  if (name.empty()) root->set_level(level);
  spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& one) {
    if (one != root && is_below(one->name(), name)) one->set_level(level);
  });
}

void set_log_levels(std::map<std::string, LogLevel, std::less<>> all) {
  const std::scoped_lock lock{levels().mutex};
  levels().by_name = std::move(all);
  apply();
}

std::optional<LogLevel> log_level_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 8> k_levels{{
      {"trace", spdlog::level::trace}, {"debug", spdlog::level::debug}, {"info", spdlog::level::info},
      {"warn", spdlog::level::warn},   {"error", spdlog::level::err},   {"fatal", spdlog::level::critical},
      {"off", spdlog::level::off},     {"all", spdlog::level::trace},
  }};
  const std::string small = lower(word);
  for (const auto& [name, level] : k_levels)
    if (name == small) return level;
  return std::nullopt;
}

std::string masked(std::string_view setting, std::string_view value) {
  const std::string name = lower(setting);
  for (const std::string_view word : {"password", "secret", "jaas", "token", "credential", "basic.auth.user.info",
                                      "ssl.keystore.key", "connection.string"})
    if (name.find(word) != std::string::npos) return "********";
  return std::string{value};
}

}  // namespace millrace
