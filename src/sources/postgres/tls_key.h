// The client's certificate and key in the forms that the JDBC driver and libpq take, by core/credentials.h.
// Threads: any. Errors name the file and the option, never the password.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace::postgres {

// What is wrong with a file or a name. It may be mended meanwhile: the task is started again, a few times.
std::unexpected<Error> tls_refused(std::string text);

struct ClientIdentity {
  std::string certificates;   // PEM, the client's own first
  std::string key;            // PEM, not encrypted
};

// All certificates of a file, PEM or DER.
Result<std::string> certificates_of_file(const std::string& bytes, std::string_view path);
// A certificate file and its key file, or `path` for both where it is a PKCS-12 store (.p12, .pfx).
bool is_pkcs12(std::string_view path);
Result<ClientIdentity> identity_of_pkcs12(const std::string& bytes, const std::string& password, std::string_view path);
Result<ClientIdentity> identity_of_files(const std::string& certificates, std::string_view certificates_path,
                                         const std::string& key, std::string_view key_path,
                                         const std::string& password);

}  // namespace millrace::postgres
