// Certificates and private keys in the forms in which files hold them: PEM, DER (PKCS-8 for keys, also encrypted),
// PKCS-12 stores (RFC 7292) and Java's own JKS stores. All become PEM.
// Threads: any. Errors: a fault says what is wrong; the caller knows the option and the file. No text holds a password.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

enum class CredentialFault : std::uint8_t {
  malformed,     // not of this form
  locked,        // encrypted, or sealed, and the password is not the right one
  unsupported,   // encrypted in a way that OpenSSL does not read
};
template <typename T>
using CredentialResult = std::expected<T, CredentialFault>;

enum class CredentialForm : std::uint8_t { pem, pkcs12, jks, jceks, unknown };   // pkcs12: or other DER
CredentialForm credential_form(std::string_view bytes);

// What a store holds.
struct StoreContent {
  std::string certificates;   // PEM; those of the key come first, its own before all
  std::string key;            // PEM, not encrypted; empty: the store has none
};
CredentialResult<StoreContent> read_pkcs12(const std::string& bytes, const std::string& password);
// Key and store have one password, as keytool has it by default. An empty one reads the certificates unchecked, as Java does.
CredentialResult<StoreContent> read_jks(std::string_view bytes, const std::string& password);
// Either, as its content says.
CredentialResult<StoreContent> read_key_store(const std::string& bytes, const std::string& password);

// All certificates, PEM or DER; empty: there are none.
std::string certificates_as_pem(const std::string& bytes);
// The first private key, PEM or DER.
CredentialResult<std::string> key_as_pem(const std::string& bytes, const std::string& password);
// Both PEM: is it the key of the first certificate?
bool is_key_of(const std::string& key, const std::string& certificates);

// Of at most 16 MiB: a bundle of all the world's authorities has less than one. None: there is no such file.
// The error's text is the reason alone.
Result<std::optional<std::string>> read_credential_file(const std::string& path);

}  // namespace millrace
