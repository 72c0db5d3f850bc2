// When a session of a driver is opened again after a failure, and when the user hears of it.
#ifndef SORA_CODECS_HARDWARE_ATTEMPTS_H
#define SORA_CODECS_HARDWARE_ATTEMPTS_H

#include <cstdint>
#include <optional>
#include <utility>

#include "codecs/hardware/failure.h"

namespace sora {

class Attempts {
 public:
  // A session is opened at most once in this time.
  static constexpr int64_t kIntervalMs = 1000;
  // So many failures in a row are reported.
  static constexpr int kMostFailures = 3;

  // Whether a session may be opened now, which counts as opened by that.
  bool MayOpen(int64_t now_ms) {
    if (opened_ms_ && now_ms - *opened_ms_ < kIntervalMs) return false;
    opened_ms_ = now_ms;
    return true;
  }

  void Succeeded() {
    failures_ = 0;
    reported_ = false;
  }

  // Whether the user is to hear of this failure: once until a success.
  bool Failed(HardwareFailure::Kind kind) {
    if (++failures_ < kMostFailures && kind == HardwareFailure::Kind::kPassing) return false;
    return !std::exchange(reported_, true);
  }

 private:
  std::optional<int64_t> opened_ms_;
  int failures_ = 0;
  bool reported_ = false;
};

}  // namespace sora

#endif
