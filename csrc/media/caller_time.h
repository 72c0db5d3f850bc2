// Capture times of media to send, as the caller states them.
#ifndef SORA_MEDIA_CALLER_TIME_H
#define SORA_MEDIA_CALLER_TIME_H

#include <cstdint>

#include "core/result.h"
#include "system_wrappers/include/clock.h"

namespace sora {

constexpr double kMaxTimeUs = 9'007'199'254'740'991.0;  // beyond, a double no longer counts single microseconds

// Microseconds on the caller's clock, or -1 for any negative number; throws SORA_ERROR_INVALID_ARGUMENT for NaN and for what
// is too large.
inline int64_t CallerTime(double timestamp_us) {
  Require(timestamp_us <= kMaxTimeUs, "timestamp_us must be at most 9007199254740991");
  return timestamp_us >= 0 ? static_cast<int64_t>(timestamp_us) : -1;
}

// The time on libwebrtc's clock that its senders write as this Unix time; below 0 before that clock began.
inline int64_t ClockTimeUs(double unix_ms) {
  const int64_t begin_ms = webrtc::Clock::GetRealTimeClock()->ConvertTimestampToNtpTime(webrtc::Timestamp::Zero()).ToMs() -
                           webrtc::kNtpJan1970 * 1'000LL;
  return static_cast<int64_t>((unix_ms - static_cast<double>(begin_ms)) * 1'000.0);
}

}  // namespace sora

#endif
