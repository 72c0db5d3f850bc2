// An SCTP association over DTLS (RFC 8261), by libwebrtc's dcSCTP: a machine of packets and time.
#ifndef SORA_TRANSPORT_SCTP_ASSOCIATION_H
#define SORA_TRANSPORT_SCTP_ASSOCIATION_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/dcsctp/public/dcsctp_socket.h"
#include "transport/sctp_guard.h"
#include "transport/timers.h"

namespace sora {

// How one message is delivered (RFC 8831, section 6.6).
struct Delivery {
  bool ordered = true;
  std::optional<uint32_t> max_retransmits;
  std::optional<uint32_t> max_packet_life_time_ms;
  bool operator==(const Delivery&) const = default;
};

struct OutgoingMessage {
  uint16_t stream = 0;
  uint32_t protocol = 0;
  std::span<const uint8_t> data;
  Delivery delivery;
};

// What an association reports, inside the calls of its owner.
class SctpEvents {
 public:
  virtual ~SctpEvents() = default;
  // A packet for the peer.
  virtual void OnSctpPacket(std::span<const uint8_t> packet) = 0;
  virtual void OnSctpConnected() = 0;
  virtual void OnSctpMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) = 0;
  // The peer sends nothing more on these streams.
  virtual void OnSctpReset(std::span<const uint16_t> streams) = 0;
  // What waits to be sent has fallen to the low water mark.
  virtual void OnSctpWritable() = 0;
  virtual void OnSctpEnd(std::string_view reason) = 0;
};

class SctpAssociation : private dcsctp::DcSctpSocketCallbacks {
 public:
  // Waits for the peer's INIT, as the server of a connection does.
  SctpAssociation(SctpEvents& events, size_t low_water_bytes, int64_t now_ms);
  ~SctpAssociation() override;

  void Receive(std::span<const uint8_t> packet, int64_t now_ms);
  // Sends messages, bundled into as few packets as they fit into. What does not fit into the send buffer is dropped and counted.
  void Send(std::span<const OutgoingMessage> messages, int64_t now_ms);
  // Ends outgoing streams (RFC 6525) once what was given before has been sent.
  void Reset(std::span<const uint16_t> streams, int64_t now_ms);
  // Sends ABORT.
  void Close(int64_t now_ms);

  // Bytes of received messages that their taker has not read: the window that the peer is told is smaller by as much, and closed
  // ones open as soon as half of it is free again.
  void SetHeld(size_t bytes, int64_t now_ms);

  std::optional<int64_t> NextTimeout() const { return timers_.Next(); }
  void HandleTimeouts(int64_t now_ms);

  // Bytes that wait to be sent.
  size_t buffered();
  uint32_t dropped_messages() const { return dropped_messages_; }
  uint32_t dropped_packets() const { return dropped_packets_; }
  bool connected() const { return connected_; }

 private:
  class Timer;

  // Resets the streams that are to end and have nothing more to send: dcSCTP would drop what waits.
  void ResetSent();

  dcsctp::SendPacketStatus SendPacketWithStatus(rtc::ArrayView<const uint8_t> data) override;
  std::unique_ptr<dcsctp::Timeout> CreateTimeout(webrtc::TaskQueueBase::DelayPrecision precision) override;
  dcsctp::TimeMs TimeMillis() override { return dcsctp::TimeMs(now_ms_); }
  webrtc::Timestamp Now() override { return webrtc::Timestamp::Millis(now_ms_); }
  uint32_t GetRandomInt(uint32_t low, uint32_t high) override;
  void OnMessageReceived(dcsctp::DcSctpMessage message) override;
  void OnError(dcsctp::ErrorKind error, absl::string_view) override;
  void OnAborted(dcsctp::ErrorKind error, absl::string_view message) override;
  void OnConnected() override;
  void OnClosed() override;
  void OnConnectionRestarted() override {}
  void OnStreamsResetFailed(rtc::ArrayView<const dcsctp::StreamID>, absl::string_view) override {}
  void OnStreamsResetPerformed(rtc::ArrayView<const dcsctp::StreamID>) override {}
  void OnIncomingStreamsReset(rtc::ArrayView<const dcsctp::StreamID> streams) override;
  void OnLifecycleEnd(dcsctp::LifecycleId) override { --waiting_; }
  void OnTotalBufferedAmountLow() override { events_.OnSctpWritable(); }

  SctpEvents& events_;
  Timers timers_;
  SctpGuard guard_;
  int64_t now_ms_;
  size_t held_ = 0;
  bool window_closed_ = false;      // the last window that was told had less than half of its room
  std::vector<uint8_t> last_sack_;  // a packet with the last SACK alone
  std::vector<uint16_t> sending_;   // streams that had something to send when buffered() last looked, or since
  std::vector<uint16_t> ending_;    // streams that are reset when nothing waits to be sent on them
  size_t waiting_ = 0;              // messages that were not acknowledged
  uint32_t dropped_messages_ = 0;
  uint32_t dropped_packets_ = 0;
  bool connected_ = false;
  bool ended_ = false;
  std::unique_ptr<dcsctp::DcSctpSocketInterface> socket_;
};

}  // namespace sora

#endif
