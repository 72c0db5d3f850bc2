// The client's side of a WebRTC transport, for tests and load: ICE, controlling and with one pair of addresses, DTLS, SRTP and SCTP.
// A machine: datagrams and time go in, datagrams and events come out; it has no thread and no socket.
#ifndef SORA_TESTS_TRANSPORT_CLIENT_H
#define SORA_TESTS_TRANSPORT_CLIENT_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "client_dtls.h"
#include "client_stun.h"
#include "net/dcsctp/public/dcsctp_socket.h"
#include "pc/srtp_session.h"
#include "transport/timers.h"

namespace test {

class Client;

// What clients report, inside the calls of their owner. What they are given is valid during the call only.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void OnClientDatagram(Client& client, std::span<const uint8_t> datagram) = 0;
  // DTLS is up and the certificate is the one that signaling named: media may be sent.
  virtual void OnClientConnected(Client&) {}
  virtual void OnClientMedia(Client&, std::span<const uint8_t>, [[maybe_unused]] bool rtcp) {}
  // SCTP is up: messages may be sent.
  virtual void OnClientAssociation(Client&) {}
  virtual void OnClientMessage(Client&, [[maybe_unused]] uint16_t stream, [[maybe_unused]] uint32_t protocol,
                               std::span<const uint8_t>) {}
  virtual void OnClientReset(Client&, [[maybe_unused]] std::span<const uint16_t> streams) {}
  // Less than Client::kLowMark waits to be sent.
  virtual void OnClientWritable(Client&) {}
  virtual void OnClientEnd(Client&, [[maybe_unused]] std::string_view reason) {}
};

// What a client has refused.
struct ClientDrops {
  uint32_t responses = 0;    // STUN that does not answer a check of its own, or is not authentic
  uint32_t unauthentic = 0;  // media
  uint32_t strays = 0;       // of no known protocol, or before its time
};

// How a message is delivered.
struct ClientDelivery {
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;
  std::optional<uint32_t> max_packet_life_time_ms;
};

class Client : private dcsctp::DcSctpSocketCallbacks {
 public:
  // Bytes that wait to be sent: at most, and when OnClientWritable comes.
  static constexpr size_t kMaxSendBuffer = 8 * 1024 * 1024;
  static constexpr size_t kLowMark = 256 * 1024;
  // What SRTP may add to a packet.
  static constexpr size_t kMaxTrailer = 32;

  // ufrag: of its ICE credentials, 4 characters or more.
  Client(const ClientContext& context, ClientEvents& events, std::string ufrag);
  ~Client() override;

  const std::string& ufrag() const { return ufrag_; }
  // It is of no use with an ICE-lite peer, which sends no checks.
  std::string password() const { return ufrag_ + "passwordpassword"; }
  const std::string& fingerprint() const { return context_.fingerprint(); }

  // Begins with the server's credentials and its certificate's SHA-256 as SDP writes it: the first check is sent.
  void Start(std::string ufrag, std::string password, std::string fingerprint, int64_t now_ms);

  // Takes a datagram of the server's; SRTP is decrypted in place.
  void Receive(std::span<uint8_t> datagram, int64_t now_ms);
  std::optional<int64_t> NextTimeout(int64_t now_ms) const;
  void HandleTimeouts(int64_t now_ms);

  bool connected() const { return connected_ && !ended_; }
  bool associated() const { return associated_ && !ended_; }
  // IANA's number of the SRTP profile, once connected.
  int profile() const { return dtls_ ? dtls_->profile() : 0; }
  // Where the server sees it, once a check was answered.
  const std::optional<sora::Endpoint>& mapped() const { return mapped_; }
  const ClientDrops& drops() const { return drops_; }

  // Protects a packet in place and returns its size, for the owner to send; the buffer has kMaxTrailer bytes more. 0 when it cannot
  // be sent.
  size_t ProtectRtp(uint8_t* packet, size_t size);
  size_t ProtectRtcp(uint8_t* packet, size_t size);
  // Decrypts a packet in place, for owners that do not pass all media to Receive; returns its size, 0 when it is not authentic.
  size_t UnprotectRtp(std::span<uint8_t> packet);

  // False when it does not fit into the send buffer, or there is no association.
  bool SendMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data, int64_t now_ms,
                   const ClientDelivery& delivery = {});
  void Reset(std::span<const uint16_t> streams, int64_t now_ms);
  // Bytes that wait to be sent on a stream.
  size_t buffered(uint16_t stream) const;

  // Sends a check that need not follow the rules: for tests. Its response is counted among the drops.
  void SendCheck(std::string_view username, std::string_view password, const CheckOptions& options);
  // Sends a packet of SCTP as it is: for tests.
  void SendSctp(std::span<const uint8_t> packet);
  // Asks for another handshake of DTLS: for tests.
  void Renegotiate() { dtls_->Renegotiate(); }

  // Ends the association and DTLS, so that the server learns of it. Nothing is reported any more but datagrams.
  void Close(int64_t now_ms);

 private:
  class Timer;

  dcsctp::SendPacketStatus SendPacketWithStatus(rtc::ArrayView<const uint8_t> data) override;
  std::unique_ptr<dcsctp::Timeout> CreateTimeout(webrtc::TaskQueueBase::DelayPrecision precision) override;
  dcsctp::TimeMs TimeMillis() override { return dcsctp::TimeMs(now_ms_); }
  webrtc::Timestamp Now() override { return webrtc::Timestamp::Millis(now_ms_); }
  uint32_t GetRandomInt(uint32_t low, uint32_t high) override;
  void OnMessageReceived(dcsctp::DcSctpMessage message) override;
  void OnError(dcsctp::ErrorKind, absl::string_view) override {}
  void OnAborted(dcsctp::ErrorKind error, absl::string_view message) override;
  void OnConnected() override;
  void OnClosed() override;
  void OnConnectionRestarted() override {}
  void OnStreamsResetFailed(rtc::ArrayView<const dcsctp::StreamID>, absl::string_view) override {}
  void OnStreamsResetPerformed(rtc::ArrayView<const dcsctp::StreamID>) override {}
  void OnIncomingStreamsReset(rtc::ArrayView<const dcsctp::StreamID> streams) override;
  void OnTotalBufferedAmountLow() override;

  void Check(int64_t now_ms);
  void ReceiveResponse(std::span<const uint8_t> datagram, int64_t now_ms);
  void ReceiveMedia(std::span<uint8_t> datagram);
  void AfterDtls(ClientDtls::State state);
  void Verify();
  void End(std::string_view reason);

  const ClientContext& context_;
  ClientEvents& events_;
  const std::string ufrag_;
  std::string remote_ufrag_;
  std::string remote_password_;
  std::string remote_fingerprint_;
  Transaction transaction_{};
  bool waiting_ = false;  // for the response to the last check
  int64_t next_check_ms_ = 0;
  std::optional<sora::Endpoint> mapped_;
  std::unique_ptr<ClientDtls> dtls_;
  cricket::SrtpSession send_;
  cricket::SrtpSession receive_;
  sora::Timers timers_;
  std::unique_ptr<dcsctp::DcSctpSocketInterface> sctp_;
  ClientDrops drops_;
  int64_t now_ms_ = 0;
  bool connected_ = false;
  bool associated_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace test

#endif
