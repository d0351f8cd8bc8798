#include "sources/postgres/column_hash.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/letters.h"

namespace millrace::postgres {
namespace {

// Java's names, and OpenSSL's of the same. Java knows MD2 too, OpenSSL no more.
constexpr auto k_algorithms = std::to_array<std::pair<std::string_view, const char*>>({
    {"MD5", "MD5"}, {"SHA", "SHA1"}, {"SHA1", "SHA1"}, {"SHA-1", "SHA1"}, {"SHA224", "SHA224"}, {"SHA-224", "SHA224"},
    {"SHA256", "SHA256"}, {"SHA-256", "SHA256"}, {"SHA384", "SHA384"}, {"SHA-384", "SHA384"}, {"SHA512", "SHA512"},
    {"SHA-512", "SHA512"}, {"SHA512/224", "SHA512-224"}, {"SHA-512/224", "SHA512-224"}, {"SHA512/256", "SHA512-256"},
    {"SHA-512/256", "SHA512-256"}, {"SHA3-224", "SHA3-224"}, {"SHA3-256", "SHA3-256"}, {"SHA3-384", "SHA3-384"},
    {"SHA3-512", "SHA3-512"},
});

// Java's modified UTF-8: a character beyond the BMP is its two surrogates of three bytes each, U+0000 is C0 80.
std::string_view modified_utf8(std::string_view text, Scratch& scratch) {
  const auto is_long = [](char c) { return static_cast<unsigned char>(c) >= 0xF0; };
  const auto changed = static_cast<std::size_t>(std::ranges::count_if(text, [&](char c) { return c == '\0' || is_long(c); }));
  if (changed == 0) return text;
  char* const place = scratch.bytes(text.size() + 2 * changed);
  char* to = place;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') {
      *to++ = '\xC0';
      *to++ = '\x80';
      continue;
    }
    if (!is_long(text[i]) || text.size() - i < 4) {
      *to++ = text[i];
      continue;
    }
    const auto bits = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[i + at])) & 0x3F; };
    const unsigned point = (static_cast<unsigned>(static_cast<unsigned char>(text[i])) & 7) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
    const std::array<unsigned, 2> halves{0xD800 + ((point - 0x10000) >> 10), 0xDC00 + ((point - 0x10000) & 0x3FF)};
    for (const unsigned half : halves) {
      *to++ = static_cast<char>(0xE0 | half >> 12);
      *to++ = static_cast<char>(0x80 | (half >> 6 & 0x3F));
      *to++ = static_cast<char>(0x80 | (half & 0x3F));
    }
    i += 3;
  }
  return {place, static_cast<std::size_t>(to - place)};
}

// What ObjectOutputStream writes before the bytes of a String: magic, version, TC_STRING or TC_LONGSTRING, length.
std::string_view serial_header(std::size_t size, std::array<char, 13>& buffer) {
  constexpr std::array<unsigned char, 4> k_stream{0xAC, 0xED, 0x00, 0x05};
  std::ranges::copy(k_stream, buffer.begin());
  const bool fits = size <= 0xFFFF;
  buffer[4] = fits ? '\x74' : '\x7C';
  const std::size_t length_bytes = fits ? 2 : 8;
  for (std::size_t i = 0; i < length_bytes; ++i) buffer[5 + i] = static_cast<char>(size >> 8 * (length_bytes - 1 - i));
  return {buffer.data(), 5 + length_bytes};
}

}  // namespace

Result<ColumnHash> ColumnHash::create(std::string_view algorithm, std::string salt, HashInput input) {
  const auto known = std::ranges::find(k_algorithms, upper(algorithm), [](const auto& pair) { return std::string{pair.first}; });
  if (known == k_algorithms.end())
    return fail("java.security.NoSuchAlgorithmException: " + std::string{algorithm} + " MessageDigest not available "
                "(column.mask.hash: use MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SHA-512/224, SHA-512/256 or one of SHA3)",
                Retry::no, "java.lang.IllegalArgumentException");
  ColumnHash out;
  out.salt_ = std::move(salt);
  out.input_ = input;
  out.digest_.reset(EVP_MD_fetch(nullptr, known->second, nullptr));
  out.context_.reset(EVP_MD_CTX_new());
  if (!out.digest_ || !out.context_ || EVP_DigestInit_ex(out.context_.get(), out.digest_.get(), nullptr) != 1)
    return fail("column.mask.hash: OpenSSL on this machine does not provide " + std::string{known->second});
  return out;
}

std::string_view ColumnHash::digits_of(std::string_view text, Scratch& scratch) const {
  EVP_MD_CTX* const context = context_.get();
  EVP_DigestInit_ex(context, nullptr, nullptr);
  EVP_DigestUpdate(context, salt_.data(), salt_.size());
  if (input_ == HashInput::serialized) {
    text = modified_utf8(text, scratch);
    std::array<char, 13> buffer{};
    const std::string_view header = serial_header(text.size(), buffer);
    EVP_DigestUpdate(context, header.data(), header.size());
  }
  EVP_DigestUpdate(context, text.data(), text.size());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context, digest.data(), &size);
  const Datum digits = binary_datum({reinterpret_cast<const char*>(digest.data()), size}, BinaryMode::hex, scratch);
  return digits.text();
}

}  // namespace millrace::postgres
