// ColumnHash is the digest that column.mask.hash.* puts in the place of a text: of salt and value, in lower case
// hexadecimal digits. v1 hashes the value as Java serializes a String, v2 its UTF-8.
// Threads: one at a time. Errors: create(), for an algorithm that Java or this program does not know.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "sources/postgres/types.h"

namespace millrace::postgres {

enum class HashInput : bool { serialized, utf8 };   // v1, v2

class ColumnHash {
 public:
  // `algorithm`: a name or alias of java.security.MessageDigest, in any case.
  static Result<ColumnHash> create(std::string_view algorithm, std::string salt, HashInput input);
  // The digits are in the scratch.
  std::string_view digits_of(std::string_view text, Scratch& scratch) const;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  };

  std::string salt_;
  HashInput input_ = HashInput::utf8;
  std::unique_ptr<EVP_MD, Free> digest_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace millrace::postgres
