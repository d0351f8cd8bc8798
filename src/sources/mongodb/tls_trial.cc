#include "sources/mongodb/tls_trial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "core/certificate_fault.h"
#include "core/destroy.h"
#include "sources/mongodb/interruptible_stream.h"

namespace millrace::mongodb {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, Destroy<SSL_CTX_free>>;
using SessionPtr = std::unique_ptr<SSL, Destroy<SSL_free>>;

// A server that wants a certificate says so behind the handshake (TLS 1.3), at once; another waits for us.
constexpr std::chrono::milliseconds k_objection_time{300};

struct Verdict {
  int code = X509_V_OK;
  std::string fault;
};

int note_verdict(int accepted, X509_STORE_CTX* context) {
  if (accepted == 0) {
    const auto* session = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    *static_cast<Verdict*>(SSL_get_app_data(session)) = {X509_STORE_CTX_get_error(context), certificate_fault(context)};
  }
  return accepted;
}

class Socket {
 public:
  Socket(const mongoc_host_list_t& host, std::chrono::milliseconds time) {
    std::string problem;
    fd_ = connect_to_host(host, StreamSettings{}, time, problem);
    if (fd_ >= 0) ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
    wait_at_most(time);
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }
  void wait_at_most(std::chrono::milliseconds time) const {
    const timeval limit{.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
    for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) ::setsockopt(fd_, SOL_SOCKET, direction, &limit, sizeof limit);
  }

 private:
  int fd_ = -1;
};

// Empty when the files of the connection string cannot be used: those of the options have been looked at before.
ContextPtr make_context(const ConnectionSettings& settings) {
  ContextPtr context{SSL_CTX_new(TLS_client_method())};
  const char* const certificate = settings.certificate_file.c_str();
  if (settings.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) != 1
                               : SSL_CTX_load_verify_locations(context.get(), settings.ca_file.c_str(), nullptr) != 1)
    return {};
  SSL_CTX_set_default_passwd_cb_userdata(context.get(), const_cast<char*>(settings.certificate_password.c_str()));
  if (!settings.certificate_file.empty() && (SSL_CTX_use_certificate_chain_file(context.get(), certificate) != 1 ||
                                             SSL_CTX_use_PrivateKey_file(context.get(), certificate, SSL_FILETYPE_PEM) != 1))
    return {};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, note_verdict);
  return context;
}

void name_host(SSL* session, const char* host, bool any_name) {
  in6_addr address;
  const bool is_address = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
  if (!is_address) SSL_set_tlsext_host_name(session, host);
  if (any_name) return;
  if (is_address) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host);
  else SSL_set1_host(session, host);
}

std::string remedy(int code, const std::string& host) {
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "The server's certificate is not made for the name " + host +
             ": connect by a name that it has, or set mongodb.ssl.invalid.hostname.allowed=true";
    case X509_V_ERR_CERT_HAS_EXPIRED: return "Give the server a new certificate";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "Look at the clocks of this machine and of the server";
    default: return "Name the certificate of the server's authority in mongodb.ssl.truststore";
  }
}

// Of what the server objects to, or of an answer that is no TLS; empty: neither.
std::string objection() {
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return {};
  const int reason = ERR_GET_REASON(error);
  const char* const text = ERR_reason_error_string(error);
  const std::string words = text == nullptr ? std::string{} : text;
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_UNSUPPORTED_PROTOCOL)
    return words + ". The server has no TLS on this port, or only versions that are not spoken any more";
  if (reason < SSL_AD_REASON_OFFSET) return {};
  const int alert = reason - SSL_AD_REASON_OFFSET;
  if (alert == SSL_AD_INTERNAL_ERROR || alert == SSL_AD_USER_CANCELLED) return {};   // its own trouble, not ours
  return words + ". The server refuses the client's certificate, or wants one: name it, with its key, in mongodb.ssl.keystore";
}

}  // namespace

std::optional<std::string> tls_problem(const ConnectionSettings& settings, const mongoc_host_list_t& host, std::chrono::milliseconds time) {
  const std::string about = std::string{"TLS with "} + host.host_and_port + ": ";
  ERR_clear_error();
  const ContextPtr context = make_context(settings);
  ERR_clear_error();
  if (!context) return about + "the certificate files of the connection string cannot be used";
  const Socket socket{host, time};
  if (socket.fd() < 0) return std::nullopt;
  const SessionPtr session{SSL_new(context.get())};
  Verdict verdict;
  SSL_set_app_data(session.get(), &verdict);
  name_host(session.get(), host.host, settings.invalid_hostname_allowed);
  SSL_set_fd(session.get(), socket.fd());
  char byte = 0;
  const bool agreed = SSL_connect(session.get()) == 1;
  if (agreed) {
    socket.wait_at_most(std::min(time, k_objection_time));
    (void)SSL_read(session.get(), &byte, 1);
  }
  const std::string objected = objection();
  ERR_clear_error();
  if (verdict.code != X509_V_OK) return about + "certificate verify failed: " + verdict.fault + ". " + remedy(verdict.code, host.host);
  if (!objected.empty()) return about + objected;
  return std::nullopt;
}

}  // namespace millrace::mongodb
