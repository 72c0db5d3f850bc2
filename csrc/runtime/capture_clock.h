// The absolute capture time of received media (RTP header extension abs-capture-time).
#ifndef SORA_RUNTIME_CAPTURE_CLOCK_H
#define SORA_RUNTIME_CAPTURE_CLOCK_H

#include <optional>

#include "api/rtp_packet_infos.h"
#include "system_wrappers/include/clock.h"

namespace sora {

// Unix time in milliseconds. The extension counts from 1900 in 32.32 fixed point.
inline double CaptureTimeMs(const webrtc::AbsoluteCaptureTime& time) {
  return (static_cast<double>(time.absolute_capture_timestamp) / 4294967296.0 - webrtc::kNtpJan1970) * 1000.0;
}

// Unix time in milliseconds, or -1 when the sender did not state it.
inline double CaptureTimeMs(const webrtc::RtpPacketInfos& packets) {
  for (const auto& packet : packets)
    if (const auto& time = packet.absolute_capture_time()) return CaptureTimeMs(*time);
  return -1;
}

// When the audio of one stream was captured. Audio carries its time per packet, and a packet holds more or less than is
// played at once: the times in between follow from the RTP clock.
class CaptureClock {
 public:
  // Learns from the packets that were decoded for a block: they may begin before it or after it.
  void Update(const webrtc::RtpPacketInfos& packets) {
    for (const auto& packet : packets) {
      const auto& time = packet.absolute_capture_time();
      known_ = time ? std::optional<Known>({packet.rtp_timestamp(), CaptureTimeMs(*time)}) : std::nullopt;
    }
  }

  // Unix time in milliseconds of an RTP timestamp; -1 when unknown, also if it is more than a second from the last packet.
  double At(uint32_t rtp_timestamp) const {
    if (!known_) return -1;
    const auto ticks = static_cast<int32_t>(rtp_timestamp - known_->rtp_timestamp);
    return ticks > kTicksPerSecond || ticks < -kTicksPerSecond ? -1
                                                               : known_->capture_time_ms + ticks * 1000.0 / kTicksPerSecond;
  }

 private:
  static constexpr int32_t kTicksPerSecond = 48'000;  // of Opus at every rate (RFC 7587, section 4.1)
  struct Known {
    uint32_t rtp_timestamp;
    double capture_time_ms;
  };
  std::optional<Known> known_;
};

}  // namespace sora

#endif
