// A connector's configuration, as a properties file: every check that needs no server, for both connectors. Each setting with
// an error has a text, and a configuration without errors makes its chain of transforms or says why not.
#include <cstdlib>
#include <string_view>

#include <spdlog/spdlog.h>

#include "connect/connector_validation.h"
#include "connect/transform_chain.h"
#include "core/log.h"
#include "core/properties.h"
#include "sources/postgres/column_mapping.h"
#include "sources/postgres/key_columns.h"

namespace {

using namespace millrace;

const WorkerConfig& worker() {
  static const WorkerConfig config{.mode = WorkerMode::standalone, .providers = ConfigProviders{}};
  return config;
}

void check(const Config& config) {
  RawConfig raw;
  for (const auto& [name, value] : config.entries()) raw.emplace_back(name, value);
  const auto result = validate_connector("x", raw, worker(), TestConnection::no);
  if (!result) {
    if (result.error().message.empty()) std::abort();
    return;
  }
  for (const std::string& error : errors_of(*result))
    if (error.empty()) std::abort();
  const SourceRegistration* source = find_connector_class(config.get("connector.class"));
  if (source == nullptr) return;
  if (const auto chain = TransformChain::create(config, *source); !chain && chain.error().text.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const bool quiet = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
  }();
  if (!quiet) return 0;
  auto config = parse_properties({reinterpret_cast<const char*>(data), size}, PropertiesEncoding::utf8);
  if (!config) return 0;
  static_cast<void>(postgres::ColumnMapping::create(*config));
  if (const auto keys = postgres::KeyColumns::create(*config))
    static_cast<void>(keys->of("public.users", {{.name = "id", .type_oid = 23}, {.name = "email", .type_oid = 25}}));
  if (config->has("connector.class")) {
    check(*config);
    return 0;
  }
  for (const char* name : {"PostgresConnector", "MongoDbConnector"}) {
    config->set("connector.class", name);
    check(*config);
  }
  return 0;
}
