#include "core/config_providers.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "core/file_content.h"
#include "core/java_hash.h"
#include "core/java_regex.h"
#include "core/kubernetes_objects.h"
#include "core/log.h"
#include "core/properties.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_log = "org.apache.kafka.common.config.provider";

// What of a text `${provider:[path:]key}` takes: the first colon ends the provider, the second the path.
struct Reference {
  std::size_t begin = 0, end = 0;   // of the whole, braces included
  std::string_view provider, path, key;
};

// The next match of \$\{([^}]*?):(([^}]*?):)?([^}]*?)\} from `from` on.
std::optional<Reference> next_reference(std::string_view text, std::size_t from) {
  for (auto open = text.find("${", from); open != std::string_view::npos; open = text.find("${", open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(open + 2, close - open - 2);
    const auto first = inside.find(':');
    if (first == std::string_view::npos) continue;
    Reference out{.begin = open, .end = close + 1, .provider = inside.substr(0, first)};
    const std::string_view rest = inside.substr(first + 1);
    const auto second = rest.find(':');
    if (second != std::string_view::npos) out.path = rest.substr(0, second);
    out.key = second == std::string_view::npos ? rest : rest.substr(second + 1);
    return out;
  }
  return std::nullopt;
}

// `a/b` is inside `a`, `ab` is not. Both are normal paths.
bool is_inside(const fs::path& path, const fs::path& directory) {
  const auto [end_of_directory, at] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end_of_directory == directory.end() ||
         (std::next(end_of_directory) == directory.end() && end_of_directory->empty());
}

struct AllowedPaths {
  bool any = true;
  std::vector<fs::path> directories;

  bool allow(std::string_view path) const {
    if (any) return true;
    const fs::path normal = fs::path{path}.lexically_normal();
    return std::ranges::any_of(directories, [&](const fs::path& directory) { return is_inside(normal, directory); });
  }
};

Result<AllowedPaths> allowed_paths(const Config& parameters, std::string_view alias) {
  AllowedPaths out;
  for (const std::string& text : parameters.list("allowed.paths")) {
    const fs::path path = fs::path{text}.lexically_normal();
    if (!path.is_absolute())
      return fail("config.providers." + std::string{alias} + ".param.allowed.paths: Path " + path.string() +
                      " is not absolute", Retry::no, k_config_exception);
    out.any = false;
    out.directories.push_back(path);
  }
  return out;
}

// What a provider answers: the value, or nothing, which leaves the reference as it is.
using Answer = Result<std::optional<std::string>>;

class Provider {
 public:
  virtual ~Provider() = default;
  virtual Answer get(std::string_view path, std::string_view key) const = 0;
};

class FileProvider final : public Provider {
 public:
  explicit FileProvider(AllowedPaths allowed) : allowed_{std::move(allowed)} {}

  Answer get(std::string_view path, std::string_view key) const override {
    if (path.empty()) return std::nullopt;
    if (!allowed_.allow(path)) {
      logger(k_log)->warn("The path {} is not allowed to be accessed", path);
      return std::nullopt;
    }
    const auto file = read_properties_file(std::string{path}, PropertiesEncoding::utf8);
    if (!file) {
      logger(k_log)->error("Could not read properties from file {}: {}", path, file.error().text);
      return fail("Could not read properties from file " + std::string{path}, Retry::no, k_config_exception);
    }
    const std::string* value = file->find(key);
    return value == nullptr ? std::nullopt : std::optional{*value};
  }

 private:
  AllowedPaths allowed_;
};

class DirectoryProvider final : public Provider {
 public:
  explicit DirectoryProvider(AllowedPaths allowed) : allowed_{std::move(allowed)} {}

  Answer get(std::string_view path, std::string_view key) const override {
    if (path.empty()) return std::nullopt;
    if (!allowed_.allow(path)) {
      logger(k_log)->warn("The path {} is not allowed to be accessed", path);
      return std::nullopt;
    }
    std::error_code error;
    if (!fs::is_directory(fs::path{path}, error)) {
      logger(k_log)->warn("The path {} is not a directory", path);
      return std::nullopt;
    }
    // The key is the name of a file in the directory itself, never a path.
    if (key.empty() || key == "." || key == ".." || key.find('/') != std::string_view::npos) return std::nullopt;
    const fs::path file = fs::path{path} / key;
    if (!fs::is_regular_file(file, error)) return std::nullopt;   // follows symbolic links, as Kubernetes makes them
    auto text = read_file(file);
    if (!text || !is_utf8(*text)) return fail("Could not read file " + file.string(), Retry::no, k_config_exception);
    return std::move(*text);
  }

 private:
  static bool is_utf8(std::string_view text) {
    while (!text.empty())
      if (!next_code_point(text).valid) return false;
    return true;
  }
  AllowedPaths allowed_;
};

class EnvironmentProvider final : public Provider {
 public:
  explicit EnvironmentProvider(std::optional<JavaRegex> allowed) : allowed_{std::move(allowed)} {}

  Answer get(std::string_view path, std::string_view key) const override {
    if (!path.empty())
      return fail("Path is not supported for EnvVarConfigProvider, invalid value '" + std::string{path} + "'",
                  Retry::no, k_config_exception);
    if (allowed_) {
      MR_TRY(const bool allowed, allowed_->matches(key));
      if (!allowed) return std::nullopt;
    }
    const char* value = std::getenv(std::string{key}.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  }

 private:
  std::optional<JavaRegex> allowed_;
};

class KubernetesProvider final : public Provider {
 public:
  explicit KubernetesProvider(KubernetesObject object) : object_{object} {}

  Answer get(std::string_view path, std::string_view key) const override {
    auto value = kubernetes_value(object_, path, key);
    if (value && !*value)   // the reference stays as it is, as with every provider
      logger(k_log)->warn("{} {} has no key {}", object_ == KubernetesObject::secret ? "Secret" : "ConfigMap", path, key);
    return value;
  }

 private:
  KubernetesObject object_;
};

enum class ProviderKind { file, directory, environment, kubernetes_secret, kubernetes_config_map };

std::optional<ProviderKind> kind_of(std::string_view class_name) {
  static constexpr std::array<std::pair<std::string_view, ProviderKind>, 6> k_classes{{
      {"org.apache.kafka.common.config.provider.FileConfigProvider", ProviderKind::file},
      {"org.apache.kafka.common.config.provider.DirectoryConfigProvider", ProviderKind::directory},
      {"org.apache.kafka.common.config.provider.EnvVarConfigProvider", ProviderKind::environment},
      {"io.strimzi.kafka.EnvVarConfigProvider", ProviderKind::environment},
      {"io.strimzi.kafka.KubernetesSecretConfigProvider", ProviderKind::kubernetes_secret},
      {"io.strimzi.kafka.KubernetesConfigMapConfigProvider", ProviderKind::kubernetes_config_map},
  }};
  for (const auto& [name, kind] : k_classes) {
    // Plugins may be named by their simple name too.
    if (class_name == name || class_name == name.substr(name.rfind('.') + 1)) return kind;
  }
  return std::nullopt;
}

Result<std::unique_ptr<Provider>> make_provider(const std::string& alias, const std::string& class_name,
                                                const Config& parameters) {
  const auto kind = kind_of(class_name);
  if (!kind)
    return fail("Invalid value " + class_name + " for configuration config.providers." + alias + ".class: Class " +
                    class_name + " could not be found. Available are FileConfigProvider, DirectoryConfigProvider and "
                    "EnvVarConfigProvider of org.apache.kafka.common.config.provider, and "
                    "KubernetesSecretConfigProvider, KubernetesConfigMapConfigProvider and EnvVarConfigProvider of "
                    "io.strimzi.kafka",
                Retry::no, k_config_exception);
  switch (*kind) {
    case ProviderKind::file: {
      MR_TRY(AllowedPaths allowed, allowed_paths(parameters, alias));
      return std::make_unique<FileProvider>(std::move(allowed));
    }
    case ProviderKind::directory: {
      MR_TRY(AllowedPaths allowed, allowed_paths(parameters, alias));
      return std::make_unique<DirectoryProvider>(std::move(allowed));
    }
    case ProviderKind::environment: {
      std::optional<JavaRegex> allowed;
      if (const std::string* pattern = parameters.find("allowlist.pattern")) {
        auto regex = JavaRegex::compile(*pattern);
        if (!regex)
          return fail("Invalid value " + *pattern + " for configuration config.providers." + alias +
                          ".param.allowlist.pattern: Could not compile regular expression: " + regex.error().text,
                      Retry::no, k_config_exception);
        allowed = std::move(*regex);
      }
      return std::make_unique<EnvironmentProvider>(std::move(allowed));
    }
    case ProviderKind::kubernetes_secret: return std::make_unique<KubernetesProvider>(KubernetesObject::secret);
    case ProviderKind::kubernetes_config_map: return std::make_unique<KubernetesProvider>(KubernetesObject::config_map);
  }
  std::unreachable();
}

}  // namespace

struct ConfigProviders::Impl {
  std::map<std::string, std::unique_ptr<Provider>, std::less<>> by_alias;
};

ConfigProviders::ConfigProviders() : impl_{std::make_unique<Impl>()} {}
ConfigProviders::~ConfigProviders() = default;
ConfigProviders::ConfigProviders(ConfigProviders&&) noexcept = default;
ConfigProviders& ConfigProviders::operator=(ConfigProviders&&) noexcept = default;

Result<ConfigProviders> ConfigProviders::create(const Config& worker) {
  ConfigProviders out;
  for (const std::string& alias : worker.list("config.providers")) {
    const std::string prefix = "config.providers." + alias + ".";
    const std::string* class_name = worker.find(prefix + "class");
    // Kafka Connect ignores an alias without a class: its references stay as they are.
    if (class_name == nullptr) {
      logger(k_log)->warn("config provider {} has no class: {}class is not set", alias, prefix);
      continue;
    }
    MR_TRY(auto provider, make_provider(alias, *class_name, worker.with_prefix_stripped(prefix + "param.")));
    out.impl_->by_alias[alias] = std::move(provider);
  }
  return out;
}

Result<Config> ConfigProviders::resolve(const Config& raw) const {
  Config out;
  for (const auto& [name, text] : raw.entries()) {
    auto value = resolve(text);
    if (!value) {
      Error error = std::move(value).error();
      error.text = name + ": " + error.text;
      return std::unexpected{std::move(error)};
    }
    out.set(name, std::move(*value));
  }
  return out;
}

Result<std::string> ConfigProviders::resolve(std::string_view text) const {
  std::string out;
  std::size_t from = 0;
  while (const auto reference = next_reference(text, from)) {
    out += text.substr(from, reference->begin - from);
    from = reference->end;
    const auto provider = impl_->by_alias.find(reference->provider);
    std::optional<std::string> value;
    if (provider != impl_->by_alias.end()) {
      MR_TRY(value, provider->second->get(reference->path, reference->key));
    }
    out += value ? std::string_view{*value} : text.substr(reference->begin, reference->end - reference->begin);
  }
  out += text.substr(from);
  return out;
}

bool ConfigProviders::has_reference(std::string_view text) { return next_reference(text, 0).has_value(); }

}  // namespace millrace
