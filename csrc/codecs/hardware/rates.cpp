#include "codecs/hardware/rates.h"

#include <cmath>

namespace sora {
namespace {

bool Differs(double a, double b, double share) { return std::abs(a - b) > share * b; }

}  // namespace

bool RateControl::Due(int64_t now_ms) const {
  const double share = now_ms - applied_ms_ < kIntervalMs ? kSmall : 0.01;
  return Differs(wanted_.bits_per_second, applied_.bits_per_second, share) ||
         Differs(wanted_.frames_per_second, applied_.frames_per_second, share);
}

}  // namespace sora
