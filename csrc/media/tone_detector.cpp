#include "media/tone_detector.h"

#include <algorithm>

namespace sora {
namespace {
constexpr double kMostOff = 0.0005;
// In samples, up to 4 ms, without common factors: two different frequencies cannot look alike at all of them.
constexpr size_t kLags[] = {61, 97, 37, 19, 7};
}  // namespace

bool ToneDetector::Next(const std::array<float, kFrames>& samples) {
  std::copy(heard_.begin() + kFrames, heard_.end(), heard_.begin());
  std::copy(samples.begin(), samples.end(), heard_.begin() + kFrames);
  return std::all_of(std::begin(kLags), std::end(kLags), [this](size_t lag) { return OffBy(lag) < kMostOff; });
}

// A sine, and only a sine, has x[n - lag] + x[n + lag] = c x[n] for each lag, with one c for all n. Takes the best c and returns
// the power of what is left, in proportion to the most that it can be.
double ToneDetector::OffBy(size_t lag) const {
  double pairs = 0, both = 0, power = 0;
  for (size_t n = lag; n + lag < heard_.size(); ++n) {
    const double pair = heard_[n - lag] + heard_[n + lag], sample = heard_[n];
    pairs += pair * pair;
    both += pair * sample;
    power += sample * sample;
  }
  return power > 0 ? (pairs - both * both / power) / (4 * power) : 1;
}

}  // namespace sora
