// The server's side of one WebRTC transport: ICE-lite, DTLS, SRTP and SCTP on one pair of addresses. A machine: datagrams and
// time go in, datagrams and events come out; it has no thread and no socket.
#ifndef SORA_TRANSPORT_TRANSPORT_H
#define SORA_TRANSPORT_TRANSPORT_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "pc/srtp_session.h"
#include "transport/dtls_server.h"
#include "transport/downlink.h"
#include "transport/ice_lite.h"
#include "transport/sctp_association.h"

namespace sora {

// What a transport reports, inside the calls of its owner. What it hands over is valid during the call only.
class TransportEvents {
 public:
  virtual ~TransportEvents() = default;
  // An address has authenticated: its datagrams are this transport's from now on. False when it is not to be had, because another
  // transport hears its peer there.
  virtual bool OnPeer(const Endpoint& peer, int64_t now_ms) = 0;
  // An address is not this transport's any more.
  virtual void OnPeerGone(const Endpoint& peer) = 0;
  virtual void OnDatagram(const Endpoint& to, std::span<const uint8_t> datagram) = 0;
  // A datagram of media that waited for its time, or of a probe.
  virtual void OnPacedMedia(const Endpoint& to, std::span<const uint8_t> datagram) = 0;
  // ICE and DTLS are up and the peer's certificate is the one of its answer.
  virtual void OnConnected() = 0;
  // A decrypted RTP packet, or a compound RTCP packet.
  virtual void OnMedia(std::span<const uint8_t> packet, bool rtcp) = 0;
  // What the path to the peer carries, as far as is known now, in bit/s.
  virtual void OnBandwidth(uint32_t bits_per_second) = 0;
  virtual void OnAssociation() = 0;
  virtual void OnMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) = 0;
  virtual void OnReset(std::span<const uint16_t> streams) = 0;
  virtual void OnWritable() = 0;
  // The transport is of no use any more.
  virtual void OnEnd(std::string_view reason, bool bad_fingerprint) = 0;
};

// What one transport has dropped and why.
struct TransportDrops {
  uint32_t checks = 0;         // STUN that was malformed or did not authenticate
  uint32_t strays = 0;         // of an address that has not authenticated, or of no known protocol
  uint32_t unauthentic = 0;    // SRTP that failed its authentication, or of one stream too many
  uint32_t handshake = 0;      // DTLS beyond what a handshake needs
  uint32_t refused_sends = 0;  // media that SRTP refused to protect: malformed, or too far behind the newest
};

class Transport : private SctpEvents {
 public:
  static constexpr size_t kRtpHeader = 12, kRtcpHeader = 8;
  // Largest media packet: senders keep within an Ethernet frame.
  static constexpr size_t kMaxMedia = 2048;
  // What SRTP may add to a packet.
  static constexpr size_t kMaxTrailer = 32;

  // Whether a datagram is RTCP (RFC 5761, section 4).
  static bool IsRtcp(std::span<const uint8_t> datagram);

  Transport(const DtlsContext& context, TransportEvents& events, size_t low_water_bytes);
  ~Transport() override;

  const IceLite& ice() const { return ice_; }
  const TransportDrops& drops() const { return drops_; }
  bool connected() const { return connected_ && !ended_; }
  // When an authentic datagram last came.
  int64_t heard_ms() const { return heard_ms_; }
  // IANA's number of the SRTP profile, once connected.
  int profile() const { return dtls_ ? dtls_->keys().profile : 0; }

  // What the peer's answer says of it: the fragment of its ICE credentials and the digest of its certificate.
  void SetRemote(std::string ufrag, std::string algorithm, std::string fingerprint, int64_t now_ms);

  // Takes a binding request that names this transport.
  void ReceiveCheck(std::span<const uint8_t> datagram, const stun::BindingRequest& request, const Endpoint& from,
                    int64_t now_ms);
  // Takes any other datagram; SRTP is decrypted in place.
  void Receive(std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us);

  // Protects a packet in place and returns its size; the buffer has kMaxTrailer bytes more. 0 when it cannot be sent.
  size_t ProtectRtp(uint8_t* packet, size_t size);
  size_t ProtectRtcp(uint8_t* packet, size_t size);
  // The same for a packet with a transport-wide sequence number at this offset, which is written. It may have to wait: then, too, it is
  // 0, and the packet leaves with HandleTimeouts.
  size_t SendRtp(uint8_t* packet, size_t size, size_t number_at, Downlink::Kind kind, int64_t now_us);
  // Null before the first such packet.
  Downlink* downlink() { return downlink_.get(); }
  // The same, made if it is null.
  Downlink& MakeDownlink();
  // Where to send to.
  const std::optional<Endpoint>& peer() const { return ice_.selected(); }
  // Forgets a media stream of either side, of which nothing more comes.
  void Forget(uint32_t ssrc);

  // Drops what comes of these kinds (SORA_IGNORE_*) from now on.
  void Ignore(uint32_t kinds) { ignored_ = kinds; }

  SctpAssociation* sctp() { return sctp_.get(); }

  std::optional<int64_t> NextTimeout(int64_t now_ms) const;
  void HandleTimeouts(int64_t now_us);

  // Ends the association and DTLS, so that the peer learns of it. Nothing is reported any more but datagrams.
  void Close(int64_t now_ms);

 private:
  void OnSctpPacket(std::span<const uint8_t> packet) override;
  void OnSctpConnected() override;
  void OnSctpMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) override;
  void OnSctpReset(std::span<const uint16_t> streams) override;
  void OnSctpWritable() override;
  void OnSctpEnd(std::string_view reason) override;

  bool Admit(const Endpoint& from, const stun::BindingRequest& request, int64_t now_ms);
  void ReceiveMedia(std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us);
  // Sends what has waited, and reports the estimate.
  void ServeDownlink(int64_t now_us);
  void ReceiveDtls(std::span<const uint8_t> datagram, int64_t now_ms);
  void ReceiveSctp(std::span<const uint8_t> packet);
  void AfterDtls(DtlsServer::State state, int64_t now_ms);
  void ConnectIfVerified(int64_t now_ms);
  void End(std::string_view reason, bool bad_fingerprint = false);
  bool Knows(uint32_t ssrc);

  const DtlsContext& context_;
  TransportEvents& events_;
  const size_t low_water_bytes_;
  uint32_t ignored_ = 0;
  IceLite ice_;
  std::unique_ptr<DtlsServer> dtls_;
  std::unique_ptr<SctpAssociation> sctp_;
  std::vector<std::vector<uint8_t>> early_;  // SCTP packets that came before the certificate was verified
  std::unique_ptr<Downlink> downlink_;
  cricket::SrtpSession send_;
  cricket::SrtpSession receive_;
  std::unordered_set<uint32_t> received_;  // the streams of the peer's that SRTP remembers
  std::string algorithm_;
  std::string fingerprint_;
  TransportDrops drops_;
  int64_t now_ms_ = 0;
  int64_t heard_ms_ = 0;
  bool connected_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace sora

#endif
