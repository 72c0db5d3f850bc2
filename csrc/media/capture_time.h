// When a frame was captured: as the caller says, or the RTP header extension "absolute capture time". A piece of sound tells its
// own time only with the packet that it came in, which holds more or less than is played at once: the times between follow
// from the RTP clock.
#ifndef SORA_MEDIA_CAPTURE_TIME_H
#define SORA_MEDIA_CAPTURE_TIME_H

#include <optional>

#include "api/rtp_packet_infos.h"
#include "core/result.h"
#include "system_wrappers/include/clock.h"

namespace sora {

constexpr double kMaxTimeUs = 9'007'199'254'740'991.0;  // beyond, a double no longer counts single microseconds

// Microseconds on the caller's clock, or -1 when they are below 0; throws SORA_ERROR_INVALID_ARGUMENT for what is no time.
inline int64_t CallerTime(double timestamp_us) {
  Require(timestamp_us <= kMaxTimeUs, "timestamp_us must be at most 9,007,199,254,740,991");
  return timestamp_us >= 0 ? static_cast<int64_t>(timestamp_us) : -1;
}

// The time on libwebrtc's clock that its senders write as this Unix time; below 0 before that clock began.
inline int64_t ClockTimeUs(double unix_ms) {
  const int64_t begin_ms = webrtc::Clock::GetRealTimeClock()->ConvertTimestampToNtpTime(webrtc::Timestamp::Zero()).ToMs() -
                           webrtc::kNtpJan1970 * 1'000LL;
  return static_cast<int64_t>((unix_ms - static_cast<double>(begin_ms)) * 1'000.0);
}

// Unix time in milliseconds. The extension counts from 1900 in 32.32 fixed point.
inline double CaptureTimeMs(const webrtc::AbsoluteCaptureTime& time) {
  return (static_cast<double>(time.absolute_capture_timestamp) / 4294967296.0 - webrtc::kNtpJan1970) * 1000.0;
}

// Unix time in milliseconds, or -1 when the sender did not say.
inline double CaptureTimeMs(const webrtc::RtpPacketInfos& packets) {
  for (const auto& packet : packets)
    if (const auto& time = packet.absolute_capture_time()) return CaptureTimeMs(*time);
  return -1;
}

// When the sound of one stream was captured.
class CaptureClock {
 public:
  // Learns from the packets that were decoded for a frame: they may begin before it or behind it.
  void See(const webrtc::RtpPacketInfos& packets) {
    for (const auto& packet : packets) {
      const auto& time = packet.absolute_capture_time();
      known_ = time ? std::optional<Known>({packet.rtp_timestamp(), CaptureTimeMs(*time)}) : std::nullopt;
    }
  }

  // Unix time in milliseconds of an RTP timestamp; -1 when unknown, as it is further than a second from the last packet.
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
