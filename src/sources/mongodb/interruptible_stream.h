// The connections that a Client's commands use: libmongoc's stream interface over a socket of our own, so that every
// wait (connect, TLS handshake, read, write) ends at once when a signal is raised. libmongoc's own sockets cannot be
// interrupted; a frozen server would hold a stop until its timeouts.
// Threads: a stream belongs to its client's thread; the signals may be raised by any. Lifetime: the signals outlive it.
// Source: libmongoc 1.23, mongoc-stream.h and mongoc_client_set_stream_initiator.
#pragma once

#include <mongoc/mongoc.h>

#include <array>
#include <chrono>
#include <string>

#include "core/wake.h"

namespace millrace::mongodb {

struct StreamSettings {
  std::array<const StopSignal*, 2> stops{};   // of the task, of this client
  bool tls = false;
  mongoc_ssl_opt_t ssl{};                     // its texts outlive the client
};

// A socket that does not block, or -1 and what is wrong. Ends at once when a signal of `settings` is raised.
int connect_to_host(const mongoc_host_list_t& host, const StreamSettings& settings, std::chrono::milliseconds time, std::string& problem);

// A mongoc_stream_initiator_t; `settings` is a StreamSettings*.
mongoc_stream_t* initiate_stream(const mongoc_uri_t* uri, const mongoc_host_list_t* host, void* settings, bson_error_t* error);

}  // namespace millrace::mongodb
