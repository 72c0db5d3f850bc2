// When a frame was captured: as the caller says, or the RTP header extension "absolute capture time".
#ifndef SORA_MEDIA_CAPTURE_TIME_H
#define SORA_MEDIA_CAPTURE_TIME_H

#include "api/rtp_packet_infos.h"
#include "core/result.h"

namespace sora {

// Microseconds on the caller's clock, or -1 when they are below 0; throws SORA_ERROR_INVALID_ARGUMENT for what is no time.
inline int64_t CallerTime(double timestamp_us) {
  constexpr double kMax = 9'007'199'254'740'991.0;  // beyond, a double no longer counts single microseconds
  Require(timestamp_us <= kMax, "timestamp_us must be at most 9,007,199,254,740,991");
  return timestamp_us >= 0 ? static_cast<int64_t>(timestamp_us) : -1;
}

// Unix time in milliseconds, or -1 when the sender did not say. The extension counts from 1900 in 32.32 fixed point.
inline double CaptureTimeMs(const webrtc::RtpPacketInfos& packets) {
  constexpr double kUnixEpochInNtpSeconds = 2'208'988'800.0;
  for (const auto& packet : packets) {
    if (const auto& time = packet.absolute_capture_time())
      return (static_cast<double>(time->absolute_capture_timestamp) / 4294967296.0 - kUnixEpochInNtpSeconds) * 1000.0;
  }
  return -1;
}

}  // namespace sora

#endif
