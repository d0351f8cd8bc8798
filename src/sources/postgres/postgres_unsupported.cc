#include "sources/postgres/postgres_unsupported.h"

#include <array>
#include <string>
#include <string_view>

#include "core/letters.h"

namespace millrace::postgres {
namespace {

// `fine`: the value, in lower case, that means what millrace does anyway; empty: every value is refused.
struct Option {
  std::string_view name;
  std::string_view fine{};
};

constexpr std::array k_options{
    Option{"signal.data.collection"},
    Option{"notification.enabled.channels"},
};

void refuse(std::string_view name, std::string_view what, ConfigErrors& errors) {
  errors.push_back({std::string{name}, "The '" + std::string{name} + "' value is invalid: this version of millrace "
                                       "does not support " + std::string{what} + " yet; remove it, or run this "
                                       "connector on Kafka Connect for now"});
}

}  // namespace

void refuse_unsupported(const Config& config, ConfigErrors& errors) {
  for (const Option& option : k_options) {
    const std::string value = lower(trimmed(config.get(option.name)));
    if (!value.empty() && value != option.fine) refuse(option.name, "this option", errors);
  }
}

}  // namespace millrace::postgres
