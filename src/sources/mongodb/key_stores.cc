#include "sources/mongodb/key_stores.h"

#include <string>
#include <string_view>

#include "core/credentials.h"
#include "core/letters.h"
#include "sources/mongodb/client.h"

namespace millrace::mongodb {
namespace {

constexpr const char* k_keystore = "mongodb.ssl.keystore";
constexpr const char* k_truststore = "mongodb.ssl.truststore";

std::unexpected<Error> store_refused(std::string text) {
  return std::unexpected{Error{.text = std::move(text), .retry = Retry::yes, .attempts_max = k_refusals_max,
                               .exception = std::string{k_debezium_exception}}};
}

struct Store {
  std::string option, path, password, bytes;
  CredentialForm form = CredentialForm::unknown;

  std::string named() const { return option + "=" + path; }
  std::unexpected<Error> wrong(const std::string& what) const { return store_refused(named() + ": " + what); }
  std::unexpected<Error> wrong(CredentialFault fault) const {
    switch (fault) {
      case CredentialFault::malformed: return wrong("the file is damaged");
      case CredentialFault::unsupported: return wrong("it is encrypted in a way that OpenSSL does not read; give its content as a PEM file");
      case CredentialFault::locked: break;
    }
    return wrong(password.empty() ? "it is encrypted; set " + option + ".password" : option + ".password does not open it");
  }
};

Result<std::optional<Store>> read_store(const Config& config, const char* option) {
  Store out{.option = option, .path = std::string{trimmed(config.get(option))}};
  if (out.path.empty()) return std::nullopt;
  out.password = config.get(out.option + ".password");
  auto bytes = read_credential_file(out.path);
  if (!bytes) return out.wrong("the file cannot be read: " + bytes.error().text);
  if (!*bytes) return out.wrong("there is no such file");
  out.bytes = std::move(**bytes);
  out.form = credential_form(out.bytes);
  if (out.form == CredentialForm::unknown || out.form == CredentialForm::jceks)
    return out.wrong("this is neither a PEM file nor a PKCS12 or JKS store; convert it with 'keytool -importkeystore -srckeystore old -destkeystore "
                     "new.p12 -deststoretype PKCS12'");
  return out;
}

Result<StoreContent> keystore_content(const Store& store) {
  StoreContent out;
  if (store.form != CredentialForm::pem) {
    auto content = read_key_store(store.bytes, store.password);
    if (!content) return store.wrong(content.error());
    out = std::move(*content);
  } else {
    out.certificates = certificates_as_pem(store.bytes);
    auto key = key_as_pem(store.bytes, store.password);
    if (!key && key.error() == CredentialFault::locked) return store.wrong(key.error());
    if (key) out.key = std::move(*key);
  }
  if (out.key.empty() && store.form == CredentialForm::jks && store.password.empty()) return store.wrong(CredentialFault::locked);
  if (out.key.empty() || out.certificates.empty()) return store.wrong("it must hold the client's private key and its certificate");
  if (!is_key_of(out.key, out.certificates)) return store.wrong("its private key is not that of its first certificate");
  return out;
}

void check_one(const Config& config, const std::string& option, const auto& loaded, ConfigErrors& errors) {
  const std::string type = upper(trimmed(config.get(option + ".type", "PKCS12")));
  if (type != "PKCS12" && type != "JKS" && type != "PEM")
    errors.push_back({option + ".type", "The '" + option + ".type' value is invalid: Value must be one of PKCS12, JKS, PEM"});
  if (!loaded) errors.push_back({option, "The '" + option + "' value is invalid: " + loaded.error().text});
}

}  // namespace

Result<std::optional<MemoryFile>> load_truststore(const Config& config) {
  MR_TRY(const auto store, read_store(config, k_truststore));
  if (!store) return std::nullopt;
  std::string certificates;
  if (store->form == CredentialForm::pem) {
    certificates = certificates_as_pem(store->bytes);
  } else {
    auto content = read_key_store(store->bytes, store->password);
    if (!content) return store->wrong(content.error());
    certificates = std::move(content->certificates);
  }
  if (certificates.empty()) return store->wrong("it holds no certificate");
  return MemoryFile::of(certificates);
}

Result<std::optional<MemoryFile>> load_keystore(const Config& config) {
  MR_TRY(const auto store, read_store(config, k_keystore));
  if (!store) return std::nullopt;
  MR_TRY(const StoreContent content, keystore_content(*store));
  return MemoryFile::of(content.certificates + content.key);
}

void check_key_stores(const Config& config, ConfigErrors& errors) {
  check_one(config, k_keystore, load_keystore(config), errors);
  check_one(config, k_truststore, load_truststore(config), errors);
}

}  // namespace millrace::mongodb
