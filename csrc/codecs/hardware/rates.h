// The rates that a session is given: a change of them costs a call of the driver, and libwebrtc changes them many times a second.
#ifndef SORA_CODECS_HARDWARE_RATES_H
#define SORA_CODECS_HARDWARE_RATES_H

#include <cstdint>

namespace sora {

struct Rates {
  uint32_t bits_per_second = 0;
  double frames_per_second = 30;
};

class RateControl {
 public:
  // Small changes wait for so long after the last one; larger ones are passed on at once.
  static constexpr int64_t kIntervalMs = 300;
  static constexpr double kSmall = 0.1;

  void Want(Rates rates) { wanted_ = rates; }
  const Rates& wanted() const { return wanted_; }

  // A session was opened with the wanted rates.
  void Applied(int64_t now_ms) {
    applied_ = wanted_;
    applied_ms_ = now_ms;
  }

  // Whether the session is to be given the wanted rates now.
  bool Due(int64_t now_ms) const;

 private:
  Rates wanted_, applied_;
  int64_t applied_ms_ = 0;
};

}  // namespace sora

#endif
