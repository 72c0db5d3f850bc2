// The client's side of DTLS 1.2 with keys for SRTP, over OpenSSL: a machine of datagrams without a socket.
#ifndef SORA_TESTS_TRANSPORT_CLIENT_DTLS_H
#define SORA_TESTS_TRANSPORT_CLIENT_DTLS_H

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/openssl.h"

namespace test {

constexpr char kAllSrtpProfiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

// A certificate and what all clients that show it share.
class ClientContext {
 public:
  // srtp_profiles: as OpenSSL names them, preferred first.
  explicit ClientContext(const char* srtp_profiles = kAllSrtpProfiles);
  SSL_CTX* get() const { return context_.get(); }
  // SHA-256 of the certificate as SDP writes it.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  sora::SslContext context_;
  std::string fingerprint_;
};

class ClientDtls {
 public:
  using Take = std::function<void(std::span<const uint8_t>)>;
  enum class State { kConnecting, kConnected, kClosed, kFailed };

  // send: takes a datagram for the server. data: takes what the server sent over the association.
  ClientDtls(const ClientContext& context, Take send, Take data);

  // Sends the ClientHello.
  State Start() { return Drive(); }
  State Receive(std::span<const uint8_t> datagram);
  bool Send(std::span<const uint8_t> data);
  std::optional<int64_t> Timeout() const;
  State HandleTimeout();
  // Asks for another handshake: for tests.
  void Renegotiate();
  // Sends close_notify.
  void Close();

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }
  // SHA-256 of the server's certificate as SDP writes it.
  std::string RemoteFingerprint() const;

  // Once connected: IANA's number of the SRTP profile, and key and salt of each direction.
  int profile() const { return profile_; }
  const std::vector<uint8_t>& local_keys() const { return local_keys_; }
  const std::vector<uint8_t>& remote_keys() const { return remote_keys_; }

 private:
  friend struct ClientBio;
  State Drive();
  State Fail(const std::string& what);
  bool ExportKeys();

  sora::SslSession ssl_;
  const Take send_;
  const Take data_;
  std::span<const uint8_t> incoming_;
  State state_ = State::kConnecting;
  std::string reason_;
  int profile_ = 0;
  std::vector<uint8_t> local_keys_;
  std::vector<uint8_t> remote_keys_;
};

}  // namespace test

#endif
