// Why TLS with a server does not come about: a handshake of our own on a connection of its own. libmongoc's says "certificate
// verify failed" and no more, and nothing at all when the server refuses the client's certificate.
// Threads: any; waits no longer than told. Errors: none; what is no fault of TLS (no connection, no answer) gives nothing.
#pragma once

#include <mongoc/mongoc.h>

#include <chrono>
#include <optional>
#include <string>

#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {

// Words for an error, with the remedy. None: nothing is wrong with TLS, as far as is seen from here.
std::optional<std::string> tls_problem(const ConnectionSettings& settings, const mongoc_host_list_t& host, std::chrono::milliseconds time);

}  // namespace millrace::mongodb
