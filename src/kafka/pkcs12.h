// The certificates of a PKCS12 store (RFC 7292), as PEM: what Java's keytool keeps as trusted entries.
// Threads: plain values. Errors name the file, never the password.
#pragma once

#include <string>

#include "core/error.h"

namespace millrace::kafka {

// All certificates in PEM, one after another. `location`: for errors.
Result<std::string> certificates_of_pkcs12(const std::string& bytes, const std::string& password,
                                           const std::string& location);

}  // namespace millrace::kafka
