// TLS to the server as the JDBC driver means database.ssl*: which checks are made, and which files hold what.
// libpq means some of it otherwise: it takes keys as PEM that nobody else may read, and verifies in mode `require`
// where a root certificate is at hand. So the files are read here, and libpq is given copies in memory.
// Threads: one. Lifetime: TlsFiles outlive the connection attempt that reads them; nothing is written to a disk.
// Errors: name the option, the file and what to do; never a secret.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/memory_file.h"

namespace millrace::postgres {

struct TlsSettings {
  std::string mode = "prefer";     // disable, allow, prefer, require, verify-ca, verify-full
  bool trust_all = false;          // sslfactory=...NonValidatingFactory: no check of certificates, none of our own
  std::string certificate;         // files; empty: postgresql.crt, postgresql.pk8 and root.crt in ~/.postgresql
  std::string key;
  std::string root_certificate;
  std::string key_password;
};

// An option of the driver: driver.<name> wins over database.<name>. Null: neither is set.
const std::string* driver_option(const Config& config, const std::string& name);
TlsSettings tls_settings(const Config& config);
// What is wrong with database.sslfactory beside the other options; empty: nothing.
std::string ssl_factory_problem(const Config& config);

class TlsFiles {
 public:
  static Result<TlsFiles> load(const TlsSettings& settings);
  // libpq's ssl keywords and values.
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  Result<void> add(const char* keyword, std::string_view bytes);
  Result<void> add_roots(const TlsSettings& settings);
  Result<void> add_identity(const TlsSettings& settings);

  std::vector<std::pair<std::string, std::string>> parameters_;
  std::vector<MemoryFile> files_;
};

// Why OpenSSL turned the server's certificate down, which libpq does not tell: notes what the handshakes find that this
// thread makes while it lives. One at a time in a thread.
class CertificateVerdict {
 public:
  CertificateVerdict();
  ~CertificateVerdict();
  CertificateVerdict(const CertificateVerdict&) = delete;
  CertificateVerdict& operator=(const CertificateVerdict&) = delete;

  // So that the reason has the certificate's name (an SSL*, null before TLS begins). To be called before each poll; where one poll
  // makes the whole handshake there is no time for it.
  static void watch(void* ssl);
  // "certificate has expired (/CN=db)"; empty: nothing was turned down.
  const std::string& reason() const { return reason_; }
  void note(std::string reason) { reason_ = std::move(reason); }

 private:
  std::string reason_;
};

}  // namespace millrace::postgres
