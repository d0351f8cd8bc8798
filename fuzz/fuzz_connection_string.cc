// mongodb.connection.string and its options come from configurations: taking them apart ends, what is accepted can be
// written and read again, and neither an error nor the masked text holds the password.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sources/mongodb/connection_string.h"
#include "sources/mongodb/mongodb_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  static_cast<void>(mongodb::masked_connection_string(text));
  if (const auto parsed = mongodb::parse_connection_string(text)) {
    const auto again = mongodb::parse_connection_string(parsed->text());
    if (!again || again->user != parsed->user || again->password != parsed->password || again->hosts != parsed->hosts ||
        again->database != parsed->database || again->options != parsed->options)
      std::abort();
  }

  constexpr std::string_view k_password = "s3cr3t-p4ssw0rd";
  if (text.find(k_password) != std::string_view::npos) return 0;   // then it also stands where it is no password
  const std::string with_password = "mongodb://root:" + std::string{k_password} + "@" + std::string{text};
  if (mongodb::masked_connection_string(with_password).find(k_password) != std::string::npos) std::abort();
  Config config;
  config.set("mongodb.connection.string", with_password);
  config.set("mongodb.user", std::string{text.substr(0, size / 2)});
  config.set("mongodb.password", std::string{text.substr(size / 2)});
  const auto settings = mongodb::connection_settings(config);
  if (!settings && settings.error().text.find(k_password) != std::string::npos) std::abort();
  config.set("mongodb.connection.string", std::string{text});
  static_cast<void>(mongodb::connection_settings(config));
  return 0;
}
