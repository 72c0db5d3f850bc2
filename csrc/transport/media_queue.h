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
  // Adds a packet, or drops it when too many wait. Returns whether their reader has to be told now: it has read until there was
  // nothing, or never. Of packets that may wait it is told with the first that may not, once many bytes wait, or when they are due;
  // at once while it is slow.
  bool Add(uint32_t transport, std::span<const uint8_t> packet, bool rtcp, double arrived_ms, bool may_wait = false);
  // Whether the reader has to be told at this time of packets that have waited.
  bool Due(double now_ms) { return now_ms >= static_cast<double>(due_ms_) && Tell(now_ms); }
  // When that will be; INT64_MAX when there are none.
  int64_t due_ms() const { return due_ms_; }
  // Moves as many whole records as fit; returns the bytes written. Throws SORA_ERROR_BUFFER_TOO_SMALL when the first does not fit.
  uint32_t Read(std::span<uint8_t> buffer, double now_ms);
  double dropped() const { return dropped_; }

 private:
  bool Tell(double now_ms);

  std::vector<uint8_t> records_;
  size_t read_ = 0;  // bytes of records_ that were read
  double dropped_ = 0;
  bool told_ = false;
  double told_ms_ = 0;
  bool prompt_ = true;          // whether the reader was done soon after it was told
  int64_t due_ms_ = INT64_MAX;  // only before the reader is told
};

}  // namespace sora

#endif
