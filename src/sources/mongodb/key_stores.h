// mongodb.ssl.keystore and mongodb.ssl.truststore in the one form that libmongoc takes, PEM files: here of memory, so that a
// key that was sealed in a store is never written to a disk. PEM files, PKCS12 and JKS stores are told apart by their content.
// Threads: any. Errors name the option and the file, never the password.
#pragma once

#include <optional>

#include "core/config.h"
#include "core/error.h"
#include "core/memory_file.h"

namespace millrace::mongodb {

// The authorities that the server's certificate is checked against; none: the option is not set.
Result<std::optional<MemoryFile>> load_truststore(const Config& config);
// The client's certificate, those behind it, and its key.
Result<std::optional<MemoryFile>> load_keystore(const Config& config);

// Adds what is wrong with either.
void check_key_stores(const Config& config, ConfigErrors& errors);

}  // namespace millrace::mongodb
