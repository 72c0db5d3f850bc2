// When a frame was captured, from the RTP header extension "absolute capture time".
#ifndef SORA_MEDIA_CAPTURE_TIME_H
#define SORA_MEDIA_CAPTURE_TIME_H

#include "api/rtp_packet_infos.h"

namespace sora {

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
