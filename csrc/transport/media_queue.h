// Media packets that wait for JavaScript to read them, as the records of sora_udp_port_read.
#ifndef SORA_TRANSPORT_MEDIA_QUEUE_H
#define SORA_TRANSPORT_MEDIA_QUEUE_H

#include <cstdint>
#include <span>
#include <vector>

namespace sora {

// Marks RTCP in the size of a packet, in what is read as in what is sent.
constexpr uint32_t kRtcpFlag = 0x8000'0000;

class MediaQueue {
 public:
  // Adds a packet, or drops it when too many wait. Returns whether their reader has to be told: it has read until there was
  // nothing, or never.
  bool Add(uint32_t transport, std::span<const uint8_t> packet, bool rtcp, double arrived_ms);
  // Moves as many whole records as fit; returns the bytes written. Throws SORA_ERROR_BUFFER_TOO_SMALL when the first does not fit.
  uint32_t Read(std::span<uint8_t> buffer);
  double dropped() const { return dropped_; }

 private:
  std::vector<uint8_t> records_;
  size_t read_ = 0;  // bytes of records_ that were read
  double dropped_ = 0;
  bool told_ = false;
};

}  // namespace sora

#endif
