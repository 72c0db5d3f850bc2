// The server's side of DTLS 1.2 (RFC 6347) with keys for SRTP (RFC 5764), over OpenSSL: a machine of datagrams without a socket.
#ifndef SORA_TRANSPORT_DTLS_SERVER_H
#define SORA_TRANSPORT_DTLS_SERVER_H

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/openssl.h"

namespace sora {

// A certificate for DTLS and what all associations of a server share. It is made once and may be used on any thread.
class DtlsContext {
 public:
  // Makes a self-signed ECDSA certificate (P-256), valid from yesterday for a year.
  DtlsContext();

  SSL_CTX* get() const { return context_.get(); }
  // SHA-256 of the certificate as SDP writes it: hexadecimal pairs with colons (RFC 8122, section 5).
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  SslContext context_;
  std::string fingerprint_;
};

// The keys and salts of both directions, as the profile orders them (RFC 5764, section 4.2).
struct SrtpKeys {
  int profile = 0;              // of IANA's DTLS-SRTP protection profiles
  std::vector<uint8_t> local;   // key and salt of what this side sends
  std::vector<uint8_t> remote;  // of what the peer sends
};

class DtlsServer {
 public:
  using SendDatagram = std::function<void(std::span<const uint8_t>)>;
  using TakeData = std::function<void(std::span<const uint8_t>)>;

  enum class State { kConnecting, kConnected, kClosed, kFailed };

  // send: takes a datagram for the peer. data: takes what the peer sent over the association. Both are called inside Receive,
  // Send, HandleTimeout and Close.
  DtlsServer(const DtlsContext& context, SendDatagram send, TakeData data);
  ~DtlsServer();

  // Whether a datagram is DTLS by its first byte (RFC 7983).
  static bool IsDtls(std::span<const uint8_t> data) { return data.size() >= 13 && data[0] >= 20 && data[0] <= 63; }

  // Takes one datagram of the peer.
  State Receive(std::span<const uint8_t> datagram);
  // Sends over the association; false before it is connected and when OpenSSL refuses.
  bool Send(std::span<const uint8_t> data);
  // Milliseconds until HandleTimeout is due; nothing when no flight waits for an answer.
  std::optional<int64_t> Timeout() const;
  State HandleTimeout();
  // Says goodbye (close_notify).
  void Close();

  State state() const { return state_; }
  // Why it failed, for people.
  const std::string& reason() const { return reason_; }
  // Datagrams that were not taken: more than a handshake needs.
  uint32_t dropped() const { return dropped_; }
  // Once connected.
  const SrtpKeys& keys() const { return keys_; }
  // The digest of the peer's certificate by an algorithm as SDP names it ("sha-256"), in SDP's form; empty when it is unknown.
  std::string RemoteFingerprint(const std::string& algorithm) const;

 private:
  friend struct DatagramBio;
  State Drive();
  // Takes records to send; those of one call go in as few datagrams as hold them. OpenSSL writes each message of a flight that it
  // sends again by itself, and a client that keeps none out of order (NSS) needs all of them to arrive.
  void Write(std::span<const uint8_t> records);
  void Flush();
  State Fail(std::string reason);
  bool Exhausted(size_t bytes);

  SslSession ssl_;
  const SendDatagram send_;
  const TakeData data_;
  std::span<const uint8_t> incoming_;  // what the BIO reads next
  std::vector<uint8_t> outgoing_;      // records of the next datagram
  State state_ = State::kConnecting;
  std::string reason_;
  SrtpKeys keys_;
  size_t handshake_bytes_ = 0;
  uint32_t dropped_ = 0;
};

}  // namespace sora

#endif
