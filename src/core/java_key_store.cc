// JKS, the form that Java's keytool wrote until Java 8. Source: OpenJDK, sun.security.provider.JavaKeyStore and KeyProtector.
#include <openssl/evp.h>

#include <array>

#include "core/bytes.h"
#include "core/credentials.h"
#include "core/java_hash.h"
#include "core/openssl_handles.h"

namespace millrace {
namespace {

constexpr std::uint32_t k_magic = 0xFEEDFEED, k_key_entry = 1, k_certificate_entry = 2;
constexpr std::size_t k_digest_size = 20;   // SHA-1

std::string sha1(std::string_view first, std::string_view second, std::string_view third = {}) {
  const std::string all = std::string{first} + std::string{second} + std::string{third};
  std::array<unsigned char, k_digest_size> digest{};
  EVP_Digest(all.data(), all.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// As Java hashes a password: two bytes for each UTF-16 unit.
std::string password_bytes(const std::string& password) {
  std::string out;
  for (const char16_t unit : utf16_of(password)) (out += static_cast<char>(unit >> 8)) += static_cast<char>(unit & 0xFF);
  return out;
}

// The key's bytes are mixed with a chain of digests that begins with a salt; a digest of the plain bytes follows them.
CredentialResult<std::string> plain_key(std::string_view sealed, const std::string& password) {
  const auto* at = reinterpret_cast<const unsigned char*>(sealed.data());
  const SignaturePtr envelope{d2i_X509_SIG(nullptr, &at, static_cast<long>(sealed.size()))};
  if (!envelope) return std::unexpected{CredentialFault::malformed};
  const ASN1_OCTET_STRING* content = nullptr;
  X509_SIG_get0(envelope.get(), nullptr, &content);
  const std::string_view bytes{reinterpret_cast<const char*>(ASN1_STRING_get0_data(content)),
                               static_cast<std::size_t>(ASN1_STRING_length(content))};
  if (bytes.size() < 2 * k_digest_size) return std::unexpected{CredentialFault::malformed};
  std::string plain{bytes.substr(k_digest_size, bytes.size() - 2 * k_digest_size)};
  std::string mask{bytes.substr(0, k_digest_size)};
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i % k_digest_size == 0) mask = sha1(password, mask);
    plain[i] = static_cast<char>(plain[i] ^ mask[i % k_digest_size]);
  }
  if (sha1(password, plain) != bytes.substr(bytes.size() - k_digest_size)) return std::unexpected{CredentialFault::locked};
  return plain;
}

CredentialResult<std::string> key_of_entry(std::string_view sealed, const std::string& password) {
  const auto plain = plain_key(sealed, password);
  if (!plain) return std::unexpected{plain.error()};
  return key_as_pem(*plain, {});
}

// One certificate, as PEM; version 1 does not name its kind.
std::string certificate(ByteReader& in, std::uint32_t version) {
  if (version == 2) in.bytes(in.u16());
  return certificates_as_pem(std::string{in.bytes(in.u32())});
}

}  // namespace

CredentialResult<StoreContent> read_jks(std::string_view bytes, const std::string& text) {
  constexpr std::string_view k_seal_salt = "Mighty Aphrodite";
  const std::string password = password_bytes(text);
  if (bytes.size() < k_digest_size) return std::unexpected{CredentialFault::malformed};
  const std::string_view sealed = bytes.substr(0, bytes.size() - k_digest_size);
  ByteReader in{sealed};
  const bool is_store = in.u32() == k_magic;
  const std::uint32_t version = in.u32();
  if (!is_store || version < 1 || version > 2) return std::unexpected{CredentialFault::malformed};
  if (!text.empty() && sha1(password, k_seal_salt, sealed) != bytes.substr(sealed.size())) return std::unexpected{CredentialFault::locked};
  StoreContent out;
  std::string trusted;
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    const std::uint32_t kind = in.u32();
    in.bytes(in.u16());   // alias
    in.u64();             // when it was made
    if (kind == k_certificate_entry) {
      trusted += certificate(in, version);
      continue;
    }
    if (kind != k_key_entry) return std::unexpected{CredentialFault::malformed};
    const std::string_view key = in.bytes(in.u32());
    std::string chain;
    for (std::uint32_t more = in.u32(); more > 0 && in.ok(); --more) chain += certificate(in, version);
    if (!out.key.empty() || text.empty()) {   // Java, too, offers one key; and none without its password
      trusted += chain;
      continue;
    }
    auto opened = key_of_entry(key, password);
    if (!opened) return std::unexpected{opened.error()};
    out.key = std::move(*opened);
    out.certificates = std::move(chain);
  }
  if (!in.done()) return std::unexpected{CredentialFault::malformed};
  out.certificates += trusted;
  return out;
}

}  // namespace millrace
