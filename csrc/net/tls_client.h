// A TLS client (RFC 8446, RFC 5246) over OpenSSL: the roots that it trusts, and its own certificate.
#ifndef SORA_NET_TLS_CLIENT_H
#define SORA_NET_TLS_CLIENT_H

#include <optional>
#include <string>

#include "core/openssl.h"

namespace sora {

// All PEM (RFC 7468).
struct TlsOptions {
  bool insecure = false;               // do not verify the server's certificate
  std::optional<std::string> ca_cert;  // replaces the system's roots
  std::optional<std::string> client_cert;
  std::optional<std::string> client_key;
};

class TlsClient {
 public:
  // Throws SORA_ERROR_INVALID_ARGUMENT with the path tls.caCert, tls.clientCert or tls.clientKey.
  explicit TlsClient(const TlsOptions& options);

  // Makes a session with memory BIOs in both directions that accepts only certificates for host, a name or an IP address.
  // Null when OpenSSL refuses the host.
  SslSession NewSession(const std::string& host) const;

  // Reads the system's roots if sessions will need them; the first time takes several milliseconds.
  void Prepare() const;

 private:
  SslSession MakeSession(const std::string& host) const;
  bool needs_system_roots() const { return !insecure_ && !own_roots_; }

  SslContext context_;
  bool insecure_ = false;
  bool own_roots_ = false;
};

}  // namespace sora

#endif
