// The times of received frames, from their RTP timestamps.
#ifndef SORA_MEDIA_RTP_CLOCK_H
#define SORA_MEDIA_RTP_CLOCK_H

#include <cstdint>

namespace sora {

// Converts timestamps of 90 kHz, which wrap around, to microseconds: the first becomes its time of arrival, the others are
// spaced as they were captured.
class RtpClock {
 public:
  int64_t TimeUs(uint32_t rtp_timestamp, int64_t now_us) {
    if (!started_) {
      started_ = true;
      time_us_ = now_us;
    } else {
      ticks_ += static_cast<int32_t>(rtp_timestamp - last_);
    }
    last_ = rtp_timestamp;
    return time_us_ + ticks_ * 100 / 9;
  }

 private:
  bool started_ = false;
  uint32_t last_ = 0;
  int64_t time_us_ = 0;
  int64_t ticks_ = 0;
};

}  // namespace sora

#endif
