#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include "core/letters.h"

namespace millrace {

void start_logging() {
  auto root = spdlog::stdout_logger_mt("root");
  root->set_pattern("[%Y-%m-%d %H:%M:%S,%e] %^%l%$ %v (%n)");
  root->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(root));
}

std::shared_ptr<spdlog::logger> logger(std::string_view category) {
  const std::string name{category};
  if (auto known = spdlog::get(name)) return known;
  auto made = spdlog::default_logger()->clone(name);
  try {
    spdlog::register_logger(made);
  } catch (const spdlog::spdlog_ex&) {   // another thread was first
    if (auto known = spdlog::get(name)) return known;
  }
  return made;
}

std::string masked(std::string_view setting, std::string_view value) {
  const std::string name = lower(setting);
  for (const std::string_view word : {"password", "secret", "jaas", "token", "credential", "basic.auth.user.info",
                                      "ssl.keystore.key", "connection.string"})
    if (name.find(word) != std::string::npos) return "********";
  return std::string{value};
}

}  // namespace millrace
