// The packets that were sent under transport-wide sequence numbers, and what the peer's feedback says of them.
#ifndef SORA_TRANSPORT_SENT_PACKETS_H
#define SORA_TRANSPORT_SENT_PACKETS_H

#include <cstdint>
#include <vector>

#include "api/transport/network_types.h"

namespace webrtc::rtcp {
class TransportFeedback;
}

namespace sora {

class SentPackets {
 public:
  // Statuses that one feedback may have: what is sent in a second at 50 Mbit/s.
  static constexpr size_t kMaxStatuses = 4096;

  SentPackets();

  // The number of the next packet.
  uint16_t next() const { return static_cast<uint16_t>(next_); }
  // Remembers the packet that was sent under that number. size: with what the layers below add. probe: the number of its probe, 0
  // when it is none.
  void Add(size_t size, bool audio, int32_t probe, int64_t now_us);

  struct Acknowledged {
    webrtc::PacketResult result;
    int32_t probe;
  };
  // What is new about packets in a feedback, in the order of their numbers; valid until the next call.
  const std::vector<Acknowledged>& Resolve(const webrtc::rtcp::TransportFeedback& feedback, int64_t now_us);

  // Bytes on their way: neither acknowledged nor reported as lost.
  size_t in_flight() const { return in_flight_; }

 private:
  enum class State : uint8_t { kNone, kInFlight, kLost, kReceived };
  struct Entry {
    int64_t number = -1;
    int64_t sent_us = 0;
    int32_t probe = 0;
    uint16_t size = 0;
    bool audio = false;
    State state = State::kNone;
  };
  Entry& At(int64_t number) { return entries_[static_cast<size_t>(number) & (entries_.size() - 1)]; }
  void Grow();

  std::vector<Entry> entries_;  // a power of two
  int64_t next_ = 0;
  size_t in_flight_ = 0;
  std::vector<Acknowledged> acknowledged_;
  // The peer's clock: the latest time base that it named, and what it is on this side's.
  webrtc::Timestamp base_ = webrtc::Timestamp::MinusInfinity();
  webrtc::Timestamp offset_ = webrtc::Timestamp::MinusInfinity();
};

}  // namespace sora

#endif
