// Java's security.protocol, ssl.* and sasl.* in librdkafka's terms: PEM, PKCS12 and JKS stores, JAAS entries.
// Threads: plain values; stores named by a location are read here. Errors never contain secrets.
#pragma once

#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "kafka/client_config.h"

namespace millrace::kafka {

Result<void> add_security(const Config& java, ClientSettings& out);

// PEM blocks with a line break after 64 characters of each body, as OpenSSL needs them: Java also takes blocks
// whose lines a properties file has joined. Text between blocks is dropped; text without blocks stays as it is.
std::string normalized_pem(std::string_view text);

// OpenSSL's name of a Java cipher suite; empty for those of TLS 1.3, which OpenSSL always offers.
std::string openssl_cipher(std::string_view java_name);

}  // namespace millrace::kafka
