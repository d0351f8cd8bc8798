// References in settings, and the regular expressions of filters: any text is answered, and a reference that nobody
// answers stays as it is.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/config_providers.h"
#include "core/java_regex.h"

namespace {

millrace::ConfigProviders providers() {
  return millrace::ConfigProviders::create(
             millrace::Config{{{"config.providers", "e"},
                               {"config.providers.e.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider"},
                               {"config.providers.e.param.allowlist.pattern", "MILLRACE_FUZZ_.*"}}})
      .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  static const millrace::ConfigProviders none;
  static const millrace::ConfigProviders environment = providers();
  const auto unchanged = none.resolve(text);
  if (!unchanged || *unchanged != text) std::abort();
  const auto resolved = environment.resolve(text);
  if (resolved && !millrace::ConfigProviders::has_reference(text) && *resolved != text) std::abort();

  const std::size_t half = size / 2;
  if (const auto list = millrace::RegexList::compile(text.substr(0, half)))
    (void)list->matches_any(text.substr(half));
  if (const auto regex = millrace::JavaRegex::compile(text.substr(0, half)))
    (void)regex->replace_first(text.substr(half), "$0\\$");
  return 0;
}
